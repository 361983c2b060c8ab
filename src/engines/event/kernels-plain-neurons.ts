// The kernels of neurons and encoders, written to be read like those of kernels-plain.ts.
import type { KernelMemory } from './compiled-kernels.ts';
import { FIRE_MODES, type Kernels } from './kernels.ts';

const { fround } = Math;

type Round = (value: number) => number;
type Floats = Float32Array | Float64Array;

const exactly: Round = (value) => value;

type NeuronKernels = Pick<
  Kernels,
  'fireF32' | 'forecastI32' | 'sumI32' | 'fireF64' | 'fireI32' | 'affineF32' | 'affineF64' | 'encodeF32'
>;

/** What sums, compares, scales and fires, over a memory. */
export function plainNeuronKernels(memory: KernelMemory): NeuronKernels {
  const ints = (at: number) => new Int32Array(memory.buffer, at);
  const octets = (at: number) => new Uint8Array(memory.buffer, at);
  const floats = (at: number) => new Float32Array(memory.buffer, at);
  const doubles = (at: number) => new Float64Array(memory.buffer, at, (memory.buffer.byteLength - at) >> 3);

  return {
    fireF32(h, g, positions, stride, mode, low, high, scale, beta, amplitude, threshold, masks) {
      const [x, output] = [floats(h), floats(g)];
      const e = fround(scale);
      const f = trackedBy(
        mode,
        (c) => fround(floats(low)[c]! * e),
        (c) => fround(floats(high)[c]! * e),
      );
      emit(positions, stride, octets(masks), (i, c) => {
        const amplified = fround(fround(beta) * output[i]!);
        const o = fround(f(x[i]!, c) - amplified);
        const s = signOf(o, fround(threshold));
        output[i] = amplified + s * fround(amplitude);
        return s;
      });
    },

    forecastI32(known, h, before, earlier, earliest, n, ...factors) {
      const history = [h, before, earlier, earliest].map((at) => ints(at));
      for (let i = 0; i < n; i++) {
        ints(known)[i] = history.reduce((sum, values, m) => sum + factors[m]! * values[i]!, 0);
        ints(earliest)[i] = ints(h)[i]!;
      }
    },

    sumI32(u, positions, stride, sources, h0, h1, h2, h3, scale0, scale1, scale2, scale3, ...more) {
      const [bias, biasStride, share] = more;
      const h = [h0, h1, h2, h3].slice(0, sources).map(ints);
      const scales = [scale0, scale1, scale2, scale3].slice(0, sources).map(doubles);
      const sum = sumOf(h, scales, bias === 0 ? null : doubles(bias), biasStride, share, stride);
      const sums = doubles(u);
      for (let i = 0; i < positions * stride; i++) sums[i] = sum(i);
    },

    fireF64(u, g, positions, stride, mode, low, high, scale, beta, amplitude, threshold, ...more) {
      const [last, masks] = more;
      const [x, output] = [doubles(u), doubles(g)];
      const f = trackedBy(
        mode,
        (c) => doubles(low)[c]! * scale,
        (c) => doubles(high)[c]! * scale,
      );
      emit(positions, stride, octets(masks), (i, c) => {
        const amplified = beta * output[i]!;
        const s = integerSign(f(x[i]!, c) - amplified, threshold, last);
        output[i] = amplified + s * amplitude;
        return s;
      });
    },

    fireI32(sources, h0, h1, h2, h3, scale0, scale1, scale2, scale3, bias, share, g, ...more) {
      const [positions, stride, mode, low, high, scale, amplitude, threshold, last, , masks] = more;
      const h = [h0, h1, h2, h3].slice(0, sources).map(ints);
      const scales = [scale0, scale1, scale2, scale3].slice(0, sources).map(doubles);
      const sum = sumOf(h, scales, bias === 0 ? null : doubles(bias), 0, share, stride);
      const output = floats(g);
      const f = trackedBy(
        mode,
        (c) => doubles(low)[c]! * scale,
        (c) => doubles(high)[c]! * scale,
      );
      emit(positions, stride, octets(masks), (i, c) => {
        const amplified = 2 * output[i]!;
        const s = integerSign(f(sum(i), c) - amplified, threshold, last);
        output[i] = amplified + s * amplitude;
        return s;
      });
    },

    affineF32(u, positions, stride, scale, shift, prefix) {
      affine(floats(u), positions, stride, floats(scale), floats(shift), fround(prefix), fround);
    },
    affineF64(u, positions, stride, scale, shift, prefix) {
      affine(doubles(u), positions, stride, doubles(scale), doubles(shift), prefix, exactly);
    },

    encodeF32(u, input, n, beta, threshold, amplitude, masks) {
      const membrane = floats(u);
      emit(1, n, octets(masks), (i) => {
        let v = fround(fround(beta) * membrane[i]!);
        if (input !== 0) v = fround(v + floats(input)[i]!);
        const s = signOf(v, fround(threshold));
        membrane[i] = v - s * fround(amplitude);
        return s;
      });
    },
  };
}

function trackedBy(mode: number, low: (channel: number) => number, high: (channel: number) => number) {
  if (mode === FIRE_MODES.identity) return (x: number) => x;
  if (mode === FIRE_MODES.relu) return (x: number) => Math.max(x, 0);
  return (x: number, c: number) => Math.min(Math.max(x, low(c)), high(c));
}

function signOf(value: number, threshold: number): number {
  return value >= threshold ? 1 : value <= -threshold ? -1 : 0;
}

/** The spike of an integer neuron; at the last step a tie stays silent. */
function integerSign(o: number, threshold: number, last: number): number {
  return last && Math.abs(o) === threshold ? 0 : signOf(o, threshold);
}

/** The sum of an integer layer's sources by element, in their order. */
function sumOf(
  h: readonly Int32Array[],
  scales: readonly Float64Array[],
  bias: Float64Array | null,
  biasStride: number,
  share: number,
  stride: number,
): (i: number) => number {
  return (i) => {
    const c = i % stride;
    let sum = scales[0]![c]! * h[0]![i]!;
    for (let k = 1; k < h.length; k++) sum += scales[k]![c]! * h[k]![i]!;
    return bias === null ? sum : sum + bias[((i - c) / stride) * biasStride + c]! * share;
  };
}

/** Writes what `spikeOf` gives for each neuron. */
function emit(
  positions: number,
  stride: number,
  masks: Uint8Array,
  spikeOf: (element: number, channel: number) => number,
): void {
  for (let i = 0; i < positions * stride; i++) {
    if (i % 4 === 0) masks[i / 4] = 0;
    const s = spikeOf(i, i % stride);
    if (s !== 0) masks[i >> 2]! |= (s > 0 ? 1 : 17) << (i & 3);
  }
}

function affine(
  u: Floats,
  positions: number,
  stride: number,
  scale: Floats,
  shift: Floats,
  prefix: number,
  round: Round,
): void {
  for (let i = 0; i < positions * stride; i++) {
    const c = i % stride;
    u[i] = round(scale[c]! * u[i]!) + round(shift[c]! * prefix);
  }
}

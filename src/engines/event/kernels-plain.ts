// Every kernel written to be read, on the same memory: what the WebAssembly ones are tested against, bit for bit.
import { byteOf, COLUMN_LANES_F32, COLUMN_LANES_I8, columnRow } from './kernel-weights.ts';
import { FIRE_MODES, type KernelMemory, type Kernels } from './kernels.ts';

const { fround } = Math;

type Round = (value: number) => number;
type Floats = Float32Array | Float64Array;
type Numbers = Floats | Int32Array | Int8Array;

const exactly: Round = (value) => value;

/** The kernels over a memory, slowly. */
export function plainKernels(memory: KernelMemory): Kernels {
  const ints = (at: number) => new Int32Array(memory.buffer, at);
  const bytes = (at: number) => new Int8Array(memory.buffer, at);
  const floats = (at: number) => new Float32Array(memory.buffer, at);
  const doubles = (at: number) => new Float64Array(memory.buffer, at, (memory.buffer.byteLength - at) >> 3);

  return {
    gatherF32(starts, rows, height, width, channels, weights, stride, h, heightOut, widthOut, ...more) {
      const [kernelHeight, kernelWidth, sy, sx, dy, dx, top, left, , beta, first, bias, biasStride] = more;
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, channels };
      const window = [heightOut, widthOut, kernelHeight, kernelWidth, sy, sx, dy, dx, top, left] as const;
      const opening = { beta: first ? fround(beta) : 1, bias: bias === 0 ? null : floats(bias), biasStride };
      gather(spikes, floats(weights), stride, floats(h), opening, window);
    },
    columnsF32(starts, rows, height, width, channels, weights, stride, h, widthOut, kernelWidth, ...more) {
      const [strideX, padLeft, beta, first, bias, biasStride] = more;
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, channels };
      const window = [height, widthOut, 3, kernelWidth, 1, strideX, 1, 1, 1, padLeft] as const;
      const opening = { beta: first ? fround(beta) : 1, bias: bias === 0 ? null : floats(bias), biasStride };
      const w = columnar(floats(weights), kernelWidth, 2 * channels, stride, COLUMN_LANES_F32);
      gather(spikes, w, stride, floats(h), opening, window);
    },

    gatherI8(starts, rows, height, width, channels, weights, stride, h, heightOut, widthOut, ...more) {
      const [kernelHeight, kernelWidth, sy, sx, dy, dx, top, left, , first] = more;
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, channels };
      const window = [heightOut, widthOut, kernelHeight, kernelWidth, sy, sx, dy, dx, top, left] as const;
      const opening = { beta: first ? 2 : 1, bias: null, biasStride: 0 };
      const length = kernelHeight * kernelWidth * 2 * channels * stride;
      const w = unpacked(bytes(weights).subarray(0, length), stride);
      gather(spikes, w, stride, ints(h), opening, window);
    },
    columnsI8(starts, rows, height, width, channels, weights, stride, h, widthOut, kernelWidth, ...more) {
      const [strideX, padLeft, first] = more;
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, channels };
      const window = [height, widthOut, 3, kernelWidth, 1, strideX, 1, 1, 1, padLeft] as const;
      const opening = { beta: first ? 2 : 1, bias: null, biasStride: 0 };
      const w = columnar(bytes(weights), kernelWidth, 2 * channels, stride, COLUMN_LANES_I8);
      gather(spikes, unpacked(w, stride), stride, ints(h), opening, window);
    },

    scatterF32(starts, rows, height, width, channels, group, weights, perGroup, stride, h, ...window) {
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, channels };
      scatter(spikes, group, floats(weights), perGroup, stride, floats(h), window);
    },
    scatterI8(starts, rows, height, width, channels, group, weights, perGroup, stride, h, ...window) {
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, channels };
      scatter(spikes, group, bytes(weights), perGroup, stride, ints(h), window);
    },

    scaleF32(h, n, beta) {
      const potentials = floats(h);
      for (let i = 0; i < n; i++) potentials[i]! *= fround(beta);
    },
    doubleI32(h, n) {
      const potentials = ints(h);
      for (let i = 0; i < n; i++) potentials[i]! *= 2;
    },

    tableF32(starts, rows, positions, channels, offsets, targets, weights, h) {
      const synapses = { offsets: ints(offsets), targets: ints(targets), weights: floats(weights) };
      table(ints(starts), ints(rows), positions, channels, synapses, floats(h));
    },
    tableI32(starts, rows, positions, channels, offsets, targets, weights, h) {
      const synapses = { offsets: ints(offsets), targets: ints(targets), weights: ints(weights) };
      table(ints(starts), ints(rows), positions, channels, synapses, ints(h));
    },

    oneToOneF32(starts, rows, positions, targets, weights, h) {
      const spikes = ints(rows).subarray(0, ints(starts)[positions]!);
      for (const row of spikes) floats(h)[ints(targets)[row]!]! += floats(weights)[row]!;
    },
    oneToOneI32(starts, rows, positions, targets, weights, h) {
      const spikes = ints(rows).subarray(0, ints(starts)[positions]!);
      for (const row of spikes) ints(h)[ints(targets)[row]!]! += ints(weights)[row]!;
    },

    channelwiseF32(starts, rows, positions, bits, stride, targets, weights, h) {
      const spikes = ints(rows).subarray(0, ints(starts)[positions]!);
      channelwise(spikes, bits, stride, ints(targets), floats(weights), floats(h));
    },
    channelwiseI32(starts, rows, positions, bits, stride, targets, weights, h) {
      const spikes = ints(rows).subarray(0, ints(starts)[positions]!);
      channelwise(spikes, bits, stride, ints(targets), ints(weights), ints(h));
    },

    fireF32(
      h,
      g,
      positions,
      channels,
      stride,
      mode,
      low,
      high,
      scale,
      beta,
      amplitude,
      threshold,
      ...spikes
    ) {
      const [x, output] = [floats(h), floats(g)];
      const e = fround(scale);
      const f = trackedBy(
        mode,
        (c) => fround(floats(low)[c]! * e),
        (c) => fround(floats(high)[c]! * e),
      );
      return emit(positions, channels, stride, ints(spikes[0]), ints(spikes[1]), (i, c) => {
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

    fireF64(u, g, positions, channels, stride, mode, low, high, scale, beta, amplitude, threshold, ...more) {
      const [last, starts, rows] = more;
      const [x, output] = [doubles(u), doubles(g)];
      const f = trackedBy(
        mode,
        (c) => doubles(low)[c]! * scale,
        (c) => doubles(high)[c]! * scale,
      );
      return emit(positions, channels, stride, ints(starts), ints(rows), (i, c) => {
        const amplified = beta * output[i]!;
        const s = integerSign(f(x[i]!, c) - amplified, threshold, last);
        output[i] = amplified + s * amplitude;
        return s;
      });
    },

    fireI32(sources, h0, h1, h2, h3, scale0, scale1, scale2, scale3, bias, share, g, ...more) {
      const [
        positions,
        channels,
        stride,
        mode,
        low,
        high,
        scale,
        amplitude,
        threshold,
        last,
        ,
        starts,
        rows,
      ] = more;
      const h = [h0, h1, h2, h3].slice(0, sources).map(ints);
      const scales = [scale0, scale1, scale2, scale3].slice(0, sources).map(doubles);
      const sum = sumOf(h, scales, bias === 0 ? null : doubles(bias), 0, share, stride);
      const output = floats(g);
      const f = trackedBy(
        mode,
        (c) => doubles(low)[c]! * scale,
        (c) => doubles(high)[c]! * scale,
      );
      return emit(positions, channels, stride, ints(starts), ints(rows), (i, c) => {
        const amplified = 2 * output[i]!;
        const s = integerSign(f(sum(i), c) - amplified, threshold, last);
        output[i] = amplified + s * amplitude;
        return s;
      });
    },

    poolMaxF32(h, height, width, stride, u, ...window) {
      poolMax(floats(h), height, width, stride, floats(u), window);
    },
    poolMaxF64(h, height, width, stride, u, ...window) {
      poolMax(doubles(h), height, width, stride, doubles(u), window);
    },

    affineF32(u, positions, stride, scale, shift, prefix) {
      affine(floats(u), positions, stride, floats(scale), floats(shift), fround(prefix), fround);
    },
    affineF64(u, positions, stride, scale, shift, prefix) {
      affine(doubles(u), positions, stride, doubles(scale), doubles(shift), prefix, exactly);
    },

    encodeF32(u, input, positions, channels, stride, beta, threshold, amplitude, starts, rows) {
      const membrane = floats(u);
      return emit(positions, channels, stride, ints(starts), ints(rows), (i) => {
        let v = fround(fround(beta) * membrane[i]!);
        if (input !== 0) v = fround(v + floats(input)[i]!);
        const s = signOf(v, fround(threshold));
        membrane[i] = v - s * fround(amplitude);
        return s;
      });
    },

    countSpikes(rows, count, counts) {
      for (const row of ints(rows).subarray(0, count)) ints(counts)[row]!++;
    },

    clear(pointer, count) {
      bytes(pointer).fill(0, 0, count);
    },
  };
}

/** The spikes of a position: c for +1, C + c for -1. */
function spikesAt(starts: Int32Array, rows: Int32Array, position: number, channels: number): number[] {
  const here = rows.subarray(starts[position]!, starts[position + 1]!);
  return Array.from(here, (row) => row - 2 * channels * position);
}

/** What output p sees of a plane: taps and the positions under them. */
function windowOver(
  kh: number,
  kw: number,
  sy: number,
  sx: number,
  dy: number,
  dx: number,
  top: number,
  left: number,
) {
  return (p: number, widthOut: number, height: number, width: number) => {
    const seen: { readonly tap: number; readonly position: number }[] = [];
    for (let tap = 0; tap < kh * kw; tap++) {
      const y = Math.floor(p / widthOut) * sy + Math.floor(tap / kw) * dy - top;
      const x = (p % widthOut) * sx + (tap % kw) * dx - left;
      if (y >= 0 && y < height && x >= 0 && x < width) seen.push({ tap, position: y * width + x });
    }
    return seen;
  };
}

type WindowArguments = readonly [
  heightOut: number,
  widthOut: number,
  kernelHeight: number,
  kernelWidth: number,
  strideY: number,
  strideX: number,
  dilationY: number,
  dilationX: number,
  padTop: number,
  padLeft: number,
];

interface Spikes {
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Sums in the kernel's order: for each output by tap, then by spike; each sum is rounded as it is stored. */
function gather(
  spikes: Spikes,
  weights: Numbers,
  stride: number,
  h: Numbers,
  opening: { readonly beta: number; readonly bias: Floats | null; readonly biasStride: number },
  [heightOut, widthOut, ...window]: WindowArguments,
): void {
  const { starts, rows, height, width, channels } = spikes;
  const { beta, bias, biasStride } = opening;
  const seen = windowOver(...window);
  for (let p = 0; p < heightOut * widthOut; p++) {
    const list = seen(p, widthOut, height, width).flatMap(({ tap, position }) =>
      spikesAt(starts, rows, position, channels).map((row) => tap * 2 * channels + row),
    );
    for (let c = 0; c < stride; c++) {
      const i = p * stride + c;
      h[i]! *= beta;
      if (bias !== null) h[i]! += bias[p * biasStride + c]!;
      for (const row of list) h[i]! += weights[row * stride + c]!;
    }
  }
}

/** Rows of columns as gathers have them. */
function columnar<A extends Float32Array | Int8Array>(
  packed: A,
  kernelWidth: number,
  rows: number,
  stride: number,
  lanes: number,
): A {
  const plain = packed.slice(0, 3 * kernelWidth * rows * stride) as A;
  return plain.map((_, i) => {
    const c = i % stride;
    const row = Math.floor(i / stride) % rows;
    const tap = Math.floor(i / stride / rows);
    return packed[columnRow(c, tap, row, rows, kernelWidth, lanes) + (c % lanes)]!;
  }) as A;
}

/** Weights of gatherI8 channel by channel, as they are. */
function unpacked(packed: Int8Array, stride: number): Int8Array {
  const paired = stride - (stride % 16);
  return packed.map((_, i) => {
    const c = i % stride;
    const byte = byteOf(c, paired);
    const stored = packed[i - c + byte]!;
    return c < paired && byte % 2 === 0 ? (stored & 255) - 128 : stored;
  });
}

/** Sums in the kernel's order: for each output by position, then by spike. */
function scatter(
  spikes: Spikes,
  group: number,
  weights: Numbers,
  perGroup: number,
  stride: number,
  h: Numbers,
  [heightOut, widthOut, ...window]: WindowArguments,
): void {
  const { starts, rows, height, width, channels } = spikes;
  const seen = windowOver(...window);
  for (let p = 0; p < heightOut * widthOut; p++) {
    for (const { tap, position } of seen(p, widthOut, height, width)) {
      for (const row of spikesAt(starts, rows, position, channels)) {
        const target = p * stride + Math.floor(((row % channels) * group) / channels) * perGroup;
        for (let i = 0; i < perGroup; i++) {
          h[target + i]! += weights[(tap * 2 * channels + row) * perGroup + i]!;
        }
      }
    }
  }
}

function table(
  starts: Int32Array,
  rows: Int32Array,
  positions: number,
  channels: number,
  synapses: { readonly offsets: Int32Array; readonly targets: Int32Array; readonly weights: Numbers },
  h: Numbers,
): void {
  const { offsets, targets, weights } = synapses;
  for (let p = 0; p < positions; p++) {
    for (const row of spikesAt(starts, rows, p, channels)) {
      const element = p * channels + (row % channels);
      const sign = row < channels ? 1 : -1;
      for (let k = offsets[element]!; k < offsets[element + 1]!; k++) h[targets[k]!]! += sign * weights[k]!;
    }
  }
}

function channelwise(
  spikes: Int32Array,
  bits: number,
  stride: number,
  targets: Int32Array,
  weights: Numbers,
  h: Numbers,
): void {
  for (const row of spikes) {
    const channel = row % 2 ** bits;
    h[((row - channel) / 2 ** bits) * stride + targets[channel]!]! += weights[channel]!;
  }
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

/** Writes what `spikeOf` gives for each neuron, and returns how many spiked. */
function emit(
  positions: number,
  channels: number,
  stride: number,
  starts: Int32Array,
  rows: Int32Array,
  spikeOf: (element: number, channel: number) => number,
): number {
  let count = 0;
  for (let p = 0; p < positions; p++) {
    starts[p] = count;
    for (let c = 0; c < channels; c++) {
      const s = spikeOf(p * stride + c, c);
      if (s !== 0) rows[count++] = 2 * channels * p + (s > 0 ? c : channels + c);
    }
  }
  starts[positions] = count;
  return count;
}

function poolMax(
  h: Floats,
  height: number,
  width: number,
  stride: number,
  u: Floats,
  [heightOut, widthOut, ...window]: WindowArguments,
): void {
  const seen = windowOver(...window);
  for (let p = 0; p < heightOut * widthOut; p++) {
    const positions = seen(p, widthOut, height, width).map(({ position }) => position);
    for (let c = 0; c < stride; c++) {
      u[p * stride + c] = Math.max(...positions.map((position) => h[position * stride + c]!));
    }
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

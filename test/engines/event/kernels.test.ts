// The kernels against their plain twins, bit for bit, and against what the rest of the toolkit computes: convolutions and
// pools by the operators, neurons and encoders by their populations.
import { describe, expect, it } from 'vitest';
import { constantCurrent, css } from '../../../src/encoders/index.ts';
import { encoderConstants, SpikeEncoder } from '../../../src/encoders/spike-encoder.ts';
import {
  gatherWeightsF32,
  gatherWeightsI8,
  scatterWeights,
} from '../../../src/engines/event/kernel-weights.ts';
import { FIRE_MODES } from '../../../src/engines/event/kernels.ts';
import { neuronNamed } from '../../../src/neurons/index.ts';
import {
  biasShare,
  prefixAt,
  singleThresholdAt,
  TsaPopulation,
  thresholdAt,
} from '../../../src/neurons/tsa.ts';
import { IntegerTsaPopulation } from '../../../src/neurons/tsa-integer.ts';
import { opNamed } from '../../../src/ops/index.ts';
import { sizeOf, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { TwoMemories } from './two-memories.ts';

const OUTPUTS = [1, 3, 4, 10, 16, 17, 64, 100, 128];

interface Geometry {
  readonly name: string;
  readonly plane: readonly [height: number, width: number];
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads?: readonly [number, number, number, number];
}

const GEOMETRIES: readonly Geometry[] = [
  { name: 'one position', plane: [1, 1], kernel: [1, 1] },
  { name: '1x1', plane: [3, 4], kernel: [1, 1] },
  { name: '1x1 stride 2', plane: [5, 4], kernel: [1, 1], strides: [2, 2] },
  { name: '3x3 same', plane: [4, 5], kernel: [3, 3], pads: [1, 1, 1, 1] },
  { name: '3x3 stride 2, pads 0 and 1', plane: [6, 5], kernel: [3, 3], strides: [2, 2], pads: [0, 1, 1, 0] },
  { name: '3x3 dilation 2', plane: [6, 5], kernel: [3, 3], dilations: [2, 2], pads: [2, 2, 2, 2] },
  { name: '5x5 pads 3 and 1', plane: [5, 6], kernel: [5, 5], pads: [3, 1, 0, 2] },
  {
    name: '3x2, strides 1 and 2, dilations 1 and 3',
    plane: [5, 7],
    kernel: [3, 2],
    strides: [1, 2],
    dilations: [1, 3],
    pads: [2, 0, 1, 1],
  },
];

/** Numbers in [0, 1), the same at every run. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A step's spikes as -1, 0 and 1, [positions][channels], and as lists. */
function spikesOf(positions: number, channels: number, rate: number, next: () => number) {
  const dense = Int8Array.from({ length: positions * channels }, () =>
    next() < rate ? (next() < 0.3 ? -1 : 1) : 0,
  );
  return { dense, ...listsOf(dense, positions, channels) };
}

function listsOf(dense: ArrayLike<number>, positions: number, channels: number) {
  const starts = new Int32Array(positions + 1);
  const rows: number[] = [];
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < channels; c++) {
      const s = dense[p * channels + c]!;
      if (s !== 0) rows.push(s > 0 ? c : channels + c);
    }
    starts[p + 1] = rows.length;
  }
  return { starts, rows: Int32Array.from(rows) };
}

/** [C, H, W] of [positions][stride]. */
function channelsFirst(
  values: ArrayLike<number>,
  positions: number,
  channels: number,
  stride = channels,
): Float64Array {
  return Float64Array.from(
    { length: channels * positions },
    (_, i) => values[(i % positions) * stride + Math.floor(i / positions)]!,
  );
}

function attributesOf({ kernel, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0] }: Geometry) {
  return { kernelShape: kernel, strides, dilations, pads, autoPad: 'NOTSET', ceilMode: false } as const;
}

function layOut(geometry: Geometry) {
  const { kernelShape: k, strides: s, dilations: d, pads } = attributesOf(geometry);
  const [height, width] = geometry.plane;
  const [heightOut, widthOut] = [0, 1].map((axis) => {
    const padded = geometry.plane[axis]! + pads[axis]! + pads[axis + 2]!;
    return Math.floor((padded - (k[axis]! - 1) * d[axis]! - 1) / s[axis]!) + 1;
  }) as [number, number];
  return {
    height,
    width,
    heightOut,
    widthOut,
    positions: height * width,
    outputs: heightOut * widthOut,
    window: [heightOut, widthOut, k[0], k[1], s[0], s[1], d[0], d[1], pads[0], pads[1]] as const,
  };
}

/** The convolution of a step's spikes by the operator: [C_out, H_out, W_out]. */
function convolved(geometry: Geometry, dense: Int8Array, weights: Tensor, group: number): ArrayLike<number> {
  const { positions, height, width } = layOut(geometry);
  const channels = weights.shape[1]! * group;
  const x = tensor('float64', [1, channels, height, width], channelsFirst(dense, positions, channels));
  const w = tensor('float64', weights.shape, Float64Array.from(weights.data));
  const { ceilMode: _, ...attributes } = attributesOf(geometry);
  return opNamed('Conv')!.evaluate({ ...attributes, group }, [x, w])[0]!.data;
}

function whole(
  shape: readonly number[],
  dtype: 'int8' | 'float32',
  next: () => number,
  largest = 127,
): Tensor {
  const values = Array.from({ length: sizeOf(shape) }, () => Math.round((2 * next() - 1) * largest));
  return dtype === 'int8'
    ? tensor('int8', shape, Int8Array.from(values))
    : tensor('float32', shape, Float32Array.from(values));
}

function real(shape: readonly number[], next: () => number): Tensor {
  return tensor(
    'float32',
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * next() - 1),
  );
}

const roundUp = (n: number, step: number) => Math.ceil(n / step) * step;

describe.each(GEOMETRIES)('gather, $name', (geometry) => {
  const { height, width, positions, outputs, window } = layOut(geometry);
  const taps = sizeOf(geometry.kernel);
  const channels = 5;

  it.each(OUTPUTS)('float32, %i channels: the twin, whatever the numbers', (filters) => {
    const next = uniform(filters);
    const stride = roundUp(filters, 4);
    const two = new TwoMemories(1 << 20);
    const spikes = spikesOf(positions, channels, 0.4, next);
    const [starts, rows] = [two.put(spikes.starts), two.put(spikes.rows)];
    const weights = two.put(gatherWeightsF32(real([filters, channels, ...geometry.kernel], next), stride));
    const h = two.put(real([outputs * stride], next).data as Float32Array);
    const list = two.take(taps * channels * 4);
    const perChannel = two.put(real([stride], next).data as Float32Array);
    const perElement = two.put(real([outputs * stride], next).data as Float32Array);
    const before = [starts, rows, height, width, channels, weights, stride, h, ...window, list] as const;
    for (const more of [
      [1 / 1.5, 1, 0, 0],
      [1.5, 0, 0, 0],
      [1.5, 1, perChannel, 0],
      [1.5, 0, perElement, stride],
      [1.5, 1, perElement, stride],
    ] as const) {
      two.run((kernels) => kernels.gatherF32(...before, ...more));
      two.expectSame(Float32Array, h, outputs * stride);
    }
  });

  it.each(OUTPUTS)('whole numbers, %i channels: both kernels give the convolution', (filters) => {
    const next = uniform(filters + 1000);
    const two = new TwoMemories(1 << 20);
    const spikes = spikesOf(positions, channels, 0.4, next);
    const [starts, rows] = [two.put(spikes.starts), two.put(spikes.rows)];
    const weights = whole([filters, channels, ...geometry.kernel], 'int8', next);
    const list = two.take(taps * channels * 4);
    const z = convolved(geometry, spikes.dense, weights, 1);

    const [single, eight] = [roundUp(filters, 4), roundUp(filters, 8)];
    const floats = two.put(gatherWeightsF32(weights, single));
    const ints = two.put(gatherWeightsI8(weights, eight));
    const before = (stride: number) =>
      Float64Array.from({ length: outputs * stride }, (_, i) => (i % stride < filters ? (i * 7) % 1000 : 0));
    const hf = two.put(Float32Array.from(before(single)));
    const hi = two.put(Int32Array.from(before(eight)));
    two.run((k) =>
      k.gatherF32(starts, rows, height, width, channels, floats, single, hf, ...window, list, 2, 1, 0, 0),
    );
    two.run((k) => k.gatherI8(starts, rows, height, width, channels, ints, eight, hi, ...window, list, 1));
    const wanted = (stride: number) =>
      channelsFirst(before(stride), outputs, filters, stride).map((value, i) => 2 * value + z[i]!);
    const f = two.expectSame(Float32Array, hf, outputs * single);
    const i = two.expectSame(Int32Array, hi, outputs * eight);
    expect(channelsFirst(f, outputs, filters, single)).toEqual(wanted(single));
    expect(channelsFirst(i, outputs, filters, eight)).toEqual(wanted(eight));
    // A second connection of the step adds to it; padding stays 0.
    two.run((k) => k.gatherI8(starts, rows, height, width, channels, ints, eight, hi, ...window, list, 0));
    const twice = two.expectSame(Int32Array, hi, outputs * eight);
    expect(channelsFirst(twice, outputs, filters, eight)).toEqual(
      wanted(eight).map((value, k) => value + z[k]!),
    );
    expect(twice.every((value, k) => k % eight < filters || value === 0)).toBe(true);
  });
});

it.each([255, 256, 257, 512, 600])(
  'gather of %i rows of extreme 8-bit weights does not overflow',
  (count) => {
    const two = new TwoMemories(1 << 20);
    for (const filters of [16, 64, 104]) {
      const weights = tensor('int8', [filters, count, 1, 1], new Int8Array(filters * count));
      for (let i = 0; i < weights.data.length; i++)
        weights.data[i] = Math.floor(i / count) % 3 === 0 ? -127 : 127;
      const packed = two.put(gatherWeightsI8(weights, filters));
      for (const sign of [1, -1]) {
        const spikes = listsOf(new Int8Array(count).fill(sign), 1, count);
        const [starts, rows] = [two.put(spikes.starts), two.put(spikes.rows)];
        const h = two.put(new Int32Array(filters));
        const list = two.take(count * 4);
        const window = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0] as const;
        two.run((k) => k.gatherI8(starts, rows, 1, 1, count, packed, filters, h, ...window, list, 1));
        const sums = two.expectSame(Int32Array, h, filters);
        expect([...sums]).toEqual(
          Array.from({ length: filters }, (_, c) => sign * count * (c % 3 === 0 ? -127 : 127)),
        );
      }
    }
  },
);

describe.each(GEOMETRIES)('scatter, $name', (geometry) => {
  const { height, width, positions, outputs, window } = layOut(geometry);

  it.each([
    { group: 1, perGroup: 10, fan: 5 },
    { group: 6, perGroup: 1, fan: 1 },
    { group: 17, perGroup: 1, fan: 1 },
    { group: 3, perGroup: 2, fan: 1 },
    { group: 3, perGroup: 1, fan: 2 },
    { group: 2, perGroup: 17, fan: 3 },
    { group: 2, perGroup: 8, fan: 4 },
  ])('group $group with $fan to $perGroup channels', ({ group, perGroup, fan }) => {
    const next = uniform(group * 100 + perGroup);
    const [channels, filters] = [group * fan, group * perGroup];
    const two = new TwoMemories(1 << 20);
    const spikes = spikesOf(positions, channels, 0.4, next);
    const [starts, rows] = [two.put(spikes.starts), two.put(spikes.rows)];
    const shape = [filters, fan, ...geometry.kernel];
    for (const dtype of ['float32', 'int8'] as const) {
      const stride = roundUp(filters, dtype === 'float32' ? 4 : 8);
      const array = dtype === 'float32' ? Float32Array : Int32Array;
      const weights = whole(shape, dtype, next);
      const packed = two.put(scatterWeights(weights, group));
      const h = two.put(new array(outputs * stride));
      const kernel = dtype === 'float32' ? 'scatterF32' : 'scatterI8';
      two.run((k) =>
        k[kernel](starts, rows, height, width, channels, group, packed, perGroup, stride, h, ...window),
      );
      const found = two.expectSame(array, h, outputs * stride);
      const z = convolved(geometry, spikes.dense, weights, group);
      expect(channelsFirst(found, outputs, filters, stride)).toEqual(Float64Array.from(z));
    }
    const stride = roundUp(filters, 4);
    const packed = two.put(scatterWeights(real(shape, next), group));
    const h = two.put(real([outputs * stride], next).data as Float32Array);
    two.run((k) =>
      k.scatterF32(starts, rows, height, width, channels, group, packed, perGroup, stride, h, ...window),
    );
    two.expectSame(Float32Array, h, outputs * stride);
  });
});

it.each(['float32', 'int32'] as const)('table, %s: every synapse of every spike', (dtype) => {
  const next = uniform(3);
  const [positions, channels, elements] = [7, 5, 24];
  const two = new TwoMemories(1 << 20);
  const spikes = spikesOf(positions, channels, 0.5, next);
  const fans = Array.from({ length: positions * channels }, () => Math.floor(next() * 5));
  const offsets = Int32Array.from([0, ...fans]).map((_, i) => fans.slice(0, i).reduce((a, b) => a + b, 0));
  const synapses = offsets.at(-1)!;
  const targets = Int32Array.from({ length: synapses }, () => Math.floor(next() * elements));
  const array = dtype === 'float32' ? Float32Array : Int32Array;
  const weights = array.from({ length: synapses }, () => Math.round((next() - 0.5) * 2000));
  const wanted = new Float64Array(elements);
  spikes.dense.forEach((s, element) => {
    for (let k = offsets[element]!; k < offsets[element + 1]!; k++) wanted[targets[k]!]! += s * weights[k]!;
  });
  const h = two.put(new array(elements));
  const [starts, rows, o, t, w] = [spikes.starts, spikes.rows, offsets, targets, weights].map((data) =>
    two.put(data),
  );
  const kernel = dtype === 'float32' ? 'tableF32' : 'tableI32';
  two.run((k) => k[kernel](starts!, rows!, positions, channels, o!, t!, w!, h));
  expect(Float64Array.from(two.expectSame(array, h, elements))).toEqual(wanted);
});

it('scales, doubles, clears and counts', () => {
  const next = uniform(4);
  const two = new TwoMemories(1 << 20);
  const f = two.put(real([20], next).data as Float32Array);
  two.run((k) => k.scaleF32(f, 20, 1 / 1.5));
  two.expectSame(Float32Array, f, 20);
  const i = two.put(Int32Array.from({ length: 12 }, (_, n) => n - 5));
  two.run((k) => k.doubleI32(i, 12));
  expect([...two.expectSame(Int32Array, i, 12)]).toEqual(Array.from({ length: 12 }, (_, n) => 2 * (n - 5)));
  two.run((k) => k.clear(i, 48));
  expect([...two.expectSame(Int32Array, i, 12)]).toEqual(new Array(12).fill(0));
  const spikes = spikesOf(6, 5, 0.5, next);
  const counts = two.put(new Int32Array(30).fill(2));
  const [starts, rows] = [two.put(spikes.starts), two.put(spikes.rows)];
  two.run((k) => k.countSpikes(starts, rows, 6, 5, counts));
  expect([...two.expectSame(Int32Array, counts, 30)]).toEqual(
    Array.from(spikes.dense, (s) => 2 + Math.abs(s)),
  );
});

describe.each(['float32', 'float64'] as const)('potentials, %s', (dtype) => {
  const array = dtype === 'float32' ? Float32Array : Float64Array;
  const suffix = dtype === 'float32' ? 'F32' : 'F64';

  it.each(GEOMETRIES)('max-pool, $name', (geometry) => {
    const next = uniform(5);
    const { height, width, positions, outputs, window } = layOut(geometry);
    const [channels, stride] = [9, 12];
    const two = new TwoMemories(1 << 20);
    const potentials = array.from({ length: positions * stride }, () => 2 * next() - 1.5);
    const h = two.put(potentials);
    const u = two.take(outputs * stride * array.BYTES_PER_ELEMENT);
    two.run((k) => k[`poolMax${suffix}`](h, height, width, stride, u, ...window));
    const found = two.expectSame(array, u, outputs * stride);
    const x = tensor(
      'float64',
      [1, channels, height, width],
      channelsFirst(potentials, positions, channels, stride),
    );
    const pooled = opNamed('MaxPool')!.evaluate(attributesOf(geometry), [x])[0]!;
    expect(channelsFirst(found, outputs, channels, stride)).toEqual(pooled.data);
  });

  it('scale and shift of each channel', () => {
    const next = uniform(6);
    const two = new TwoMemories(1 << 20);
    const [scale, shift] = [0, 1].map(() => two.put(array.from({ length: 12 }, () => 2 * next() - 1))) as [
      number,
      number,
    ];
    const u = two.put(array.from({ length: 60 }, () => 2 * next() - 1));
    two.run((k) => k[`affine${suffix}`](u, 5, 12, scale, shift, prefixAt(3, 8, 1.5)));
    two.expectSame(array, u, 60);
  });
});

const NEURONS = [
  { neuron: 'tsa-identity', mode: FIRE_MODES.identity },
  { neuron: 'tsa-relu', mode: FIRE_MODES.relu },
  { neuron: 'tsa-clip', mode: FIRE_MODES.bounds, low: 0.25, high: 6 },
  { neuron: 'tsa-clip', mode: FIRE_MODES.bounds, low: Number.NEGATIVE_INFINITY, high: 3 },
] as const;
const LAYERS = [
  { positions: 1, channels: 1 },
  { positions: 3, channels: 10 },
  { positions: 2, channels: 32 },
  { positions: 2, channels: 100 },
];

describe.each(LAYERS)('$positions positions of $channels neurons', ({ positions, channels }) => {
  describe.each(NEURONS)('$neuron, low $low', ({ neuron, mode, ...bounds }) => {
    const perNeuron = (array: Float32ArrayConstructor | Float64ArrayConstructor) => ({
      neuron: neuronNamed(neuron),
      ...('low' in bounds
        ? {
            parameters: {
              low: new array(positions * channels).fill(bounds.low),
              high: new array(positions * channels).fill(bounds.high),
            },
          }
        : {}),
    });
    const boundsIn = (
      two: TwoMemories,
      array: Float32ArrayConstructor | Float64ArrayConstructor,
      stride: number,
    ) =>
      'low' in bounds
        ? [two.put(new array(stride).fill(bounds.low)), two.put(new array(stride).fill(bounds.high))]
        : [0, 0];

    it.each([
      { T: 8, Ts: 2, beta: 1.5, phi: 1 / 2 },
      { T: 4, Ts: 3, beta: 2, phi: 2 / 3 },
    ])('fires as TsaPopulation does: T $T, Ts $Ts, beta $beta', (coding) => {
      const next = uniform(channels);
      const { T, Ts, beta } = coding;
      const stride = roundUp(channels, 4);
      const n = positions * stride;
      const two = new TwoMemories(1 << 20);
      const population = new TsaPopulation(
        { ...perNeuron(Float32Array), ...coding },
        positions * channels,
        positions * channels,
      );
      const g = two.put(new Float32Array(n));
      const [low, high] = boundsIn(two, Float32Array, stride) as [number, number];
      const h = new Float32Array(n);
      let total = 0;
      for (let t = 1; t <= T + Ts; t++) {
        const z = Float32Array.from({ length: positions * channels }, () => 2 * next() - 0.8);
        const spikes = new Float32Array(positions * channels);
        population.step(t, z, spikes);
        for (let i = 0; i < n; i++) {
          const current =
            t <= T && i % stride < channels ? z[Math.floor(i / stride) * channels + (i % stride)]! : 0;
          h[i] = Math.fround(Math.fround(beta) * h[i]!) + current;
        }
        if (t <= Ts) continue;
        const at = two.put(h);
        const [starts, rows] = [two.take((positions + 1) * 4), two.take(positions * channels * 4)];
        const constants = [beta ** (t - T), beta, beta ** Ts, singleThresholdAt(t, { ...coding })] as const;
        const count = two.run((k) =>
          k.fireF32(at, g, positions, channels, stride, mode, low, high, ...constants, starts, rows),
        );
        const lists = listsOf(spikes, positions, channels);
        expect(two.expectSame(Int32Array, starts, positions + 1)).toEqual(lists.starts);
        expect(two.expectSame(Int32Array, rows, positions * channels).slice(0, count)).toEqual(lists.rows);
        two.expectSame(Float32Array, g, n);
        total += count;
      }
      expect(total).toBeGreaterThan(0);
    });

    it.each([1, 3, 4])('fires as IntegerTsaPopulation does, %i sources', (sources) => {
      const next = uniform(channels + sources);
      const coding = { T: 4, Ts: 3, beta: 2, phi: 2 / 3 };
      const { T, Ts, beta } = coding;
      const stride = roundUp(channels, 8);
      const n = positions * stride;
      const size = positions * channels;
      const two = new TwoMemories(1 << 20);
      // Quarters make ties at the last step, and the padding is there to be left alone.
      const scales = Array.from({ length: sources }, () =>
        Float64Array.from({ length: channels }, () => 2 ** -Math.ceil(next() * 3)),
      );
      const bias = Float64Array.from({ length: channels }, () => Math.round(next() * 8 - 4) / 4);
      const spread = (values: Float64Array) =>
        Float64Array.from({ length: size }, (_, i) => values[i % channels]!);
      const padded = (values: Float64Array) =>
        Float64Array.from({ length: stride }, (_, c) => values[c] ?? 0);
      const population = new IntegerTsaPopulation(
        { ...perNeuron(Float64Array), ...coding },
        { scales: scales.map(spread), bias: spread(bias) },
        size,
        size,
      );
      const scaleAt = [0, 1, 2, 3].map((k) => (k < sources ? two.put(padded(scales[k]!)) : 0)) as [
        number,
        number,
        number,
        number,
      ];
      const biasAt = two.put(padded(bias));
      const biasOfAll = two.put(Float64Array.from({ length: n }, (_, i) => padded(bias)[i % stride]!));
      const g = two.put(new Float64Array(n));
      const u = two.take(n * 8);
      const [low, high] = boundsIn(two, Float64Array, stride) as [number, number];
      const h = scales.map(() => new Int32Array(n));
      let total = 0;
      for (let t = 1; t <= T + Ts; t++) {
        const z = scales.map(() => Float64Array.from({ length: size }, () => Math.round(next() * 5 - 2)));
        const spikes = new Float64Array(size);
        population.step(t, z, spikes);
        h.forEach((membrane, k) => {
          for (let i = 0; i < n; i++) {
            const current =
              t <= T && i % stride < channels ? z[k]![Math.floor(i / stride) * channels + (i % stride)]! : 0;
            membrane[i] = 2 * membrane[i]! + current;
          }
        });
        if (t <= Ts) continue;
        const at = [0, 1, 2, 3].map((k) => (k < sources ? two.put(h[k]!) : 0)) as [
          number,
          number,
          number,
          number,
        ];
        const share = biasShare(t, T, beta);
        const [biasFrom, biasStride] = t % 2 === 0 ? [biasAt, 0] : [biasOfAll, stride];
        two.run((k) =>
          k.sumI32(u, positions, stride, sources, ...at, ...scaleAt, biasFrom, biasStride, share),
        );
        two.expectSame(Float64Array, u, n);
        const [starts, rows] = [two.take((positions + 1) * 4), two.take(size * 4)];
        const constants = [
          beta ** (t - T),
          beta,
          beta ** Ts,
          thresholdAt(t, coding),
          t === T + Ts ? 1 : 0,
        ] as const;
        const count = two.run((k) =>
          k.fireF64(u, g, positions, channels, stride, mode, low, high, ...constants, starts, rows),
        );
        const lists = listsOf(spikes, positions, channels);
        expect(two.expectSame(Int32Array, starts, positions + 1)).toEqual(lists.starts);
        expect(two.expectSame(Int32Array, rows, size).slice(0, count)).toEqual(lists.rows);
        two.expectSame(Float64Array, g, n);
        total += count;
      }
      expect(total).toBeGreaterThan(0);
    });
  });

  it.each([css, constantCurrent])('encodes as SpikeEncoder does: $name', (encoder) => {
    const next = uniform(channels);
    const coding = { T: 8, beta: 1.5 };
    const theta = 0.07;
    const stride = roundUp(channels, 4);
    const n = positions * stride;
    const two = new TwoMemories(1 << 20);
    const values = Float32Array.from({ length: positions * channels }, () => 2 * next() - 1);
    const reference = new SpikeEncoder(encoder, coding, theta, values);
    const { initial, current, beta, threshold, amplitude } = encoderConstants(encoder, coding, theta);
    const laidOut = (factor: number) =>
      Float32Array.from({ length: n }, (_, i) =>
        i % stride < channels ? values[Math.floor(i / stride) * channels + (i % stride)]! * factor : 0,
      );
    const u = two.put(laidOut(initial));
    const input = current === 0 ? 0 : two.put(laidOut(current));
    let total = 0;
    for (let t = 1; t <= coding.T; t++) {
      const spikes = new Float32Array(positions * channels);
      reference.step(spikes);
      const [starts, rows] = [two.take((positions + 1) * 4), two.take(positions * channels * 4)];
      const count = two.run((k) =>
        k.encodeF32(u, input, positions, channels, stride, beta, threshold, amplitude, starts, rows),
      );
      const lists = listsOf(spikes, positions, channels);
      expect(two.expectSame(Int32Array, starts, positions + 1)).toEqual(lists.starts);
      expect(two.expectSame(Int32Array, rows, positions * channels).slice(0, count)).toEqual(lists.rows);
      two.expectSame(Float32Array, u, n);
      total += count;
    }
    expect(total).toBeGreaterThan(0);
  });
});

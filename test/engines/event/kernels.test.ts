// The kernels of connections and potentials against their plain twins, bit for bit, and against what the operators compute.
import { describe, expect, it } from 'vitest';
import {
  averageWeights,
  gatherWeightsF32,
  gatherWeightsI8,
  scatterWeights,
} from '../../../src/engines/event/kernel-weights.ts';
import { listTable, pairs, quads, spikes } from '../../../src/engines/event/row-coding.ts';
import { prefixAt } from '../../../src/neurons/tsa.ts';
import { opNamed } from '../../../src/ops/index.ts';
import { sizeOf, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { channelsFirst, codedListsOf, listsOf, masksOf, roundUp, spikesOf, uniform } from './spike-lists.ts';
import { arrayOf, TwoMemories } from './two-memories.ts';

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

describe.each(GEOMETRIES)('gather, $name', (geometry) => {
  const { height, width, positions, outputs, window } = layOut(geometry);
  const taps = sizeOf(geometry.kernel);
  const channels = 5;
  const plane = { channels, stride: 8 };

  it.each(OUTPUTS)('float32, %i channels: the twin, whatever the numbers', (filters) => {
    const next = uniform(filters);
    const stride = roundUp(filters, 4);
    const two = new TwoMemories(1 << 20);
    const lists = spikesOf(positions, channels, 0.4, next);
    const [starts, rows] = [two.put(lists.starts), two.put(lists.rows)];
    const perPosition = 2 * channels;
    const weights = two.put(
      gatherWeightsF32(real([filters, channels, ...geometry.kernel], next), spikes.rows(plane), stride),
    );
    const h = two.put(real([outputs * stride], next).data as Float32Array);
    const list = two.take(taps * channels * 4);
    const perChannel = two.put(real([stride], next).data as Float32Array);
    const perElement = two.put(real([outputs * stride], next).data as Float32Array);
    const before = [starts, rows, height, width, perPosition, weights, stride, h, ...window, list] as const;
    const cases: readonly (readonly [beta: number, first: number, bias: number, biasStride: number])[] = [
      [1 / 1.5, 1, 0, 0],
      [1.5, 0, 0, 0],
      [1.5, 1, perChannel, 0],
      [1.5, 0, perElement, stride],
      [1.5, 1, perElement, stride],
    ];
    for (const more of cases) {
      two.run((kernels) => kernels.gatherF32(...before, ...more));
      two.expectSame('float32', h, outputs * stride);
    }
  });

  it.each(OUTPUTS)('whole numbers, %i channels: both kernels give the convolution', (filters) => {
    const next = uniform(filters + 1000);
    const two = new TwoMemories(1 << 23);
    const lists = spikesOf(positions, channels, 0.4, next);
    const [starts, rows] = [two.put(lists.starts), two.put(lists.rows)];
    const own = 2 * channels;
    const weights = whole([filters, channels, ...geometry.kernel], 'int8', next);
    const list = two.take(taps * channels * 4);
    const z = convolved(geometry, lists.dense, weights, 1);

    const [single, eight] = [roundUp(filters, 4), roundUp(filters, 8)];
    const floats = two.put(gatherWeightsF32(weights, spikes.rows(plane), single));
    const ints = two.put(gatherWeightsI8(weights, spikes.rows(plane), eight));
    const initial = (stride: number) =>
      Float64Array.from({ length: outputs * stride }, (_, i) => (i % stride < filters ? (i * 7) % 1000 : 0));
    const hf = two.put(Float32Array.from(initial(single)));
    const hi = two.put(Int32Array.from(initial(eight)));
    two.run((k) =>
      k.gatherF32(starts, rows, height, width, own, floats, single, hf, ...window, list, 2, 1, 0, 0),
    );
    two.run((k) => k.gatherI8(starts, rows, height, width, own, ints, eight, hi, ...window, list, 1));
    const wanted = (stride: number) =>
      channelsFirst(initial(stride), outputs, filters, stride).map((value, i) => 2 * value + z[i]!);
    const f = two.expectSame('float32', hf, outputs * single);
    const i = two.expectSame('int32', hi, outputs * eight);
    expect(channelsFirst(f, outputs, filters, single)).toEqual(wanted(single));
    expect(channelsFirst(i, outputs, filters, eight)).toEqual(wanted(eight));
    // Combined rows of the same spikes give the same, float32 adding whole numbers.
    const coded = codedListsOf(lists.dense, positions, channels, plane.stride, quads);
    const [startsOf, rowsOf] = [two.put(coded.starts), two.put(coded.rows)];
    const table = two.put(gatherWeightsF32(weights, quads.rows(plane), single));
    const hc = two.put(Float32Array.from(initial(single)));
    const perPosition = quads.perPosition(plane);
    const spikesThere = [startsOf, rowsOf, height, width, perPosition] as const;
    two.run((k) => k.gatherF32(...spikesThere, table, single, hc, ...window, list, 2, 1, 0, 0));
    expect(two.expectSame('float32', hc, outputs * single)).toEqual(f);
    // A second connection of the step adds to it; padding stays 0.
    two.run((k) => k.gatherI8(starts, rows, height, width, own, ints, eight, hi, ...window, list, 0));
    const twice = two.expectSame('int32', hi, outputs * eight);
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
      const plane = { channels: count, stride: roundUp(count, 8) };
      const packed = two.put(gatherWeightsI8(weights, spikes.rows(plane), filters));
      for (const sign of [1, -1]) {
        const lists = listsOf(new Int8Array(count).fill(sign), 1, count);
        const [starts, rows] = [two.put(lists.starts), two.put(lists.rows)];
        const h = two.put(new Int32Array(filters));
        const list = two.take(count * 4);
        const window = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0] as const;
        two.run((k) => k.gatherI8(starts, rows, 1, 1, 2 * count, packed, filters, h, ...window, list, 1));
        const sums = two.expectSame('int32', h, filters);
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
    const lists = spikesOf(positions, channels, 0.4, next);
    const [starts, rows] = [two.put(lists.starts), two.put(lists.rows)];
    const shape = [filters, fan, ...geometry.kernel];
    for (const dtype of ['float32', 'int8'] as const) {
      const stride = roundUp(filters, dtype === 'float32' ? 4 : 8);
      const kind = dtype === 'float32' ? 'float32' : 'int32';
      const weights = whole(shape, dtype, next);
      const packed = two.put(scatterWeights(weights, group));
      const h = two.put(arrayOf(kind, outputs * stride));
      const kernel = dtype === 'float32' ? 'scatterF32' : 'scatterI8';
      two.run((k) =>
        k[kernel](starts, rows, height, width, channels, group, packed, perGroup, stride, h, ...window),
      );
      const found = two.expectSame(kind, h, outputs * stride);
      const z = convolved(geometry, lists.dense, weights, group);
      expect(channelsFirst(found, outputs, filters, stride)).toEqual(Float64Array.from(z));
    }
    const stride = roundUp(filters, 4);
    const packed = two.put(scatterWeights(real(shape, next), group));
    const h = two.put(real([outputs * stride], next).data as Float32Array);
    two.run((k) =>
      k.scatterF32(starts, rows, height, width, channels, group, packed, perGroup, stride, h, ...window),
    );
    two.expectSame('float32', h, outputs * stride);
  });
});

it.each(['float32', 'int32'] as const)('table, %s: every synapse of every spike', (dtype) => {
  const next = uniform(3);
  const [positions, channels, elements] = [7, 5, 24];
  const two = new TwoMemories(1 << 20);
  const lists = spikesOf(positions, channels, 0.5, next);
  const fans = Array.from({ length: positions * channels }, () => Math.floor(next() * 5));
  const offsets = Int32Array.from([0, ...fans]).map((_, i) => fans.slice(0, i).reduce((a, b) => a + b, 0));
  const synapses = offsets.at(-1)!;
  const targets = Int32Array.from({ length: synapses }, () => Math.floor(next() * elements));
  const kind = dtype === 'float32' ? 'float32' : 'int32';
  const weights = arrayOf(kind, synapses, () => Math.round((next() - 0.5) * 2000));
  const wanted = new Float64Array(elements);
  lists.dense.forEach((s, element) => {
    for (let k = offsets[element]!; k < offsets[element + 1]!; k++) wanted[targets[k]!]! += s * weights[k]!;
  });
  const h = two.put(arrayOf(kind, elements));
  const [starts, rows, o, t, w] = [lists.starts, lists.rows, offsets, targets, weights].map((data) =>
    two.put(data),
  );
  const kernel = dtype === 'float32' ? 'tableF32' : 'tableI32';
  two.run((k) => k[kernel](starts!, rows!, positions, channels, o!, t!, w!, h));
  expect(Float64Array.from(two.expectSame(kind, h, elements))).toEqual(wanted);
});

it.each(['float32', 'int32'] as const)('one to one, %s: the target of every spike', (dtype) => {
  const next = uniform(7);
  const [positions, channels, elements] = [7, 5, 24];
  const two = new TwoMemories(1 << 20);
  const lists = spikesOf(positions, channels, 0.5, next);
  const rowCount = 2 * positions * channels;
  const targets = Int32Array.from({ length: rowCount }, () => Math.floor(next() * elements));
  const weights = arrayOf(dtype, rowCount, () => Math.round((next() - 0.5) * 2000));
  const wanted = new Float64Array(elements);
  for (const row of lists.rows) wanted[targets[row]!]! += weights[row]!;
  const h = two.put(arrayOf(dtype, elements));
  const [starts, rows, t, w] = [lists.starts, lists.rows, targets, weights].map((data) => two.put(data));
  const kernel = dtype === 'float32' ? 'oneToOneF32' : 'oneToOneI32';
  two.run((k) => k[kernel](starts!, rows!, positions, t!, w!, h));
  expect(Float64Array.from(two.expectSame(dtype, h, elements))).toEqual(wanted);
});

it.each([
  { name: 'all neurons', plane: [3, 4], strides: [1, 1], offset: 0, stride: 8 },
  { name: 'some positions', plane: [5, 4], strides: [2, 3], offset: 4, stride: 16 },
])('skip of $name', ({ plane: [height, width], strides: [strideY, strideX], offset, stride }) => {
  const next = uniform(9);
  const channels = 6;
  const [heightOut, widthOut] = [Math.ceil(height! / strideY!), Math.ceil(width! / strideX!)];
  const { dense } = spikesOf(height! * width!, channels, 0.5, next);
  const two = new TwoMemories(1 << 20);
  const masks = two.put(masksOf(dense, height! * width!, channels, 8));
  for (const dtype of ['float32', 'int32'] as const) {
    const weights = arrayOf(dtype, 8, (c) => (c < channels ? Math.round((next() - 0.5) * 2000) : 0));
    const n = heightOut * widthOut * stride;
    const initial = arrayOf(dtype, n, () => Math.round(next() * 1000));
    const h = two.put(initial);
    const seen = [masks, width!, 2, h, heightOut, widthOut, stride, strideY!, strideX!, offset] as const;
    const w = two.put(weights);
    for (const first of dtype === 'float32' ? [0] : [0, 1]) {
      const before = two.expectSame(dtype, h, n);
      if (dtype === 'float32') two.run((k) => k.skipF32(...seen, w));
      else two.run((k) => k.skipI32(...seen, w, first));
      const found = two.expectSame(dtype, h, n);
      for (let i = 0; i < n; i++) {
        const [p, c] = [Math.floor(i / stride), (i % stride) - offset];
        const [y, x] = [Math.floor(p / widthOut) * strideY!, (p % widthOut) * strideX!];
        const s = c >= 0 && c < channels ? dense[(y * width! + x) * channels + c]! : 0;
        const reached = c >= 0 && c < 8 ? 1 + first : 1;
        expect(found[i]).toBe(reached * before[i]! + (s === 0 ? 0 : s * weights[c]!));
      }
    }
  }
});

it.each([
  { positions: 7, channels: 5, stride: 8 },
  { positions: 40, channels: 16, stride: 16 },
  { positions: 3, channels: 1, stride: 4 },
])('lists and counts $positions positions of $channels', ({ positions, channels, stride }) => {
  const next = uniform(positions);
  const two = new TwoMemories(1 << 20);
  const steps = Array.from({ length: 3 }, () => spikesOf(positions, channels, 0.4, next).dense);
  const bytes = (positions * stride) / 4;
  const apart = roundUp(bytes, 16);
  const all = new Uint8Array(3 * apart);
  steps.forEach((dense, t) => {
    all.set(masksOf(dense, positions, channels, stride), t * apart);
  });
  const first = two.put(all);
  const plane = { channels, stride };
  steps.forEach((dense, t) => {
    const masks = first + t * apart;
    for (const coding of [spikes, pairs, quads]) {
      const [starts, rows] = [two.take(4 * (positions + 1)), two.take(4 * positions * channels)];
      const per = [coding.perPosition(plane), coding.perQuad] as const;
      const table = two.put(listTable(coding, plane));
      const count = two.run((k) => k.listRows(masks, positions, stride / 4, ...per, table, starts, rows));
      const wanted = codedListsOf(dense, positions, channels, stride, coding);
      expect(two.expectSame('int32', starts, positions + 1)).toEqual(wanted.starts);
      expect(two.expectSameBeforeSlack('int32', rows, count)).toEqual(wanted.rows);
    }
    expect(two.run((k) => k.spikesOf(masks, bytes))).toBe(dense.filter((s) => s !== 0).length);
  });
  const counts = two.put(new Int32Array(4 * bytes).fill(2));
  two.run((k) => k.countSpikes(first, bytes, 3, apart, counts));
  const counted = two.expectSame('int32', counts, 4 * bytes);
  counted.forEach((count, i) => {
    const [p, c] = [Math.floor(i / stride), i % stride];
    const fired = steps.filter((dense) => c < channels && dense[p * channels + c] !== 0).length;
    expect(count).toBe(2 + fired);
  });
});

it('weights averages of a plane', () => {
  const next = uniform(11);
  const [positions, channels, filters] = [7, 10, 6];
  const two = new TwoMemories(1 << 20);
  const { dense } = spikesOf(positions, channels, 0.4, next);
  const masks = two.put(masksOf(dense, positions, channels, 12));
  const weights = real([filters, channels, 1, 1], next);
  const initial = arrayOf('float32', 8, (c) => (c < filters ? next() : 0));
  const h = two.put(initial);
  const packed = two.put(averageWeights(weights, 12, 8));
  two.run((k) => k.averageF32(masks, positions, 3, packed, 8, h));
  const found = two.expectSame('float32', h, 8);
  const means = Array.from({ length: channels }, (_, c) => {
    const spikesOfChannel = dense.filter((_, element) => element % channels === c);
    return spikesOfChannel.reduce((sum, s) => sum + s, 0) / positions;
  });
  for (let o = 0; o < 8; o++) {
    const arrived = means.reduce(
      (sum, mean, c) => sum + (o < filters ? mean * weights.data[o * channels + c]! : 0),
      0,
    );
    expect(found[o]).toBeCloseTo(initial[o]! + arrived, 5);
  }
});

it('scales, doubles and clears', () => {
  const next = uniform(4);
  const two = new TwoMemories(1 << 20);
  const f = two.put(real([20], next).data as Float32Array);
  two.run((k) => k.scaleF32(f, 20, 1 / 1.5));
  two.expectSame('float32', f, 20);
  const i = two.put(Int32Array.from({ length: 12 }, (_, n) => n - 5));
  two.run((k) => k.doubleI32(i, 12));
  expect([...two.expectSame('int32', i, 12)]).toEqual(Array.from({ length: 12 }, (_, n) => 2 * (n - 5)));
  two.run((k) => k.clear(i, 48));
  expect([...two.expectSame('int32', i, 12)]).toEqual(new Array(12).fill(0));
});

it('forecasts from the steps before', () => {
  const next = uniform(8);
  const two = new TwoMemories(1 << 20);
  const whole = () => two.put(arrayOf('int32', 12, () => Math.round((next() - 0.5) * 2e6)));
  const [h, before, earlier, earliest, known] = [whole(), whole(), whole(), whole(), two.take(48)];
  two.run((k) => k.forecastI32(known, h, before, earlier, earliest, 12, 42, 33, 17, 10));
  two.expectSame('int32', known, 12);
  expect(two.expectSame('int32', earliest, 12)).toEqual(two.expectSame('int32', h, 12));
});

describe.each(['float32', 'float64'] as const)('potentials, %s', (dtype) => {
  const suffix = dtype === 'float32' ? 'F32' : 'F64';

  it.each(GEOMETRIES)('max-pool, $name', (geometry) => {
    const next = uniform(5);
    const { height, width, positions, outputs, window } = layOut(geometry);
    const [channels, stride] = [9, 12];
    const two = new TwoMemories(1 << 20);
    const potentials = arrayOf(dtype, positions * stride, () => 2 * next() - 1.5);
    const h = two.put(potentials);
    const u = two.take(outputs * stride * (dtype === 'float32' ? 4 : 8));
    two.run((k) => k[`poolMax${suffix}`](h, height, width, stride, u, ...window));
    const found = two.expectSame(dtype, u, outputs * stride);
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
    const [scale, shift] = [0, 1].map(() => two.put(arrayOf(dtype, 12, () => 2 * next() - 1))) as [
      number,
      number,
    ];
    const u = two.put(arrayOf(dtype, 60, () => 2 * next() - 1));
    two.run((k) => k[`affine${suffix}`](u, 5, 12, scale, shift, prefixAt(3, 8, 1.5)));
    two.expectSame(dtype, u, 60);
  });
});

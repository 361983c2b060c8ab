// The kernels that fire and encode against the populations of the reference engine, and their plain twins, bit for bit.
import { describe, expect, it } from 'vitest';
import { constantCurrent } from '../../../src/encoders/constant-current.ts';
import { css } from '../../../src/encoders/css.ts';
import { rate } from '../../../src/encoders/rate.ts';
import { encoderConstants, SpikeEncoder } from '../../../src/encoders/spike-encoder.ts';
import { FIRE_MODES } from '../../../src/engines/event/kernels.ts';
import { neuronNamed } from '../../../src/neurons/index.ts';
import { biasShare, singleThresholdAt, TsaPopulation, thresholdAt } from '../../../src/neurons/tsa.ts';
import { IntegerTsaPopulation } from '../../../src/neurons/tsa-integer.ts';
import { listsOf, roundUp, uniform } from './spike-lists.ts';
import { TwoMemories } from './two-memories.ts';

const NEURONS = [
  { neuron: 'tsa-identity', mode: FIRE_MODES.identity },
  { neuron: 'tsa-relu', mode: FIRE_MODES.relu },
  { neuron: 'tsa-clip', mode: FIRE_MODES.bounds, low: 0.25, high: 6 },
  { neuron: 'tsa-clip', mode: FIRE_MODES.bounds, low: Number.NEGATIVE_INFINITY, high: 3 },
] as const;
const LAYERS = [
  { positions: 5, channels: 1 },
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
        expect(two.expectSame('int32', starts, positions + 1)).toEqual(lists.starts);
        expect(two.expectSameBeforeSlack('int32', rows, count)).toEqual(lists.rows);
        two.expectSame('float32', g, n);
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
      const fusedG = two.put(new Float32Array(n));
      const singles = two.take(8 * stride * 4);
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
        two.expectSame('float64', u, n);
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
        expect(two.expectSame('int32', starts, positions + 1)).toEqual(lists.starts);
        expect(two.expectSameBeforeSlack('int32', rows, count)).toEqual(lists.rows);
        two.expectSame('float64', g, n);
        total += count;
        const [at0, at1, at2, at3] = at;
        const [fusedStarts, fusedRows] = [two.take((positions + 1) * 4), two.take(size * 4)];
        const [scale, , amplitude, threshold, last] = constants;
        const fused = two.run((k) =>
          k.fireI32(
            ...([sources, at0, at1, at2, at3, ...scaleAt, biasAt, share, fusedG] as const),
            ...([positions, channels, stride, mode, low, high, scale, amplitude, threshold, last] as const),
            ...([singles, fusedStarts, fusedRows] as const),
          ),
        );
        expect(two.expectSame('int32', fusedStarts, positions + 1)).toEqual(lists.starts);
        expect(two.expectSameBeforeSlack('int32', fusedRows, fused)).toEqual(lists.rows);
        two.expectSame('float32', fusedG, n);
      }
      expect(total).toBeGreaterThan(0);
    });
  });

  it.each([css, constantCurrent, rate])('encodes as SpikeEncoder does: $name', (encoder) => {
    const next = uniform(channels);
    const coding = { T: 8, beta: 1.5 };
    const theta = 0.07;
    const stride = roundUp(channels, 4);
    const n = positions * stride;
    const two = new TwoMemories(1 << 20);
    const values = Float32Array.from({ length: positions * channels }, () => 2 * next() - 1);
    const reference = new SpikeEncoder(encoder, coding, theta, values);
    const { initial, current, growth, threshold, amplitude } = encoderConstants(encoder, coding, theta);
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
        k.encodeF32(u, input, positions, channels, stride, growth, threshold, amplitude, starts, rows),
      );
      const lists = listsOf(spikes, positions, channels);
      expect(two.expectSame('int32', starts, positions + 1)).toEqual(lists.starts);
      expect(two.expectSameBeforeSlack('int32', rows, count)).toEqual(lists.rows);
      two.expectSame('float32', u, n);
      total += count;
    }
    expect(total).toBeGreaterThan(0);
  });
});

// Scales so small that float32 does not tell neighbouring membranes apart: at and around thresholds, near and far.
it.each([1, 2, 3, 4])('decides close to thresholds as float64 does, %i sources', (sources) => {
  const next = uniform(sources);
  const [positions, channels, stride, share, threshold] = [200, 16, 16, 0.75, (2 / 3) * 4];
  const n = positions * stride;
  const two = new TwoMemories(1 << 21);
  const scales = Array.from({ length: sources }, () =>
    Float64Array.from({ length: stride }, () => (1 + next()) * 2e-7),
  );
  const bias = Float64Array.from({ length: stride }, () => next() - 0.5);
  const g = Float32Array.from({ length: n }, () => 4 * Math.round(next() * 6 - 3));
  const others = scales
    .slice(1)
    .map(() => Int32Array.from({ length: n }, () => Math.round((next() - 0.5) * 4e7)));
  const h = Int32Array.from({ length: n }, (_, i) => {
    const c = i % stride;
    const arrived = others.reduce((sum, other, k) => sum + scales[k + 1]![c]! * other[i]!, bias[c]! * share);
    const wanted = 2 * g[i]! + (next() < 0.5 ? threshold : -threshold) - arrived;
    const off = Math.round(2 ** (next() * 12) - 1) * (next() < 0.5 ? 1 : -1);
    return Math.round(wanted / scales[0]![c]!) + off;
  });
  const at = [0, 1, 2, 3].map((k) => (k === 0 ? two.put(h) : k < sources ? two.put(others[k - 1]!) : 0));
  const scaleAt = [0, 1, 2, 3].map((k) => (k < sources ? two.put(scales[k]!) : 0));
  const [biasAt, singles] = [two.put(bias), two.take(8 * stride * 4)];
  for (const last of [0, 1]) {
    const before = two.put(g);
    const [starts, rows] = [two.take((positions + 1) * 4), two.take(n * 4)];
    const count = two.run((k) =>
      k.fireI32(
        ...([sources, at[0]!, at[1]!, at[2]!, at[3]!] as const),
        ...([scaleAt[0]!, scaleAt[1]!, scaleAt[2]!, scaleAt[3]!, biasAt, share, before] as const),
        ...([positions, channels, stride, FIRE_MODES.identity, 0, 0, 1, 4, threshold, last] as const),
        ...([singles, starts, rows] as const),
      ),
    );
    expect(count).toBeGreaterThan(n / 4);
    expect(count).toBeLessThan((3 * n) / 4);
    two.expectSame('int32', starts, positions + 1);
    two.expectSameBeforeSlack('int32', rows, count);
    two.expectSame('float32', before, n);
  }
});

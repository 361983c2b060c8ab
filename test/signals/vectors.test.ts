// Spikes and reconstructions of the published framework (Spike-Encoding, arXiv 2504.11026), as running it printed them
// in float32: its rules are ours by default, spike for spike.
import { describe, expect, it } from 'vitest';
import { decodeSignal } from '../../src/signals/encoding.ts';
import { upAndDownTrains } from '../../src/signals/spike-file.ts';
import { codedBy, encodeBy, signalFrom } from './signals.ts';

function expectNear(values: readonly number[], expected: readonly number[], digits = 5): void {
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, digits);
  });
}

describe('vectors of the reference', () => {
  const steps = [0.1, 0.3, 0.2, 0.4, 0.8, 0.6, 0.7, 0.9, 0.5, 0.3, 0.2];

  it('step-forward, decoded without an initial value', () => {
    const { up, down, decoded } = codedBy('sf', steps, { threshold: 0.1, start: 'zero' });
    expect({ up, down }).toEqual({ up: [1, 3, 4, 5, 6, 7], down: [8, 9, 10] });
    expectNear(decoded, [0, 0.1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.5, 0.4, 0.3]);
  });

  it('step-forward from the first sample, as the reference optimises', () => {
    const { decoded } = codedBy('sf', steps, { threshold: 0.1 });
    expectNear(decoded, [0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.6, 0.5, 0.4]);
  });

  it('step-forward of the talk', () => {
    const { up, down, decoded } = codedBy('sf', [0, 0.2, 0.4, 0.2, 0], { threshold: 0.1 });
    expect({ up, down }).toEqual({ up: [1, 2], down: [4] });
    expectNear(decoded, [0, 0.1, 0.2, 0.2, 0.1]);
  });

  it('leaky integrate-and-fire', () => {
    const x = [0.5, 0.3, 0.1, 0.4, 0.8, 1, 0.7, 0.3, 0.6];
    const { up, down, decoded } = codedBy('lif', x, { threshold: 0.5, leak: 0.2 });
    expect({ up, down }).toEqual({ up: [5], down: [2] });
    expectNear(decoded, [0.55, 0.55, 0.325, 0.505, 0.541, 0.7732, 0.59464, 0.55893, 0.55179]);
  });

  it('pulse-width modulation', () => {
    const { up, down, decoded } = codedBy('pwm', [0.2, 0.4, 0.6, 0.8, 1, 0.8, 0.6, 0.4, 0.2]);
    expect({ up, down }).toEqual({ up: [8], down: [4] });
    expectNear(decoded, [0.2, 0.3994, 0.5988, 0.7982, 0.9976, 0.7996, 0.6016, 0.4036, 0.20561]);
  });

  it("Ben's spiker algorithm", () => {
    const { up, down, decoded } = codedBy('bsa', [0.5, 0.6, 0.7, 0.8, 0.9, 1, 0.9, 0.8, 0.7, 0.6, 0.5]);
    expect({ up, down }).toEqual({ up: [1, 2, 4], down: [] });
    const tail = [0.82408, 0.86818, 0.80655, 0.71844, 0.61873, 0.52543];
    expectNear(decoded, [0.5, 0.5, 0.5, 0.5, 0.5, ...tail]);
  });

  it('bins', () => {
    const trains = (low: number, high: number, x: number) =>
      [...encodeBy('bin', signalFrom([x]), { bins: 3 }, { range: { low, high } }).spikes[0]!].join('');
    expect(trains(-2, 2, 1.8)).toBe(`${'0'.repeat(20)}${'1'.repeat(10)}`);
    expect(trains(-5, 5, 0)).toBe(`${'0'.repeat(10)}${'1'.repeat(10)}${'0'.repeat(10)}`);
  });

  it('deterministic rates: trunc(T - j/p) - 1, and a spike at the last step for any rate', () => {
    const up = (p: number, rules = {}) =>
      codedBy('rate', [p], { split: false }, { range: { low: 0, high: 1 }, ...rules }).up;
    expect(up(0)).toEqual([]);
    expect(up(0.001)).toEqual([9]);
    expect(up(0.3)).toEqual([2, 5, 9]);
    expect(up(0.5)).toEqual([1, 3, 5, 7, 9]);
    expect(up(1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(up(0.001, { behaviour: 'corrected' })).toEqual([]);
    expect(up(0.26, { behaviour: 'corrected' })).toEqual([2, 5, 9]);
  });
});

describe('what the corrected rules change', () => {
  const corrected = { behaviour: 'corrected' } as const;

  it('lif: the first sample that is seen can spike', () => {
    const x = [0, 1, 0.5, 0];
    expect(codedBy('lif', x, { threshold: 0.5, leak: 0.2 }).up).toEqual([]);
    expect(codedBy('lif', x, { threshold: 0.5, leak: 0.2 }, corrected).up).toEqual([1]);
  });

  it('pwm: the value is held after the last spike', () => {
    const x = [0, 0.2, 0.4, 0.6, 0.8, 1, 0.8, 0.6];
    const last = (rules = {}) => codedBy('pwm', x, {}, rules).decoded.slice(-3);
    expectNear(last(), [1 - 4 / 999, 1 - 5 / 999, 1 - 6 / 999]);
    expectNear(last(corrected), [0.996, 0.996, 0.996]);
  });

  it('pwm: the carrier keeps its phase', () => {
    // 300 rises in 1000 samples: 0, 0.3, 0.6, 0.9, then 0.2 again, or 0 from the start.
    const falling = [1, ...new Array<number>(9).fill(0)];
    const given = { frequency: 300, downSpikes: false };
    expect(codedBy('pwm', falling, given).up).toEqual([2, 6]);
    expect(codedBy('pwm', falling, given, corrected).up).toEqual([2]);
  });

  it('bsa: decoding starts at once and takes as long as the filter', () => {
    const constant = [...new Array<number>(80).fill(1), 0];
    const middle = (order: number, rules = {}) =>
      codedBy('bsa', constant, { filterOrder: order, threshold: 0 }, rules).decoded;
    expect(middle(9).slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(middle(9, corrected)[4]).toBeGreaterThan(0.4);
  });

  it('rate: inverses of a lower maximal rate', () => {
    const given = { split: false, inverted: true, maxFiringRate: 0.5 };
    const counts = (rules = {}) => {
      const spikes = encodeBy('rate', signalFrom([0.2]), given, { range: { low: 0, high: 1 }, ...rules })
        .spikes[0]!;
      return [spikes.subarray(0, 10), spikes.subarray(10)].map((train) => train.reduce((a, b) => a + b, 0));
    };
    // 0.5 (0.5 - 0.2) = 0.15, rounded up to 2 of 10 steps; 0.5 (1 - 0.2) = 0.4.
    expect(counts()).toEqual([1, 2]);
    expect(counts(corrected)).toEqual([1, 4]);
  });
});

describe('observations', () => {
  const unit = { low: 0, high: 1 };
  const countsOf = (values: readonly number[], given: Record<string, unknown>) => {
    const spikes = encodeBy('rate', signalFrom(values), { steps: 20, ...given }, { range: unit }).spikes[0]!;
    return Array.from({ length: spikes.length / 20 }, (_, i) =>
      spikes.subarray(20 * i, 20 * (i + 1)).reduce((a, b) => a + b, 0),
    );
  };

  it('are split at the middle: excitatory channels, then inhibitory ones', () => {
    expect(countsOf([0.75, 0.25, 0.5], {})).toEqual([10, 0, 0, 0, 10, 0]);
  });

  it('are followed by their inverses', () => {
    expect(countsOf([0.75], { inverted: true })).toEqual([10, 0, 10, 20]);
    expect(countsOf([0.25], { inverted: true, split: false })).toEqual([5, 15]);
  });

  it('as steps are changes since the sample before, in units of the threshold', () => {
    const given = { code: 'step', stepThreshold: 0.5 };
    expect(countsOf([0.5, 0.75, 0.5], given)).toEqual([0, 10, 0, 0, 0, 10]);
    const both = countsOf([0.5, 0.75], { code: 'both', stepThreshold: 0.5 });
    expect(both).toEqual([0, 10, 0, 10, 0, 0, 0, 0]);
  });

  it.each(['rate', 'step', 'both'])('decode to what was encoded (%s)', (code) => {
    const x = [0.5, 0.75, 0.25, 0.5, 1];
    const given = { code, steps: 40 };
    const encoding = encodeBy('rate', signalFrom(x), given, { range: unit, behaviour: 'corrected' });
    expectNear([...decodeSignal(encoding).features[0]!.values], x, 10);
  });
});

it('stacks up and down spikes as the reference returns them', () => {
  const encoding = encodeBy('sf', signalFrom([0, 1, 0], [0, -1, 0]), { threshold: 0.1 });
  const { shape, data } = upAndDownTrains(encoding);
  expect(shape).toEqual([2, 2, 3]);
  expect([...data]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0]);
});

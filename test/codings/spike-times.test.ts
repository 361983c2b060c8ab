// Spike times of every coding, counted by hand: two neurons in a row, weights 1, largest value 1.
import { describe, expect, it } from 'vitest';
import { baselineCodingNamed } from '../../src/codings/index.ts';
import { runCoding } from './one-neuron.ts';

describe('rate', () => {
  it('fires when the potential reaches the threshold, which is taken off', async () => {
    // v of a: .375 .75 1.125! .5 .875 1.25! .625 1! ; b takes each spike in the same step and reaches 1 with it.
    const run = await runCoding(baselineCodingNamed('rate'), 8, [0.375]);
    expect(run.times('a')).toEqual([[3, 6, 8]]);
    expect(run.times('b')).toEqual([[3, 6, 8]]);
    // 3 of 8 steps: the sum of the readout is 8 x 0.375.
    expect(run.logits.slice(-2)).toEqual([3, -3]);
    // Each spike of a reaches 1 neuron, each of b 2 outputs.
    expect([run.spikes, run.syops]).toEqual([6, 3 * 1 + 3 * 2]);
  });
});

describe('fs', () => {
  it('writes the binary digits of 11/15 with theta = 16/15', async () => {
    // 11.5 of 15: the digits of 11 = 1011b, and the half is lost.
    const run = await runCoding(baselineCodingNamed('fs'), 4, [11.5 / 15]);
    expect(run.times('a')).toEqual([[1, 3, 4]]);
    // All digits at the largest value and beyond.
    expect((await runCoding(baselineCodingNamed('fs'), 4, [3])).times('a')).toEqual([[1, 2, 3, 4]]);
    expect((await runCoding(baselineCodingNamed('fs'), 4, [-1])).times('a')).toEqual([[]]);
  });
});

describe('ttfs', () => {
  it('fires once, earlier for more', async () => {
    // Half a step is 1/16; thresholds are 8/8, 7/8 ... 1/8: 0.55 + 1/16 = 0.6125 first meets 4/8, the fifth.
    const run = await runCoding(baselineCodingNamed('ttfs'), 8, [0.55]);
    expect(run.times('a')).toEqual([[5]]);
    expect(run.times('b')).toEqual([[5]]);
    expect(run.logits).toEqual([0.5, -0.5]);
    expect([run.spikes, run.syops]).toEqual([2, 3]);
  });

  it('says nothing of less than half a step', async () => {
    const run = await runCoding(baselineCodingNamed('ttfs'), 8, [0.0624]);
    expect(run.times('a')).toEqual([[]]);
  });
});

describe('tsc', () => {
  it('switches on at the first step and off after as many as the value has quanta', async () => {
    // Quanta of 1/8 in a window of 9 steps: 0.4 x 8 = 3.2, so 3 quanta: on at 1, off at 4.
    const run = await runCoding(baselineCodingNamed('tsc'), 9, [0.4]);
    expect(run.times('a')).toEqual([[1, 4]]);
    expect(run.logits).toEqual([0.375, -0.375]);
    expect([run.spikes, run.syops]).toEqual([4, 6]);
  });

  it('is on for the whole window at the largest value, and silent below half a quantum', async () => {
    const coding = baselineCodingNamed('tsc');
    expect((await runCoding(coding, 9, [2])).times('a')).toEqual([[1, 9]]);
    expect((await runCoding(coding, 9, [0.06])).times('a')).toEqual([[]]);
  });
});

describe('phase', () => {
  it('fires at the phases of the binary digits, in every period', async () => {
    // theta = 256/255; x enters as x w / (255/256), so in units of theta as x w: 0.75 of the largest value.
    // t = 1: v = .375 of w 1/2. t = 2: .5625 >= 1/4!, .3125. t = 3: .40625 >= 1/8!, .28125. t = 4: .328125 >= 1/16! ...
    const run = await runCoding(baselineCodingNamed('phase'), 8, [0.75]);
    expect(run.times('a')).toEqual([[2, 3, 4, 5, 6, 7, 8]]);
    expect(run.logits[2 * 7]).toBeLessThanOrEqual(0.75);
  });
});

describe('burst', () => {
  it('doubles what spikes carry until the potential is short of the next', async () => {
    // Thresholds 1/8, 2/8, 4/8 ... within a burst. v at 5/16 a step:
    // t1 .3125 >= 1/8!, left .1875; t2 .5 >= 1/4!, .25; t3 .5625 >= 1/2!, .0625; t4 .375 < 1; t5 .6875 >= 1/8!, .5625;
    // t6 .875 >= 1/4!, .625; t7 .9375 >= 1/2!, .4375; t8 .75 < 1.
    const run = await runCoding(baselineCodingNamed('burst'), 8, [5 / 16]);
    expect(run.times('a')).toEqual([[1, 2, 3, 5, 6, 7]]);
    // What b passes on of the same bursts, step by step the same: 7/8 and 7/8.
    expect(run.logits[2 * 7]).toBe(14 / 8);
  });
});

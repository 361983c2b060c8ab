// The variants of rate coding, counted by hand.
import { describe, expect, it } from 'vitest';
import { emptyHistogram, observe } from '../../src/calibration/histogram.ts';
import { baselineCodingNamed } from '../../src/codings/index.ts';
import { lightBiases } from '../../src/codings/light-calibration.ts';
import { smallestError } from '../../src/codings/mse-thresholds.ts';
import { balancedThresholds } from '../../src/codings/threshold-balancing.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { runCoding, tinySubject } from './one-neuron.ts';

describe('one neuron', () => {
  it('resets to 0 and loses what was above the threshold', async () => {
    // .375 .75 1.125! 0 .375 .75 1.125! ...
    const run = await runCoding(baselineCodingNamed('rate-hard'), 8, [0.375]);
    expect(run.times('a')).toEqual([[3, 6]]);
  });

  it('fires earlier from half the threshold on', async () => {
    // .875 1.25! .625 1! .375 .75 1.125! .5
    const run = await runCoding(baselineCodingNamed('rate-half'), 8, [0.375]);
    expect(run.times('a')).toEqual([[2, 4, 7]]);
  });
});

/** Two neurons that fire at half and a quarter of the steps, and one behind with weights of 1 and -2, which gets 0 in all. */
const CANCELLING = tinySubject({
  input: [2],
  nodes: [
    ['Gemm', ['x', 'one'], 'u'],
    ['Relu', ['u'], 'a'],
    ['Gemm', ['a', 'apart'], 'z'],
    ['Relu', ['z'], 'b'],
    ['Gemm', ['b', 'out'], 'y'],
  ],
  constants: {
    one: floatTensor([2, 2], [1, 0, 0, 1]),
    apart: floatTensor([2, 1], [1, -2]),
    out: floatTensor([1, 2], [1, -1]),
  },
});

describe('a neuron whose excitation comes before its inhibition', () => {
  const image = [0.5, 0.25];

  it('fires a spike too many', async () => {
    const run = await runCoding(baselineCodingNamed('rate-half'), 8, image, CANCELLING);
    // From half the threshold: 1! .5 1! ..., and .75 1! .25 .5 .75 1! ...
    expect(run.times('a')).toEqual([
      [1, 3, 5, 7],
      [2, 6],
    ]);
    // .5 + 1 = 1.5! .5; -1.5; -.5; -.5; .5; -1.5; -.5; -.5
    expect(run.times('b')).toEqual([[1]]);
  });

  it('takes it back with spikes of both signs', async () => {
    const run = await runCoding(baselineCodingNamed('rate-signed'), 8, image, CANCELLING);
    // Up at 1, left .5; 2: -1.5, down, -.5; 3: .5; 5: 1.5 up, .5; 6: -1.5 down.
    expect(run.times('b')).toEqual([[1, 2, 5, 6]]);
    expect(run.logits.slice(-2)).toEqual([0, 0]);
    // 6 spikes of a at one synapse, 4 of b at two: either sign costs the same.
    expect([run.spikes, run.syops]).toEqual([10, 6 + 8]);
  });

  it('does not fire when it was watched before', async () => {
    // It ends at -.5 and has fired, at 1.5: it begins max(1, 1.5 - .999) = 1 lower, at -.5, and never comes to 1.
    const run = await runCoding(baselineCodingNamed('rate-cos'), 8, image, CANCELLING);
    expect(run.times('b')).toEqual([[]]);
    expect(run.times('a')).toEqual([
      [1, 3, 5, 7],
      [2, 6],
    ]);
  });
});

describe('thresholds', () => {
  it('of the smallest error give up what is rare', () => {
    const histogram = emptyHistogram();
    // With one step a value is 0 or V. V = 4 loses 1 at each of a hundred ones, V = 1 loses 9 at the four.
    observe(
      histogram,
      Float32Array.from({ length: 101 }, (_, i) => (i === 0 ? 4 : 1)),
    );
    expect(smallestError(histogram, 1)).toBeCloseTo(1, 2);
    // Four steps tell the one as well.
    expect(smallestError(histogram, 4)).toBeCloseTo(4, 2);
  });

  it('that are balanced grow by twice the mean above them, and delay the readout', async () => {
    // All activations are 1: theta = 0 + 2 x 1, nothing is above it then. A neuron begins at 1 of 2, and 1 arrives a step.
    const { amplitudes, delay } = await balancedThresholds(tinySubject());
    expect([...amplitudes]).toEqual([
      ['a', [2]],
      ['b', [2]],
    ]);
    expect(delay).toBe(2);
  });
});

it('light calibration gives each channel what its mean lacks, layer by layer', async () => {
  const subject = { ...tinySubject(), images: floatTensor([1, 1], [0.375]) };
  const neuron = baselineCodingNamed('rate-half').neuron(4);
  const amplitudes = new Map([
    ['a', 1],
    ['b', 1],
  ]);
  // a: .875 1.25! .625 1!: 2 of 4 for .375. Corrected it is given .25 a step: .75 1! .25 .5, so b fires once: 1 of 4 for .375.
  expect([...(await lightBiases(subject, neuron, amplitudes, 4))]).toEqual([
    ['a', [-0.125]],
    ['b', [0.125]],
  ]);
});

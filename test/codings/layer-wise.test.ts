// Layer-wise codings on the embedded network: the layers one after the other against the clock, and the ANN.
import { beforeAll, describe, expect, it } from 'vitest';
import { codingModel } from '../../src/codings/coding-model.ts';
import { baselineCodingNamed } from '../../src/codings/index.ts';
import { measureCoding } from '../../src/codings/measure.ts';
import { OUTPUTS } from '../../src/codings/model-parts.ts';
import { runStepped } from '../../src/codings/stepped-model.ts';
import { feedsOf } from '../../src/runtime/activations.ts';
import { openSession } from '../../src/runtime/session.ts';
import { CALIBRATION_SET, MODEL, SCALE, TEST_SET } from '../cli/digits.ts';
import { type Prepared, preparedSubject } from './prepared-subject.ts';

let digits: Prepared;

beforeAll(async () => {
  digits = await preparedSubject({
    model: MODEL,
    calibration: CALIBRATION_SET,
    data: TEST_SET,
    images: 100,
    preprocessing: { scale: SCALE },
  });
});

describe.each([
  ['fs', 6],
  ['ttfs', 16],
  ['tsc', 16],
] as const)('%s with %i steps', (name, steps) => {
  const coding = baselineCodingNamed(name);

  it('takes a window for each of three layers by the clock, and answers the same', async () => {
    const { subject } = digits;
    const { images } = subject;
    const few = { ...images, shape: [16, ...images.shape.slice(1)], data: images.data.slice(0, 16 * 64) };
    const settings = await coding.settings(subject, steps);
    const stepped = await runStepped(subject, coding, settings, steps, few);
    expect(stepped.latency).toBe(coding.latency(steps, subject.depth));
    expect(stepped.latency).toBe(3 * steps);
    const session = await openSession(codingModel(subject, coding, settings, steps), { where: name });
    const outputs = await session.run(feedsOf(session, few));
    await session.release();
    const logits = outputs.get(OUTPUTS.logits)!.data;
    const counts = Array.from(outputs.get(OUTPUTS.counts)!.data);
    const spikes = counts.reduce((sum, n, i) => sum + (i % 2 === 0 ? n : 0), 0);
    const largest = Math.max(...logits.map(Math.abs));
    // Sums in another order may move a value at a threshold by a step, in few places.
    const off = logits.filter((value, i) => Math.abs(value - stepped.logits[i]!) > 1e-4 * largest).length;
    expect(off).toBeLessThanOrEqual(logits.length / 50);
    expect(Math.abs(stepped.spikes / spikes - 1)).toBeLessThan(1e-3);
  });

  it('has the accuracy of the ANN within 2 points', async () => {
    const { points } = await measureCoding(digits.subject, coding, digits.test, { steps: [steps] });
    expect(points[0]!.accuracy).toBeGreaterThanOrEqual(digits.test.annAccuracy - 0.02);
    expect(points[0]!.macs).toBe(digits.subject.inputMacs);
  });
});

it('at most one spike of ttfs, two of tsc and K of fs', async () => {
  const spikes = async (name: string, steps: number) => {
    const curve = await measureCoding(digits.subject, baselineCodingNamed(name), digits.test, {
      steps: [steps],
    });
    return curve.points[0]!.spikesPerNeuron;
  };
  const one = await spikes('ttfs', 16);
  expect(one).toBeGreaterThan(0);
  expect(one).toBeLessThanOrEqual(1);
  // Both are silent where the value is less than half a quantum, T and T - 1 of them.
  expect(await spikes('tsc', 17)).toBeCloseTo(2 * one, 1);
  expect(await spikes('fs', 4)).toBeLessThanOrEqual(4);
});

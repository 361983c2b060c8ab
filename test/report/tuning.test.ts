// What `tune` notes of images that are few, of test images that show more loss than was allowed, and of a budget for no move.
import { describe, expect, it } from 'vitest';
import { type TuningSummary, tuningText } from '../../src/report/tuning.ts';
import type { Figures } from '../../src/tuning/trials.ts';

const figures: Figures = {
  images: 500,
  accuracy: 0.98,
  agreement: 0.98,
  discordant: { onlyFirst: 4, onlySecond: 1 },
  logitError: 0.1,
  sigma: 0.2,
  expectedLoss: 0.0002,
  lossBound: 0.0009,
  syops: 1e6,
  macs: 0,
  energyMj: 1e-3,
  spikes: 2000,
  spikesPerNeuron: 2,
  latency: 12,
};
const point = { setting: 'css', figures };
const step = { move: 'silent periods', what: 'one less', kept: true, figures, spent: 10 };
const summary: TuningSummary = {
  file: null,
  model: 'm.onnx',
  minimise: 'energy',
  maxLoss: 0.001,
  maxLatency: null,
  images: { calibration: 2000, validation: 2000, screened: 250 },
  budget: { allowed: 6, spent: 1 },
  cutShort: true,
  annAccuracy: 0.986,
  classes: 10,
  reference: point,
  steps: [step],
  chosen: { ...point, layers: [] },
  front: [point],
  test: {
    ...figures,
    file: 'd.npz',
    annAccuracy: 0.986,
    loss: 0.006,
    interval: { low: -0.0036, high: 0.0155 },
    mcnemar: 0.4,
  },
};
const notes = (changed: Partial<TuningSummary>) =>
  tuningText({ ...summary, ...changed })
    .split('\n')
    .filter((line) => line.startsWith('note: '));
const within = { test: { ...summary.test!, loss: 0.001 } };

describe('the text of tune notes', () => {
  it('a loss on the test images that is more than allowed, and no other', () => {
    expect(notes({})).toEqual([
      'note: lost 0.600 points on the test images, more than the 0.100 allowed (interval -0.36 to 1.55); judge by more or held-out images: --validation',
    ]);
    expect(notes(within)).toEqual([]);
    expect(notes({ test: null })).toEqual([]);
  });

  it('judging images of which one is more than the loss that is allowed', () => {
    const images = { ...summary.images, validation: 150 };
    expect(notes({ ...within, images })).toEqual(['note: one of the 150 judging images is 0.67 points']);
  });

  it('a budget that sufficed for no move', () => {
    expect(notes({ ...within, steps: [] })).toEqual([
      'note: nothing was searched: 6 runs did not suffice for one move; the default is 120',
    ]);
  });

  it('an ANN that guesses', () => {
    expect(notes({ ...within, annAccuracy: 0.1 })).toEqual([expect.stringContaining('near chance (10.00 %')]);
  });
});

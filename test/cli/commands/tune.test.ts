// `tune` on the embedded digits: a small search from end to end.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/data/dataset.ts';
import { engineNamed } from '../../../src/engines/index.ts';
import { evaluate } from '../../../src/evaluate.ts';
import { loadOnnx } from '../../../src/onnx/load.ts';
import type { TuningSummary } from '../../../src/report/tuning.ts';
import { loadNetwork } from '../../../src/snn/network/network-store.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { CALIBRATION_SET, MODEL, TEST_SET } from '../digits.ts';
import { invoke } from '../invoke.ts';

const folder = tempFolder();
const DIGITS = ['tune', MODEL, '--calibration', CALIBRATION_SET, '--scale', '16', '--limit', '80'];
const SMALL = [...DIGITS, '--data', TEST_SET, '--max-loss', '0.2', '--budget', '60'];

describe('tune', () => {
  let summary: TuningSummary;
  let text: string;
  let net: string;

  beforeAll(async () => {
    net = folder.path('tuned.snn');
    const json = folder.path('tuned.json');
    const run = await invoke(...SMALL, '-o', net, '--json', json);
    expect(run.err).toBe('');
    expect(run.code).toBe(0);
    text = run.out;
    summary = JSON.parse(await readFile(json, 'utf8')) as TuningSummary;
  }, 60_000);

  it('finds a network that holds with less than half of the energy', () => {
    const { chosen, reference } = summary;
    expect(chosen.figures.lossBound).toBeLessThanOrEqual(0.002);
    expect(chosen.figures.energyMj).toBeLessThan(0.5 * reference.figures.energyMj);
    expect(summary.images).toEqual({ calibration: 40, validation: 40, screened: 32 });
    expect(summary.budget.spent).toBeLessThanOrEqual(60);
  });

  it('says what each step bought, and counts as evaluate does', async () => {
    for (const { move } of summary.steps) expect(text).toContain(move);
    expect(text).toContain(`recommended: ${summary.chosen.setting}`);
    expect(text).toMatch(/95 % interval -?[\d.]+ to [\d.]+ \(paired\), McNemar p/);
    const dataset = await openDataset(TEST_SET, { limit: 80 });
    const report = await evaluate(await loadNetwork(net), dataset, {
      engine: engineNamed('event'),
      ann: await loadOnnx(MODEL),
    });
    expect(summary.test!.accuracy).toBe(report.snn.accuracy);
    expect(summary.test!.annAccuracy).toBeCloseTo(report.ann.accuracy!, 12);
    expect(summary.test!.agreement).toBe(report.snn.agreement);
    expect(summary.test!.syops).toBeCloseTo(report.operations.syops.fanOut, 6);
    expect(summary.test!.spikesPerNeuron).toBeCloseTo(report.spikes.perNeuron, 9);
    expect(summary.test!.energyMj).toBeCloseTo(report.energy.snnMj, 12);
    expect(summary.chosen.figures.latency).toBe(report.latency.steps);
  });

  it('writes a network that says how it was tuned, and the same one again', { timeout: 60_000 }, async () => {
    const network = await loadNetwork(net);
    expect(network.provenance.tuning).toContain('least energy at a loss of at most 0.2 points');
    expect(network.provenance.calibration.images).toBe(40);
    const again = folder.path('again.snn');
    expect((await invoke(...SMALL, '-o', again)).code).toBe(0);
    expect((await readFile(again)).equals(await readFile(net))).toBe(true);
  });

  it('has a front on which no point is worse than another in everything', () => {
    const axes = summary.front.map(({ figures: f }) => [f.expectedLoss, f.energyMj, f.latency]);
    for (const a of axes)
      for (const b of axes)
        expect(a !== b && a.every((v, i) => v >= b[i]!) && a.some((v, i) => v > b[i]!)).toBe(false);
  });
});

it('shortens latency where that is asked for', async () => {
  const small = ['--limit', '60', '--max-loss', '0.5', '--budget', '70'];
  const { out } = await invoke(...DIGITS, ...small, '--minimise', 'latency', '--json');
  const { chosen, reference } = JSON.parse(out) as TuningSummary;
  expect(chosen.figures.latency).toBeLessThanOrEqual(reference.figures.latency - 5);
}, 60_000);

it('says that a budget was spent before the end', async () => {
  const { out } = await invoke(...DIGITS, '--limit', '60', '--budget', '8', '--json');
  const { cutShort, budget } = JSON.parse(out) as TuningSummary;
  expect(cutShort).toBe(true);
  expect(budget.spent).toBeLessThanOrEqual(8);
}, 60_000);

it('refuses a loss that nothing holds, naming the least, and losses that are none', async () => {
  const none = await invoke(...DIGITS, '--max-loss', '0.1', '--max-latency', '2', '--budget', '3');
  expect(none.code).toBe(1);
  expect(none.err).toContain('expected a network that loses at most 0.1 points within 2 steps');
  expect((await invoke(...DIGITS, '--max-loss', '0')).code).toBe(2);
  expect((await invoke(...DIGITS, '--minimise', 'cost')).code).toBe(2);
});

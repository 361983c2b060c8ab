// What `tune` finds for ResNet-20, on 500 images that calibrate and 500 that judge. Each search runs 20,000 to 25,000
// images through networks: about 3 minutes on a quiet core.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import type { TuningSummary } from '../../src/report/tuning.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { IMAGENET_NORMALISATION } from './evaluation.ts';

async function tuned(...options: readonly string[]): Promise<TuningSummary> {
  const folder = mkdtempSync(join(tmpdir(), 'ann2snn-verify-'));
  const json = join(folder, 'tuned.json');
  const args = [
    ...['tune', shared('models/cifar10/resnet20.onnx')],
    ...['--calibration', shared('data/cifar10-calibration-1000.npz')],
    ...['--data', shared('data/cifar10-test-5000.npz')],
    ...IMAGENET_NORMALISATION,
    ...['--max-loss', '0.1', ...options, '-o', join(folder, 'net.snn'), '--json', json],
  ];
  const io = { out: (text: string) => console.log(text), err: console.error, interactive: false };
  try {
    expect(await runCli(args, io)).toBe(0);
    return JSON.parse(readFileSync(json, 'utf8')) as TuningSummary;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A loss of 0.3 points may be what 0.1 points look like on 5,000 images. */
function keepsItsWord({ test, images }: TuningSummary): void {
  expect(images).toMatchObject({ calibration: 500, validation: 500 });
  expect(test!.images).toBe(5000);
  expect(test!.loss!).toBeLessThanOrEqual(0.003);
  expect(test!.interval!.low).toBeLessThanOrEqual(0.001);
}

describe.skipIf(withoutShared)(`tune on ResNet-20 ${NEEDS_SHARED}`, () => {
  it("takes at most 36 % of the SyOPs of the paper's setting", async () => {
    const summary = await tuned('--minimise', 'energy', '--budget', '46');
    keepsItsWord(summary);
    const { chosen, reference } = summary;
    expect(reference.setting).toContain('T 12, beta 1.5, Ts 1, phi 0.5');
    expect(chosen.figures.syops / reference.figures.syops).toBeLessThanOrEqual(0.36);
  });

  it("answers at least 7 steps before the paper's setting", async () => {
    const summary = await tuned('--minimise', 'latency', '--budget', '40');
    keepsItsWord(summary);
    expect(summary.reference.figures.latency).toBe(31);
    expect(summary.chosen.figures.latency).toBeLessThanOrEqual(24);
  });
});

import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Ablation, AblationRow } from '../../../src/sweep/ablation.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { CALIBRATION_SET, MODEL, TEST_SET } from '../digits.ts';
import { misused, refused, succeed } from '../invoke.ts';

const folder = tempFolder();
const FROM = ['--calibration', CALIBRATION_SET, '--limit', '30', '--scale', '16'];
const ABLATE = ['ablate', MODEL, ...FROM, '--data', TEST_SET, '--images', '60', '--engine', 'dense'];
let ablation: Ablation;
let text = '';
let csv = '';

beforeAll(async () => {
  const [table, json] = [folder.path('ablation.csv'), folder.path('ablation.json')];
  text = await succeed(...ABLATE, '--longest', '2', '-o', table, '--json', json);
  csv = await readFile(table, 'utf8');
  ablation = JSON.parse(await readFile(json, 'utf8')) as Ablation;
}, 120_000);

const row = (name: string): AblationRow => ablation.rows.find((one) => one.name === name)!;

describe('ablate', () => {
  it("shows what the papers' figures show", () => {
    expect(ablation).toMatchObject({ format: 'ann2snn-ablation/1', coding: 'css', variants: 9, measured: 9 });
    const { mean, p999 } = row('as-converted').residual!;
    // SWS Fig. 5(a): a threshold of theta and no silent period leave more in the membranes, both together most.
    for (const name of ['threshold-theta', 'no-silent-period']) {
      expect(row(name).residual!.mean).toBeGreaterThan(mean);
      expect(row('threshold-theta-no-silent-period').residual!.mean).toBeGreaterThan(
        row(name).residual!.mean,
      );
    }
    // CSS Fig. 2: without negative spikes residuals are far larger.
    expect(row('integrate-and-fire-0').residual!.p999).toBeGreaterThan(10 * p999);
    expect(row('integrate-and-fire-0').agreement).toBeLessThan(1);
    // CSS Fig. 4: silence makes up for some of it.
    expect(row('integrate-and-fire-2').residual!.mean).toBeLessThan(
      row('integrate-and-fire-0').residual!.mean,
    );
    expect(row('as-converted').agreement).toBe(1);
  });

  it('says of each variant what it changes, and writes the same as a table', () => {
    expect(row('as-converted')).toMatchObject({ lastPhi: 0.5, negativeSpikes: true, source: null });
    expect(row('integrate-and-fire-2')).toMatchObject({ lastPhi: 1, negativeSpikes: false, phi: 1, Ts: 2 });
    expect(text).toMatch(/^threshold at theta +1 +1 .* SWS Fig\. 5$/m);
    const lines = csv.trimEnd().split('\n');
    expect(lines.map((line) => line.split(',')[0])).toEqual([
      'variant',
      ...ablation.rows.map(({ name }) => name),
    ]);
    expect(lines[0]).toMatch(/,last_phi,negative_spikes$/);
    expect(lines.at(-1)).toMatch(/,1,false$/);
  });

  it('refuses what is no coding, and an engine that lacks such neurons', async () => {
    const kept = ['--journal', folder.path('refused.journal')];
    expect(await refused('invalid-option', ...ABLATE, ...kept, '--steps', '40')).toContain('found 40');
    expect(await misused(...ABLATE, '--longest', '0')).toContain('expected a whole number above 0');
    expect(await refused('invalid-option', ...ABLATE, ...kept, '--engine', 'event')).toContain(
      'expected one that runs neurons without negative spikes (auto, dense, reference), found event',
    );
  });
});

// compare, on the embedded network.
import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Comparison } from '../../../src/report/comparison.ts';
import { sharp } from '../../data/sharp-present.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { CALIBRATION_SET, MODEL, SCALE, TEST_SET } from '../digits.ts';
import { refused, succeed } from '../invoke.ts';

const folder = tempFolder();

const DIGITS = [
  'compare',
  MODEL,
  '--calibration',
  CALIBRATION_SET,
  '--data',
  TEST_SET,
  '--scale',
  `${SCALE}`,
];

it('answers with curves and what each coding needs', async () => {
  const text = await succeed(...DIGITS, '--limit', '100', '--images', '50', '--codings', 'css,fs', '--json');
  const comparison = JSON.parse(text) as Comparison;
  expect(comparison.data.images).toBe(50);
  expect(comparison.calibrationImages).toBe(100);
  expect(comparison.curves.map(({ name }) => name)).toEqual(['css', 'fs']);
  expect(comparison.needs.map(({ points }) => points)).toEqual([1, 0.1]);
  expect(comparison.leftOut).toEqual([]);
  const [css, fs] = comparison.curves;
  // Three layers: css starts each a step later, fs a whole window.
  for (const { steps, latency } of fs!.points) expect(latency).toBe(3 * steps);
  expect(css!.points.at(-1)).toMatchObject({ steps: 12, latency: 15, macs: 0, images: 50 });
  expect(css!.points.at(-1)!.accuracy).toBeGreaterThanOrEqual(comparison.ann.accuracy - 0.02);
});

it.skipIf(sharp === null)('writes plots, and a file that plot draws (needs sharp)', async () => {
  const [plots, json, picture] = [folder.path('plots'), folder.path('compared.json'), folder.path('own.svg')];
  const few = ['--limit', '50', '--images', '20', '--codings', 'fs,ttfs'];
  const said = await succeed(...DIGITS, ...few, '--plots', plots, '--json', json);
  expect(said).toMatch(/plots {3}6 files: accuracy-steps\.svg, accuracy-steps\.png/);
  expect(await readdir(plots)).toHaveLength(6);
  expect(await readFile(`${plots}/accuracy-energy.svg`, 'utf8')).toMatch(/^<svg .*>ttfs<.*>ANN /s);
  await succeed('plot', json, '--x', 'latency', '--y', 'accuracy', '-o', picture);
  expect(await readFile(picture, 'utf8')).toMatch(/^<svg .*>fs<.*>ttfs</s);
});

it('leaves out codings that cannot carry the network, each by name with its reason', async () => {
  const few = ['--limit', '50', '--images', '20', '--codings', 'fs,rate'];
  const text = await succeed(...DIGITS, ...few);
  expect(text).toMatch(/\nLeft out: rate: layer .*MaxPool.*: expected no max-pool/);
  const comparison = JSON.parse(await succeed(...DIGITS, ...few, '--json')) as Comparison;
  expect(comparison.curves.map(({ name }) => name)).toEqual(['fs']);
  expect(comparison.leftOut).toMatchObject([{ name: 'rate', reasons: [expect.stringMatching(/MaxPool/)] }]);
});

it('refuses where none of the codings that were asked for can carry the network', async () => {
  const text = await refused('unsupported-operator', ...DIGITS, '--codings', 'rate,burst');
  expect(text).toMatch(/rate: layer .*MaxPool/);
  expect(text).toMatch(/burst: layer .*MaxPool/);
});

it('names the nearest coding of one that there is not', async () => {
  expect(await refused('unknown-name', ...DIGITS, '--codings', 'ttsf')).toMatch(/ttfs/);
});

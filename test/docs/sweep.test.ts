// docs/sweep.md and docs/ablation.md against the JSON and the tables themselves.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { codingOf } from '../../src/snn/network/coding.ts';
import { csvCells } from '../../src/sweep/csv.ts';
import { variantsOf } from '../../src/sweep/variants.ts';
import { CALIBRATION_SET, MODEL, TEST_SET } from '../cli/digits.ts';
import { succeed } from '../cli/invoke.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { rowOf } from '../sweep/rows.ts';

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const folder = tempFolder();

/** Every key of an object and of what is in it, each once. */
function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return [...new Set(Object.entries(value).flatMap(([key, one]) => [key, ...keysOf(one)]))];
}

it('docs/sweep.md names every field of a sweep, and no other', async () => {
  const data = ['--calibration', CALIBRATION_SET, '--limit', '10', '--scale', '16', '--data', TEST_SET];
  const args = [
    'sweep',
    MODEL,
    ...data,
    '--images',
    '5',
    '--steps',
    '2',
    '--journal',
    folder.path('journal'),
  ];
  const keys = keysOf(JSON.parse(await succeed(...args, '--json')));
  const rows = page('sweep.md')
    .split('\n')
    .flatMap((line) => (line.startsWith('| `') ? [line.split('|')[1]!] : []));
  const named = rows.flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, field]) => field!.split('.')),
  );
  const documented = new Set(named.map((field) => field.replace('[]', '')).filter((field) => field !== ''));
  expect([...documented].sort()).toEqual(keys.sort());
});

it('columns of a table are the fields in snake case', () => {
  const row = { ...rowOf({}), front: { energy: true, latency: true, opf: true } };
  const snake = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const columns = Object.keys(csvCells(row)).map((column) =>
    column.replace(/^(residual|front)_|_(low|high)$/g, ''),
  );
  const fields = keysOf(row).map((key) => (key === 'T' ? key : snake(key)));
  expect(columns.filter((column) => !fields.includes(column) && !['Ts'].includes(column))).toEqual([]);
});

it('docs/ablation.md names every variant', () => {
  const names = variantsOf(codingOf('css'), 4).map(({ name }) => name.replace(/-\d$/, '-N'));
  for (const name of names) expect(page('ablation.md')).toContain(`\`${name}\``);
});

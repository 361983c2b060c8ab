// docs/report.md against the JSON itself: every key that evaluate, convert, report and predict write stands in the page's tables,
// and every field of the tables is written.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { engineNamed } from '../../src/engines/index.ts';
import { evaluate } from '../../src/evaluate.ts';
import { predict } from '../../src/predict.ts';
import { loadNetwork } from '../../src/snn/network/network-store.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { CALIBRATION_SET, MODEL, SCALE, TEST_SET } from '../cli/digits.ts';
import { succeed } from '../cli/invoke.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { pageOfDigits } from '../report/page-of-digits.ts';

const QUANTIZED = fileURLToPath(new URL('../../models/digits-int8.onnx', import.meta.url));
const page = readFileSync(new URL('../../docs/report.md', import.meta.url), 'utf8');
const folder = tempFolder();

/** Objects whose keys are names of layers. */
const MAPS = ['silentSearch.layers', 'adjustment.scales'];

/** Tables hang on the field that the sentence in front of them names: where that is in the whole object. */
const PARENTS: Readonly<Record<string, string>> = {
  outputs: 'outputs[].',
  layers: 'layers[].',
  membrane: 'layers[].membrane.',
  diagnosis: 'diagnosis[].',
  silentSearch: 'silentSearch.',
  adjustment: 'adjustment.',
};

/** The fields in the first column of a section's tables; `.x` stands for a sibling of the field before it. */
function documented(section: string): string[] {
  const text = page.split(/^(?=#+ )/m).find((part) => part.startsWith(section))!;
  const fields: string[] = [];
  let parent = '';
  for (const line of text.split('\n')) {
    const named = /^(?:An entry|Fields) of `(\w+)`/.exec(line);
    if (named !== null) parent = PARENTS[named[1]!]!;
    if (!line.startsWith('| `')) continue;
    let before = '';
    for (const [, field] of line.split('|')[1]!.matchAll(/`([^`]+)`/g)) {
      before = field!.startsWith('.') ? before.replace(/\.?\w+(\[\])?$/, field!) : field!;
      fields.push(parent + before);
    }
  }
  return fields;
}

/** Every key path of an object, lists as `[]`. */
function keys(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((one) => keys(one, `${path}[]`))];
  if (typeof value !== 'object' || value === null || MAPS.includes(path)) return [path];
  const of = Object.entries(value).flatMap(([key, one]) => keys(one, path === '' ? key : `${path}.${key}`));
  return path === '' ? of : [path, ...of];
}

function compare(section: string, objects: readonly unknown[]): void {
  const written = new Set(objects.flatMap((object) => keys(object)));
  const fields = documented(section);
  expect(fields.length).toBeGreaterThan(3);
  const plain = (path: string) => path.replace(/\[\]$/, '');
  // What stands in the tables says what is above it as well; a list of numbers or names is one field.
  const told = new Set(fields.map(plain));
  const above = (path: string) =>
    [...told].some((field) => field.startsWith(`${path}.`) || field.startsWith(`${path}[]`));
  const isTold = (path: string) => told.has(plain(path)) || above(path);
  expect(
    [...written].filter((path) => !isTold(path)),
    'written, not documented',
  ).toEqual([]);
  const present = new Set([...written].map(plain));
  expect(
    [...told].filter((field) => !present.has(field)),
    'documented, not written',
  ).toEqual([]);
}

const json = async (...args: string[]) => JSON.parse(await succeed(...args, '--json')) as unknown;
const digits = ['--calibration', CALIBRATION_SET, '--limit', '20', '--scale', String(SCALE)];

describe('docs/report.md has every field', () => {
  it('of evaluate', async () => {
    const [float, integer] = [folder.path('float.snn'), folder.path('integer.snn')];
    // Two steps without silence are few: losses are named.
    await json(
      'convert',
      MODEL,
      ...digits,
      '--steps',
      '2',
      '--silent',
      '0',
      '--percentile',
      '90',
      '-o',
      float,
    );
    await json('convert', QUANTIZED, ...digits, '-o', integer);
    const evaluated = (net: string, model: string) =>
      json('evaluate', net, '--data', TEST_SET, '--limit', '10', '--ann', model);
    const interrupted = await evaluate(await loadNetwork(float), await openDataset(TEST_SET), {
      engine: engineNamed('dense'),
      signal: AbortSignal.abort(),
    });
    const whole = [await evaluated(float, MODEL), await evaluated(integer, QUANTIZED)];
    compare('# The JSON', [...whole, interrupted]);
  });

  it('of convert', async () => {
    const out = folder.path('net.snn');
    compare('## convert', [
      await json('convert', QUANTIZED, ...digits, '--silent', 'auto', '-o', out),
      await json('convert', MODEL, ...digits, '--steps', '6', '--silent', '0', '--adjust', '1', '-o', out),
    ]);
  });

  it('of report, which holds one of evaluate', async () => {
    const { data } = await pageOfDigits(folder.path('report.html'), '--images', '10');
    const energy = { ...data.energy, constants: null };
    // A spike is a list of three numbers.
    const layers = data.raster!.layers.map((layer) => ({ ...layer, spikes: null }));
    compare('## report', [{ ...data, report: null, energy, raster: { ...data.raster, layers } }]);
  });

  it('of predict', async () => {
    const net = folder.path('digits.snn');
    await json('convert', MODEL, ...digits, '-o', net);
    const { data } = await (await openDataset(TEST_SET)).read(0, 1);
    const picture = floatTensor([1, 1, 8, 8], Float32Array.from(data));
    compare('## predict', await predict(await loadNetwork(net), engineNamed('dense'), picture, ['one']));
  });
});

// Opening a data set of whatever kind, and checking its labels against a network's classes.
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Ann2SnnError, messageOf, type Problem, throwIfAny } from '../errors.ts';
import { readWhole } from '../files.ts';
import { checkRange } from './array-dataset.ts';
import type { Dataset, DatasetOptions, DatasetReader } from './dataset-reader.ts';
import { listFolder } from './folder.ts';
import { datasetReaders } from './index.ts';
import { refuseLabels } from './labels.ts';

export type { Dataset, DatasetOptions, DatasetReader } from './dataset-reader.ts';

/**
 * Opens a data set with the first reader that recognises it (src/data/index.ts).
 * @throws Ann2SnnError `file-not-readable`, `invalid-data`, `invalid-option` or `missing-dependency`
 */
export async function openDataset(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  const { limit } = options;
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    refuse('invalid-option', 'limit', `expected a whole number of images from 1, found ${limit}`);
  }
  const reader = await readerOf(path);
  checkOptions(reader, path, options);
  const names = options.classes === undefined ? null : await readClassNames(options.classes);
  const whole = await reader.open(path, options, names);
  const dataset = { ...firstImages(whole, limit ?? whole.count), classNames: whole.classNames ?? names };
  if (names !== null) checkLabels(dataset, names.length);
  return dataset;
}

/** Opens a data set for a network with these inputs: where there are several, an array for each by its name. */
export function openDatasetFor(
  inputs: NonNullable<DatasetOptions['inputs']>,
  path: string,
  options: DatasetOptions = {},
): Promise<Dataset> {
  return openDataset(path, inputs.length === 1 ? options : { ...options, inputs });
}

/** Throws `invalid-data` when a label is no class of a network with `classes` classes. */
export function checkLabels(dataset: Dataset, classes: number): void {
  if (dataset.labels === null) return;
  refuseLabels(
    dataset.labels,
    dataset.path,
    `classes 0 to ${classes - 1}`,
    (label) => label >= 0 && label < classes,
  );
}

/**
 * Refuses data sets among the paths of pictures. What is not there is left to whoever reads the pictures.
 * @throws Ann2SnnError `invalid-data` naming all of them
 */
export async function refuseDatasets(pictures: readonly string[]): Promise<void> {
  const problems: Problem[] = [];
  for (const path of pictures) {
    const found = await stat(path).catch(() => null);
    if (found === null) continue;
    for (const reader of datasetReaders) {
      if (!(await reader.recognises(path, found))) continue;
      problems.push({ where: path, message: `expected a picture, found a data set (${reader.name})` });
      break;
    }
  }
  throwIfAny('invalid-data', problems, { help: `this is a data set: --data ${problems[0]?.where}` });
}

async function readerOf(path: string): Promise<DatasetReader> {
  const found = await statOf(path);
  for (const reader of datasetReaders) {
    if (await reader.recognises(path, found)) return reader;
  }
  if (await isCalibrationFile(path, found)) {
    refuse('invalid-data', path, 'expected images, found a calibration file; this command needs the images');
  }
  const understood = datasetReaders.map(({ name, summary }) => `\n  ${name}: ${summary}`).join('');
  return refuse(
    'invalid-data',
    path,
    `expected a data set of a known kind, found ${found.isDirectory() ? await contentOf(path) : `a file "${basename(path)}"`}`,
    `give the path of one of these:${understood}`,
  );
}

/** Whether a file is what `calibrate` writes, which some commands take in the place of images and others do not. */
async function isCalibrationFile(path: string, found: Stats): Promise<boolean> {
  if (!found.isFile() || !path.toLowerCase().endsWith('.json')) return false;
  return new TextDecoder().decode(await readWhole(path)).includes('"percentileDefinition"');
}

/** What lies in a folder, in a few names. */
async function contentOf(path: string): Promise<string> {
  const { folders, files } = await listFolder(path);
  const names = [...folders.map((folder) => `${folder}/`), ...files];
  if (names.length === 0) return 'an empty folder';
  const more = names.length - SHOWN_NAMES;
  const shown = names.slice(0, SHOWN_NAMES).join(', ');
  return `a folder of ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Names that an error tells of a folder. */
const SHOWN_NAMES = 5;

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw new Ann2SnnError(
      'file-not-readable',
      {
        where: path,
        message: `expected a file or folder that can be read, found none (${messageOf(error)})`,
      },
      { cause: error },
    );
  }
}

/** Refuses an option that the kind of file has no use for, rather than ignoring it. */
function checkOptions(reader: DatasetReader, path: string, options: DatasetOptions): void {
  const given = {
    layout: options.layout === 'nhwc',
    labels: options.labels !== undefined,
    inputs: options.inputs !== undefined,
  };
  for (const name of ['layout', 'labels', 'inputs'] as const) {
    if (!given[name] || reader.takes.includes(name)) continue;
    const takers = datasetReaders.filter(({ takes }: DatasetReader) => takes.includes(name));
    const kinds = takers.map((taker) => taker.name).join(' and ');
    refuse(
      'invalid-option',
      path,
      `expected the option ${name} with ${kinds} only, found it with ${reader.name}`,
    );
  }
}

async function readClassNames(path: string): Promise<readonly string[]> {
  const names = new TextDecoder()
    .decode(await readWhole(path))
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const empty = names.indexOf('');
  if (empty !== -1)
    refuse('invalid-data', path, `expected one class name per line, found line ${empty + 1} empty`);
  const double = names.find((name, i) => names.indexOf(name) !== i);
  if (double !== undefined) refuse('invalid-data', path, `expected each class once, found "${double}" twice`);
  return names;
}

function firstImages(dataset: Dataset, limit: number): Dataset {
  const count = Math.min(limit, dataset.count);
  return {
    ...dataset,
    count,
    labels: dataset.labels?.slice(0, count) ?? null,
    read: async (from, to) => {
      checkRange(from, to, count);
      return dataset.read(from, to);
    },
  };
}

function refuse(
  code: 'invalid-data' | 'invalid-option',
  where: string,
  message: string,
  help?: string,
): never {
  throw new Ann2SnnError(code, { where, message }, help === undefined ? {} : { help });
}

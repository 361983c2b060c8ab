// NIR files in numpy: with ReLU in the place of IF neurons, and simulated step by step.
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { preprocess } from '../../src/data/preprocessing.ts';
import { nir } from '../../src/export/nir.ts';
import { loadOnnx } from '../../src/onnx/load.ts';
import { openOriginal } from '../../src/runtime/original.ts';
import { inputEncoders, type Network } from '../../src/snn/network/network.ts';
import { writeNetworkNpz } from '../../src/snn/network/network-npz.ts';
import { writeNpy } from '../../src/tensor/npy.ts';
import type { FloatTensor, Tensor } from '../../src/tensor/tensor.ts';
import type { tempFolder } from '../data/temp-folder.ts';
import { readNpz } from '../tensor/read-npz.ts';

type Folder = ReturnType<typeof tempFolder>;
const PYTHON = '/usr/bin/python3';

/** True where Python cannot read HDF5 files; suites say so in their titles. */
export const withoutH5py = spawnSync(PYTHON, ['-c', 'import h5py, numpy']).status !== 0;

/** What a skipped title ends with. */
export const NEEDS_H5PY = '(needs python3-h5py, skipped where it is absent)';

export interface NirJob {
  readonly network: Network;
  readonly images: FloatTensor;
}

/** What the graph of a network put out, and the weights that h5py found in it, as `NODE/weight`. */
export interface NirAnswer {
  readonly output: readonly number[];
  readonly arrays: ReadonlyMap<string, Tensor>;
}

/** The first `count` images of a data set as a network of one input reads them. */
export async function imagesFor(network: Network, data: string, count: number): Promise<FloatTensor> {
  const images = await (await openDataset(data)).read(0, count);
  return preprocess(images, network.preprocessing, inputEncoders(network)[0]!.shape);
}

/** Runs exports with ReLU in the place of IF neurons, with the bounds that their metadata has, in one process of Python. */
export async function runAnalog(folder: Folder, jobs: readonly NirJob[]): Promise<NirAnswer[]> {
  const paths = await Promise.all(
    jobs.map(async ({ network, images }, i) => [
      await folder.put(`${i}.nir`, await nir.write(network)),
      await folder.put(`${i}.npy`, writeNpy(images)),
      folder.path(`${i}.npz`),
    ]),
  );
  runPython('nir_forward.py', paths.flat());
  return Promise.all(
    paths.map(async ([, , out]) => {
      const arrays = readNpz(await readFile(out!), out!);
      const [, output] = [...arrays].find(([name]) => name.startsWith('output/'))!;
      return { output: Array.from(output.data), arrays };
    }),
  );
}

/**
 * How far the analog output is from that of the ONNX file in ONNX Runtime on a few images, as worstDifference says. Asserts
 * that h5py finds the weights of the npz export, element by element.
 */
export async function differenceToFile(
  folder: Folder,
  network: Network,
  model: string,
  data: string,
): Promise<number> {
  const images = await imagesFor(network, data, 8);
  const session = await openOriginal(await loadOnnx(model));
  const answers = await session.run(new Map([[session.inputNames[0]!, images]]));
  await session.release();
  const [answer] = await runAnalog(folder, [{ network, images }]);
  expectWeightsOfNpz(answer!, network);
  return worstDifference(answer!.output, answers.get(session.outputNames[0]!)!.data as Float32Array);
}

/** Accuracies on the first images of a data set: with ReLU, and by rates over so many steps with either reset. */
export interface RateAccuracies {
  readonly analog: number;
  readonly hard: { readonly [steps: string]: number };
  readonly subtract: { readonly [steps: string]: number };
}

/** Simulates the export of a network of one input, images as constant currents. */
export async function simulateRates(
  folder: Folder,
  network: Network,
  data: string,
  { count, steps }: { readonly count: number; readonly steps: readonly number[] },
): Promise<RateAccuracies> {
  const { labels } = await openDataset(data);
  const out = folder.path('rates.json');
  runPython('nir_rates.py', [
    await folder.put('rates.nir', await nir.write(network)),
    await folder.put('images.npy', writeNpy(await imagesFor(network, data, count))),
    await folder.put(
      'labels.npy',
      writeNpy({ dtype: 'int32', shape: [count], data: Int32Array.from(labels!.slice(0, count)) }),
    ),
    out,
    ...steps.map(String),
  ]);
  return JSON.parse(await readFile(out, 'utf8'));
}

/** The largest difference relative to the largest number expected. */
export function worstDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  const differences = Array.from(expected, (value, i) => Math.abs(value - found[i]!));
  return Math.max(...differences) / Math.max(...Array.from(expected, Math.abs));
}

/** Asserts that h5py found the weights of the npz export, element by element. */
function expectWeightsOfNpz({ arrays }: NirAnswer, network: Network): void {
  let compared = 0;
  for (const [name, weight] of readNpz(writeNetworkNpz(network), 'net.npz')) {
    const found = name.endsWith('.weight')
      ? arrays.get(`${name.slice(0, -'.weight'.length)}/weight`)
      : undefined;
    if (found === undefined) continue;
    expect(found.shape).toEqual(weight.shape);
    expect(Buffer.compare(bytesOf(found), bytesOf({ data: Float32Array.from(weight.data) })), name).toBe(0);
    compared++;
  }
  expect(compared).toBeGreaterThan(0);
}

function runPython(script: string, args: readonly string[]): void {
  const path = fileURLToPath(new URL(`./${script}`, import.meta.url));
  const { status, stderr } = spawnSync(PYTHON, ['-B', path, ...args], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

function bytesOf({ data }: Pick<Tensor, 'data'>): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

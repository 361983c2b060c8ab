// A NIR file in numpy, with ReLU in the place of IF neurons, beside the ONNX file in ONNX Runtime.
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { preprocess } from '../../src/data/preprocessing.ts';
import { nir } from '../../src/export/nir.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { writeNetworkNpz } from '../../src/snn/network/network-npz.ts';
import { writeNpy } from '../../src/tensor/npy.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { tempFolder } from '../data/temp-folder.ts';
import { readNpz } from '../tensor/read-npz.ts';

const PYTHON = '/usr/bin/python3';

/** True where Python cannot read HDF5 files; suites say so in their titles. */
export const withoutH5py = spawnSync(PYTHON, ['-c', 'import h5py, numpy']).status !== 0;

/** What a skipped title ends with. */
export const NEEDS_H5PY = '(needs python3-h5py, skipped where it is absent)';

/**
 * The largest difference of logits to the ANN's on a few images, relative to the largest logit. Asserts that h5py finds the
 * weights of the npz export, element by element.
 */
export async function analogOfNir(
  folder: ReturnType<typeof tempFolder>,
  network: Network,
  model: string,
  data: string,
): Promise<{ readonly difference: number }> {
  const images = await (await openDataset(data)).read(0, 8);
  const input = preprocess(images, network.preprocessing, network.nodes[0]!.shape);
  const session = await InferenceSession.create(model);
  const answers = await session.run({
    [session.inputNames[0]!]: new OrtTensor('float32', input.data, [...input.shape]),
  });
  await session.release();
  const expected = answers[session.outputNames[0]!]!.data as Float32Array;
  const arrays = await runInPython(folder, network, input);
  expectWeightsOfNpz(arrays, network);
  const name = [...arrays.keys()].find((key) => key.startsWith('output/'));
  const found = arrays.get(name!)!.data;
  const differences = Array.from(expected, (value, i) => Math.abs(value - found[i]!));
  return { difference: Math.max(...differences) / Math.max(...expected.map(Math.abs)) };
}

async function runInPython(folder: ReturnType<typeof tempFolder>, network: Network, input: Tensor) {
  const path = await folder.put('net.nir', await nir.write(network));
  const image = await folder.put('in.npy', writeNpy(input));
  const out = folder.path('out.npz');
  const script = fileURLToPath(new URL('./nir_forward.py', import.meta.url));
  const { status, stderr } = spawnSync(PYTHON, [script, path, image, out], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return readNpz(await readFile(out), out);
}

function expectWeightsOfNpz(arrays: ReadonlyMap<string, Tensor>, network: Network): void {
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

function bytesOf({ data }: Pick<Tensor, 'data'>): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

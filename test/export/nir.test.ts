// The NIR export, read back by itself and by Python, which share nothing with what wrote it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nir } from '../../src/export/nir.ts';
import { readNir } from '../../src/nir/read-nir.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { loadNetwork } from '../../src/snn/network/network-store.ts';
import { CONVERT_DIGITS, TEST_SET } from '../cli/digits.ts';
import { succeed } from '../cli/invoke.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { dyadicNetwork } from '../engines/dyadic-network.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { differenceToFile, NEEDS_H5PY, withoutH5py } from './nir-python.ts';
import { expectComposed, expectWeights } from './nir-structure.ts';

const folder = tempFolder();
const withoutH5dump = spawnSync('h5dump', ['--version']).status !== 0;

async function converted(model: string, ...options: string[]): Promise<Network> {
  const path = folder.path('net.snn');
  await succeed('convert', model, ...options, '-o', path);
  return loadNetwork(path);
}

const digits = () => converted(CONVERT_DIGITS[1]!, ...CONVERT_DIGITS.slice(2));
const digitsInt8 = () =>
  converted(
    fileURLToPath(new URL('../../models/digits-int8.onnx', import.meta.url)),
    ...CONVERT_DIGITS.slice(2),
  );
const MNIST = ['--calibration', shared('data/mnist/calibration-1000.npz')];
describe('the NIR graph', () => {
  it.each([
    { name: 'digits', network: digits },
    { name: 'digits in integers', network: digitsInt8 },
  ])('of $name has edges between nodes that fit, and all weights', async ({ network }) => {
    const net = await network();
    const graph = await readNir(await nir.write(net));
    expectComposed(graph);
    expectWeights(graph, net);
    const output = [...graph.nodes.values()].find(({ type }) => type === 'Output');
    expect(output!.metadata).toMatchObject({ kind: 'readout', head: 'none', T: net.coding.T });
    expect(JSON.parse(String(graph.metadata!.network)).nodes).toHaveLength(net.nodes.length);
  });

  it('of random networks composes, or is refused by the names of operators', async () => {
    const outcomes = { written: 0, refused: 0 };
    for (let seed = 0; seed < 12; seed++) {
      const { network } = dyadicNetwork(seed);
      const bytes = await nir.write(network).catch((error: Error) => {
        expect(error.message).toMatch(/^\S+ ".*": (NIR has no|expected) /);
        return null;
      });
      outcomes[bytes === null ? 'refused' : 'written']++;
      if (bytes === null) continue;
      const graph = await readNir(bytes);
      expectComposed(graph);
      expectWeights(graph, network);
      expect(Buffer.compare(bytes, await nir.write(network))).toBe(0);
    }
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(0);
  });
});

describe.skipIf(withoutH5py)(`the file in Python ${NEEDS_H5PY}`, () => {
  it('of digits computes what the ANN does', async () => {
    const difference = await differenceToFile(folder, await digits(), CONVERT_DIGITS[1]!, TEST_SET);
    expect(difference).toBeLessThan(1e-5);
  });

  it.skipIf(withoutShared).each([
    { model: 'mnist/lenet5-avg.onnx', options: MNIST, data: 'data/mnist/t10k-images-idx3-ubyte.gz' },
    { model: 'mnist/lenet5-max.onnx', options: MNIST, data: 'data/mnist/t10k-images-idx3-ubyte.gz' },
  ])(`of $model computes what the ANN does ${NEEDS_SHARED}`, async ({ model, options, data }) => {
    const path = shared(`models/${model}`);
    const network = await converted(path, ...options);
    const difference = await differenceToFile(folder, network, path, shared(data));
    expect(difference).toBeLessThan(1e-5);
  });

  it.skipIf(withoutH5dump)(
    'is opened by h5dump (needs hdf5-tools, skipped where they are absent)',
    async () => {
      const path = await folder.put('digits.nir', await nir.write(await digits()));
      const { status, stdout } = spawnSync('h5dump', ['-H', path], { encoding: 'utf8' });
      expect(status).toBe(0);
      expect(stdout).toMatch(/GROUP "node" \{/);
      expect(stdout).toMatch(/DATASET "edges"/);
    },
  );
});

// Lossless formats: what was written comes back as it was, and is written again with the same bytes.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { exporters } from '../../src/export/index.ts';
import { readableName } from '../../src/snn/network/member-names.ts';
import { mostAhead, type Network, neuronLayers } from '../../src/snn/network/network.ts';
import { readNetworkNpz, writeNetworkNpz } from '../../src/snn/network/network-npz.ts';
import { loadNetwork } from '../../src/snn/network/network-store.ts';
import { writeNpy } from '../../src/tensor/npy.ts';
import { openNpz, writeNpz } from '../../src/tensor/npz.ts';
import { type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { dyadicNetwork } from '../engines/dyadic-network.ts';
import { loadGolden } from '../engines/golden.ts';
import { NEEDS_SHARED, withoutShared } from '../shared.ts';
import { quantizedNetwork } from '../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../snn/random-quantized-graph.ts';
import { readNpz } from '../tensor/read-npz.ts';

const folder = tempFolder();
const lossless = exporters.filter(({ fidelity }) => fidelity.kind === 'lossless');
const quantized = (seed: number, lookAhead: boolean) =>
  quantizedNetwork(randomQuantizedGraph(seed, false).graph).network({ Ts: 1, lookAhead });

const anyNetwork = fc.oneof(
  fc.nat().map((seed) => dyadicNetwork(seed).network),
  fc.tuple(fc.nat(), fc.boolean()).map(([seed, lookAhead]) => quantized(seed, lookAhead)),
);

describe.each(lossless)('$name', ({ ending, write }) => {
  it('loads back to the identical network, and is the same bytes on second export', async () => {
    const seen = { integer: 0, float32: 0, ahead: 0 };
    await fc.assert(
      fc.asyncProperty(anyNetwork, async (network) => {
        const bytes = await write(network);
        const read = await loadNetwork(await folder.put(`net${ending}`, bytes));
        expect(read).toEqual({ ...network, constants: withoutGrids(network) });
        expect(Buffer.from(await write(read)).equals(bytes)).toBe(true);
        seen[network.arithmetic]++;
        if (neuronLayers(network).some((layer) => mostAhead(layer) > 0)) seen.ahead++;
      }),
      { seed: 7, numRuns: 60 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });
});

/** Conversion keeps beside a tensor where it was quantized; files do not. */
function withoutGrids(network: Network): ReadonlyMap<string, Tensor> {
  return new Map(
    [...network.constants].map(([name, { dtype, shape, data }]) => [name, { dtype, shape, data }]),
  );
}

const { network } = dyadicNetwork(3);
const arrays = readNpz(writeNetworkNpz(network), 'net.npz');

/** The file with one array in the place of another, or one more. */
const changed = (name: string, value: Tensor) => writeNpz(new Map([...arrays, [name, value]]));

describe('a network as npz', () => {
  it('has what every neuron layer needs by name', () => {
    const [layer] = neuronLayers(network);
    const name = readableName(layer!.name);
    expect(arrays.get(`${name}.amplitude`)!.data).toEqual(Float64Array.of(layer!.theta as number));
    expect(arrays.get(`${name}.silent_period`)!.data).toEqual(Int32Array.of(layer!.Ts));
    expect([...arrays.get(`${name}.window`)!.data]).toEqual([layer!.start, layer!.start + network.coding.T]);
    expect([...arrays.get(`${name}.shape`)!.data]).toEqual(layer!.shape);
    const thresholds = [...arrays.get(`${name}.threshold`)!.data];
    expect(thresholds.slice(0, -1)).toEqual(
      Array.from({ length: network.coding.T - 1 }, () => layer!.phi * 2 ** layer!.Ts),
    );
    expect(thresholds.at(-1)).toBe(2 ** layer!.Ts / 2);
    expect([...arrays.get(`${name}.fires_at_threshold`)!.data]).toEqual(thresholds.map(() => 1));
    const [, columns] = arrays.get('connections')!.shape;
    expect(columns).toBe(4);
  });

  it('has what neurons that look ahead need: forecasts, and the steps by which sources run ahead', () => {
    const ahead = Array.from({ length: 64 }, (_, i) => i + 1)
      .map((seed) => quantizedNetwork(randomQuantizedGraph(seed, true).graph))
      .map((quantized) => quantized.network({ Ts: 1, phi: 1 / 2, lookAhead: true }))
      .find((found) => neuronLayers(found).some((layer) => mostAhead(layer) > 0))!;
    const found = readNpz(writeNetworkNpz(ahead), 'ahead.npz');
    const edges = [...found.get('connections')!.data];
    const steps = edges.filter((_, i) => i % 4 === 3);
    expect(Math.max(...steps)).toBe(Math.max(...neuronLayers(ahead).map(mostAhead)));
    for (const { name, forecast } of neuronLayers(ahead))
      expect([...found.get(`${readableName(name)}.forecast`)!.data]).toEqual(forecast);
    // At the last step the even one of two whole numbers is written, with a forecast a step before too (format.md, section 6).
    const { T } = ahead.coding;
    for (const { name } of neuronLayers(ahead)) {
      const fires = [...found.get(`${readableName(name)}.fires_at_threshold`)!.data];
      expect(fires).toEqual(Array.from({ length: T }, (_, i) => Number(i < T - 2)));
    }
  });

  it.each([
    ['/layer2/layer2.0/conv1/Conv', 'Conv', 'layer2.0.conv1'],
    ['/layer1/layer1.0/Relu_output_0', '', 'layer1.0.Relu_output_0'],
    ['../../etc/passwd', '', 'etc.passwd'],
    ['C:\\x', '', 'C__x'],
    ['Conv', 'Conv', 'Conv'],
    ['/', '', 'unnamed'],
  ])('calls %s of %s %s', (name, op, expected) => expect(readableName(name, op)).toBe(expected));

  it('is read with deflated members too', () => {
    const members = Object.fromEntries([...arrays].map(([name, value]) => [`${name}.npy`, writeNpy(value)]));
    expect(writeNetworkNpz(readNetworkNpz(zipSync(members, { level: 6 }), 'net.npz'))).toEqual(
      writeNetworkNpz(network),
    );
  });

  it.each<[string, RegExp, () => Uint8Array]>([
    [
      'a threshold of its own',
      /expected ".*threshold" to follow from "network"/,
      () => {
        const name = [...arrays.keys()].find((key) => key.endsWith('.threshold'))!;
        return changed(name, { ...arrays.get(name)!, data: new Float64Array(network.coding.T) });
      },
    ],
    ['a path', /found the path "\.\.\/x"/, () => changed('../x', tensor('int8', [1]))],
    ['an array too many', /arrays of the network only, found "x"/, () => changed('x', tensor('int8', [1]))],
    ['no network', /expected an array "constants"/, () => writeNpz(new Map([['x', tensor('int8', [1])]]))],
    ['a list that is none', /JSON list of pairs/, () => changed('constants', tensor('uint8', [1], [0x7b]))],
    ['a network that is none', /to be JSON/, () => changed('network', tensor('uint8', [1], [0x7b]))],
    [
      'another version',
      /help: convert the model again/,
      () => {
        const text = Buffer.from(arrays.get('network')!.data as Uint8Array).toString();
        const older = new TextEncoder().encode(text.replace('ann2snn-network/2', 'ann2snn-network/1'));
        return changed('network', tensor('uint8', [older.length], older));
      },
    ],
  ])('is refused with %s', (_, message, file) => {
    expect(() => readNetworkNpz(file(), 'net.npz')).toThrow(message);
    expect(() => readNetworkNpz(file(), 'net.npz')).toThrow(
      expect.objectContaining({ code: 'invalid-network' }),
    );
  });

  it('is no bomb: a member inflates no further than its header says', () => {
    const bomb = new Uint8Array(12 * 2 ** 20);
    bomb.set(writeNpy(tensor('uint8', [1], [0x5b])));
    const file = zipSync({ 'constants.npy': bomb }, { level: 9 });
    expect(() => readNetworkNpz(file, 'bomb.npz')).toThrow(/expected 12582912 bytes, found a header of 129/);
  });
});

const withoutNumpy = spawnSync('/usr/bin/python3', ['-c', 'import numpy']).status !== 0;

describe.skipIf(withoutNumpy)('NumPy (needs python3-numpy, skipped where it is absent)', () => {
  it('loads every array without pickles, and the JSON', async () => {
    const path = await folder.put('numpy.npz', writeNetworkNpz(network));
    const code =
      'import json, sys, numpy; z = numpy.load(sys.argv[1], allow_pickle=False); print(sum(z[k].size >= 0 for k in z.files), len(json.loads(bytes(z["network"]))["nodes"]))';
    const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', code, path], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: `${arrays.size} ${network.nodes.length}\n`, stderr: '' });
  });
});

it.skipIf(withoutShared)(`ResNet-20's weights have the names of its layers ${NEEDS_SHARED}`, async () => {
  const { network: resnet } = await loadGolden('resnet20_css_T12_b1.5_Ts1');
  const names = [...openNpz(writeNetworkNpz(resnet), 'net.npz').keys()];
  expect(names).toContain('layer2.0.conv1.weight');
  expect(names).toContain('layer2.0.conv1.bias');
});

// Writing NIR graphs and reading them back; what h5py and the reference files show is in python.test.ts.
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import type { NirGraph, NirNode } from '../../src/nir/graph.ts';
import { type Hdf5Dataset, type Hdf5Group, readHdf5, writeHdf5 } from '../../src/nir/hdf5.ts';
import { readNir } from '../../src/nir/read-nir.ts';
import { writeNir } from '../../src/nir/write-nir.ts';
import { floatTensor, tensor } from '../../src/tensor/tensor.ts';

const neuron = floatTensor(
  [2, 3, 3],
  Float32Array.from({ length: 18 }, (_, i) => i / 8),
);
const pair = [1, 2] as const;

/** One node of every kind, and a graph within the graph. */
const nodes: Readonly<Record<string, NirNode>> = {
  input: { type: 'Input', shape: [2, 3, 3], metadata: { scale: 255, mean: floatTensor([2], [0.5, 0.25]) } },
  output: { type: 'Output', shape: [4] },
  affine: { type: 'Affine', weight: floatTensor([2, 2], [1, 2, 3, 4]), bias: floatTensor([2], [5, 6]) },
  linear: { type: 'Linear', weight: tensor('float64', [1, 2], [0.1, 0.2]) },
  scale: { type: 'Scale', scale: neuron },
  conv1: {
    type: 'Conv1d',
    input_shape: 7,
    weight: floatTensor([1, 1, 3], [1, 2, 3]),
    stride: 1,
    padding: 'same',
    dilation: 1,
    groups: 1,
    bias: floatTensor([1], [0]),
  },
  conv2: {
    type: 'Conv2d',
    input_shape: [3, 4],
    weight: floatTensor([1, 1, 1, 2], [1, 2]),
    stride: pair,
    padding: [0, 1],
    dilation: [1, 1],
    groups: 1,
    bias: floatTensor([1], [0]),
  },
  sum: { type: 'SumPool2d', kernel_size: [2, 2], stride: pair, padding: [0, 0] },
  average: { type: 'AvgPool2d', kernel_size: [2, 2], stride: pair, padding: [0, 0] },
  flatten: { type: 'Flatten', input_type: [2, 3, 3], start_dim: 0, end_dim: -1 },
  threshold: { type: 'Threshold', threshold: neuron },
  delay: { type: 'Delay', delay: neuron },
  i: { type: 'I', r: neuron },
  li: { type: 'LI', tau: neuron, r: neuron, v_leak: neuron },
  if: {
    type: 'IF',
    r: neuron,
    v_threshold: neuron,
    metadata: { nested: { words: ['ä', '', 'c'], deep: { yes: 1.5 } } },
  },
  lif: { type: 'LIF', tau: neuron, r: neuron, v_leak: neuron, v_threshold: neuron, v_reset: neuron },
  cubali: { type: 'CubaLI', tau_syn: neuron, tau_mem: neuron, r: neuron, v_leak: neuron, w_in: neuron },
  cuba: {
    type: 'CubaLIF',
    tau_syn: neuron,
    tau_mem: neuron,
    r: neuron,
    v_leak: neuron,
    v_threshold: neuron,
    v_reset: neuron,
    w_in: neuron,
  },
  inner: {
    type: 'NIRGraph',
    nodes: new Map<string, NirNode>([
      ['a', { type: 'Input', shape: [1] }],
      ['b', { type: 'Output', shape: [1] }],
    ]),
    edges: [['a', 'b']],
  },
};
const graph: NirGraph = {
  type: 'NIRGraph',
  version: '1.0',
  nodes: new Map(Object.entries(nodes)),
  edges: [
    ['input', 'conv2'],
    ['conv2', 'sum'],
    ['sum', 'output'],
    ['input', 'output'],
  ],
  metadata: { tool: 'a tool', empty: floatTensor([0], []) },
};

const sorted = (of: NirGraph): NirGraph => ({
  ...of,
  nodes: new Map([...of.nodes].sort(([a], [b]) => (a < b ? -1 : 1))),
});

afterEach(() => vi.useRealTimers());

describe('a NIR file', () => {
  it('holds every kind of node and gives it back', async () => {
    expect(await readNir(await writeNir(graph))).toEqual(sorted(graph));
  });

  it('has the same bytes whenever it is written', async () => {
    vi.useFakeTimers({ now: 1e12, toFake: ['Date'] });
    const before = await writeNir(graph);
    vi.setSystemTime(2e12);
    // What was written in between leaves nothing behind.
    await writeHdf5(
      new Map([
        ['x', { dtype: 'string', shape: [900], data: Array.from({ length: 900 }, (_, i) => 'x'.repeat(i)) }],
      ]),
    );
    expect(Buffer.compare(before, await writeNir(graph))).toBe(0);
    expect(Date.now()).toBe(2e12);
  });

  it('is written in memory alone', async () => {
    const here = () => readdirSync('.').sort();
    const before = here();
    await writeNir(graph);
    expect(here()).toEqual(before);
  });
});

describe('what is no NIR file', () => {
  const refused = async (members: Hdf5Group, pattern: RegExp) =>
    expect(readNir(await writeHdf5(members), 'x.nir')).rejects.toThrow(pattern);
  const text = (value: string) => ({ dtype: 'string', shape: [], data: [value] }) as const;
  const noEdges = { dtype: 'string', shape: [0, 2], data: [] } as const;
  const withNode = (members: Hdf5Group, edges: Hdf5Dataset = noEdges): Hdf5Group => {
    const inside = new Map<string, Hdf5Group | Hdf5Dataset>([
      ['type', text('NIRGraph')],
      ['nodes', new Map([['a', members]])],
      ['edges', edges],
    ]);
    return new Map([['node', inside]]);
  };

  it('is refused where it is no HDF5, or cut off', async () => {
    const message = /^x.nir: expected a whole HDF5 file, found one that cannot be read/;
    await expect(readNir(new Uint8Array(0), 'x.nir')).rejects.toThrow(message);
    await expect(readNir(new TextEncoder().encode('no file'.repeat(500)), 'x.nir')).rejects.toThrow(message);
    const whole = await writeNir(graph);
    await expect(readNir(whole.subarray(0, whole.length / 2), 'x.nir')).rejects.toThrow(message);
  });

  it('is refused wherever it is damaged, and whole files are read after that', async () => {
    const whole = await writeNir(graph);
    let refusals = 0;
    for (let k = 0; k < 60; k++) {
      const damaged = Uint8Array.from(whole);
      for (let j = 0; j < 4; j++)
        damaged[(k * 7919 + j * 104729) % whole.length]! ^= (k * 31 + 17 * j + 1) & 255;
      await readNir(damaged).catch((error: unknown) => {
        expect(error).toBeInstanceOf(Ann2SnnError);
        refusals++;
      });
    }
    expect(refusals).toBeGreaterThan(10);
    expect((await readNir(whole)).nodes.size).toBe(graph.nodes.size);
  });

  it('is refused by what is missing, unknown or of another type, all at once', async () => {
    await refused(new Map(), /expected a group "node"/);
    await refused(
      withNode(new Map([['type', text('Softmax')]])),
      /node "a": expected a node of Input, .* found "Softmax"/,
    );
    const affine = new Map<string, Hdf5Dataset>([
      ['type', text('Affine')],
      ['weight', text('heavy')],
      ['gain', floatTensor([1], [1])],
    ]);
    const all = new RegExp(
      [
        'x.nir: node "a": weight: expected finite numbers, found string \\[\\] \\["heavy"\\]',
        'x.nir: node "a": bias: expected finite numbers, found none',
        'x.nir: node "a": expected no "gain", found one',
        'x.nir: edge a -> b: expected names of nodes, found "b", which is none',
      ].join('\n'),
    );
    await refused(withNode(affine, { dtype: 'string', shape: [1, 2], data: ['a', 'b'] }), all);
    const nan = new Map<string, Hdf5Dataset>([
      ['type', text('Linear')],
      ['weight', floatTensor([1, 1], [Number.NaN])],
    ]);
    await refused(withNode(nan), /weight: expected finite numbers/);
  });

  it('reads one number as a pair', async () => {
    const one = (n: number) => tensor('int64', [], [n]);
    const pool = new Map<string, Hdf5Dataset>([
      ['type', text('SumPool2d')],
      ['kernel_size', one(2)],
      ['stride', one(2)],
      ['padding', one(0)],
    ]);
    const { nodes } = await readNir(await writeHdf5(withNode(pool)));
    expect(nodes.get('a')).toEqual({
      type: 'SumPool2d',
      kernel_size: [2, 2],
      stride: [2, 2],
      padding: [0, 0],
    });
  });
});

it('HDF5 keeps all number types', async () => {
  const tree = new Map(
    (['float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64'] as const).map(
      (dtype) => [dtype, tensor(dtype, [2, 2], [1, 2, 3, 100])] as const,
    ),
  );
  expect(await readHdf5(await writeHdf5(tree), 'x')).toEqual(
    new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1))),
  );
});

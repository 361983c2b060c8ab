// The simulator beside numpy, which reads the same file with h5py: every spike of every neuron is the same.
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/data/dataset.ts';
import type { NirGraph, NirNode } from '../../../src/nir/graph.ts';
import { readNir } from '../../../src/nir/read-nir.ts';
import type { TimeStep } from '../../../src/nir/simulation/neuron-model.ts';
import { compileNir, type Program } from '../../../src/nir/simulation/program.ts';
import { NirSimulator } from '../../../src/nir/simulation/simulator.ts';
import { writeNir } from '../../../src/nir/write-nir.ts';
import { noise } from '../../../src/tensor/noise.ts';
import { writeNpy } from '../../../src/tensor/npy.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../../../src/tensor/tensor.ts';
import { inputCode, withMappingLayer, withPlainEncoder } from '../../../src/transfer/mapping-layer.ts';
import { TEST_SET } from '../../cli/digits.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { NEEDS_H5PY, withoutH5py } from '../../export/nir-python.ts';
import { readNpz } from '../../tensor/read-npz.ts';
import { full, graphOf } from './tiny-graph.ts';

const folder = tempFolder();
const DIRECT = fileURLToPath(new URL('../../../models/digits-direct.nir', import.meta.url));
const IMAGES = 8;
const USUAL: TimeStep = { dt: 1e-4, discretisation: 'euler', reset: 'zero' };

/** What came out of the nodes that fire and of the Output: [images, steps, ...shape], in numpy's order. */
function run(
  program: Program,
  images: FloatTensor,
  steps: number,
  time: TimeStep,
): ReadonlyMap<string, number[]> {
  const simulator = new NirSimulator(program, time);
  const kept = new Map(
    [...program.stages.values()]
      .filter(({ node }) => ['IF', 'LIF', 'Threshold', 'Output'].includes(node.type))
      .map(({ name }) => [name, [] as number[]]),
  );
  const size = sizeOf(program.input.shape);
  for (let n = 0; n < images.shape[0]!; n++) {
    simulator.begin(images.data.subarray(n * size, (n + 1) * size));
    for (let t = 0; t < steps; t++) {
      simulator.step();
      for (const [name, values] of kept) values.push(...simulator.valueOf(name));
    }
  }
  return kept;
}

async function expectSame(
  graph: NirGraph,
  images: FloatTensor,
  steps: number,
  time: TimeStep,
): Promise<void> {
  const found = run(compileNir(graph, 'graph'), images, steps, time);
  const network = await folder.put('net.nir', await writeNir(graph));
  const image = await folder.put('images.npy', writeNpy(images));
  const out = folder.path('out.npz');
  const script = fileURLToPath(new URL('./nir_simulator.py', import.meta.url));
  const { status, stderr } = spawnSync(
    '/usr/bin/python3',
    [script, network, image, out, String(steps), String(time.dt), time.discretisation, time.reset],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const expected = readNpz(await readFile(out), out);
  expect([...expected.keys()].sort()).toEqual([...found.keys()].sort());
  for (const [name, values] of found) {
    const theirs = Array.from(expected.get(name)!.data);
    const differing = values.filter((value, i) => value !== theirs[i]).length;
    expect({ name, length: values.length, differing }).toEqual({ name, length: theirs.length, differing: 0 });
    expect(
      theirs.some((value) => value !== 0),
      name,
    ).toBe(true);
  }
}

async function digits(): Promise<FloatTensor> {
  const { data, shape } = await (await openDataset(TEST_SET)).read(0, IMAGES);
  return floatTensor(
    shape,
    Float32Array.from(data, (pixel) => pixel / 16),
  );
}

describe.skipIf(withoutH5py)(`spike for spike with numpy ${NEEDS_H5PY}`, () => {
  it('the direct-coded digits', async () => {
    await expectSame(await readNir(await readFile(DIRECT)), await digits(), 8, USUAL);
  });

  it('the same on events, with the loop of the mapping layer, and with a plain IF', async () => {
    const graph = await readNir(await readFile(DIRECT));
    const program = compileNir(graph, DIRECT);
    const images = await digits();
    const shifted = floatTensor(
      images.shape,
      images.data.map((x) => x - 0.25),
    );
    await expectSame(withMappingLayer(graph, program, inputCode(images.data), 1e-4), images, 8, USUAL);
    await expectSame(withMappingLayer(graph, program, inputCode(shifted.data), 1e-4), shifted, 8, USUAL);
    await expectSame(withPlainEncoder(graph, program, 1e-4), images, 8, USUAL);
  });

  it.each([
    ['euler', 'zero'],
    ['exponential', 'zero'],
    ['euler', 'subtract'],
  ] as const)(
    'groups, strides, dilations, a skip and averages, %s, reset %s',
    async (discretisation, reset) => {
      const graph = everyKind();
      await expectSame(graph, noise([3, 2, 9, 8], 2), 12, { dt: 0.3, discretisation, reset });
    },
  );
});

function everyKind(): NirGraph {
  const conv = (weight: readonly number[], fields = {}): NirNode => ({
    type: 'Conv2d',
    weight: noise(weight, 0.8),
    bias: noise([weight[0]!], 0.3),
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    groups: 1,
    ...fields,
  });
  const leaky = (shape: readonly number[]) => ({
    tau: full(shape, 0.9),
    r: full(shape, 1.3),
    v_leak: full(shape, 0.05),
  });
  const lif = (shape: readonly number[], v_reset: number): NirNode => ({
    type: 'LIF',
    ...leaky(shape),
    v_threshold: full(shape, 0.4),
    v_reset: full(shape, v_reset),
  });
  return graphOf(
    [2, 9, 8],
    {
      grouped: conv([4, 1, 3, 2], { groups: 2, stride: [2, 1], padding: [1, 0] }),
      lif1: lif([4, 5, 7], -0.1),
      same: conv([4, 4, 2, 3], { padding: 'same', dilation: [1, 2] }),
      lif2: lif([4, 5, 7], 0),
      average: { type: 'AvgPool2d', kernel_size: [2, 2], stride: [2, 2], padding: [1, 0] },
      scale: { type: 'Scale', scale: noise([4], 3) },
      leak: { type: 'LI', ...leaky([4, 3, 3]) },
      over: { type: 'Threshold', threshold: full([4, 3, 3], 0.05) },
      flat: { type: 'Flatten', input_type: [4, 3, 3], start_dim: 0, end_dim: -1 },
      fc: { type: 'Linear', weight: noise([6, 36], 0.5) },
      if1: { type: 'IF', r: full([6], 1), v_threshold: full([6], 0.2) },
    },
    [6],
    [['lif1', 'lif2']],
  );
}

// What NIR graphs compute in numpy, element by element: weights and biases in their places, and in their units.
import { describe, expect, it } from 'vitest';
import { nirGraphOf } from '../../src/export/nir-graph.ts';
import type { CanonicalGraph } from '../../src/graph/graph.ts';
import { inputEncoders, type Network } from '../../src/snn/network/network.ts';
import type { FloatTensor } from '../../src/tensor/tensor.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { parseGraph } from '../passes/graph-text.ts';
import { quantizedNetwork } from '../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../snn/random-quantized-graph.ts';
import { filled, measuredTheta, networkOf, normal } from '../snn/tiny.ts';
import { annWithoutRounding } from './nir-ann.ts';
import { NEEDS_H5PY, runAnalog, withoutH5py, worstDifference } from './nir-python.ts';

const folder = tempFolder();

/** Values are random, so that no two elements can be exchanged. */
const TINY: Readonly<Record<string, string>> = {
  'pads that differ between the sides': `
    input x [1, 2, 6, 7]
    const w [3, 2, 3, 2] seed 1
    const b [3] seed 2
    a = Conv(x, w, b) {pads: [1, 0, 2, 1], strides: [2, 1]}
    y = Relu(a)
    const v [2, 3, 2, 2] seed 3
    z = Conv(y, v) {pads: [0, 1, 0, 0]}
    output z`,
  'a grouped, a dilated and a depthwise convolution': `
    input x [1, 4, 7, 6]
    const w [6, 2, 3, 3] seed 1
    const b [6] seed 2
    a = Conv(x, w, b) {pads: [2, 2, 2, 2], dilations: [2, 2], group: 2}
    y = Relu(a)
    const v [12, 1, 3, 3] seed 3
    const c [12] seed 4
    d = Conv(y, v, c) {pads: [1, 0, 0, 1], group: 6}
    z = Relu(d)
    const u [2, 12, 1, 1] seed 5
    o = Conv(z, u)
    output o`,
  'convolutions over one axis': `
    input x [1, 3, 9]
    const w [4, 3, 3] seed 1
    const b [4] seed 2
    a = Conv(x, w, b) {pads: [2, 0], strides: [2]}
    y = Relu(a)
    const v [4, 2, 3] seed 3
    d = Conv(y, v) {pads: [2, 2], dilations: [2], group: 2}
    z = Relu(d)
    f = Reshape(z, [-1, 20])
    const u [3, 20] seed 4
    const c [3] seed 5
    o = Gemm(f, u, c) {transB: 1}
    output o`,
  'a join and a channel shuffle': `
    input x [1, 2, 4, 5]
    const w [2, 2, 3, 3] seed 1
    const v [4, 2, 1, 1] seed 2
    a = Conv(x, w) {pads: [1, 1, 1, 1]}
    p = Relu(a)
    b = Conv(x, v)
    q = Relu(b)
    j = Concat(p, q) {axis: 1}
    s = Reshape(j, [-1, 2, 3, 4, 5])
    t = Transpose(s) {perm: [0, 2, 1, 3, 4]}
    r = Reshape(t, [-1, 6, 4, 5])
    const u [3, 2, 3, 3] seed 3
    c = Conv(r, u) {group: 3}
    z = Relu(c)
    f = Reshape(z, [-1, 18])
    const m [18, 4] seed 4
    o = MatMul(f, m)
    output o`,
  'a residual whose shortcut is sliced and padded': `
    input x [1, 3, 6, 6]
    const w [4, 3, 3, 3] seed 1
    const b [4] seed 2
    a = Conv(x, w, b) {pads: [1, 1, 1, 1]}
    p = Relu(a)
    const v [6, 4, 3, 3] seed 3
    const c [6] seed 4
    d = Conv(p, v, c) {pads: [1, 1, 1, 1], strides: [2, 2]}
    h = Slice(p, [0, 0], [6, 6], [2, 3], [2, 2])
    k = Pad(h, [0, 1, 0, 0, 0, 1, 0, 0])
    e = Add(d, k)
    z = Relu(e)
    m = AveragePool(z) {kernel_shape: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 0, strides: [2, 2]}
    f = Reshape(m, [-1, 24])
    const u [5, 24] seed 5
    o = Gemm(f, u) {transB: 1}
    output o`,
  'a value added to itself, factors and constants': `
    input x [1, 3, 4, 4]
    const w [4, 3, 1, 1] seed 1
    a = Conv(x, w)
    const s [4, 1, 1] seed 2
    const t [4, 1, 1] seed 3
    b = Mul(a, s)
    c = Add(b, t)
    d = Add(c, a)
    e = Add(d, a)
    z = Relu(e)
    m = GlobalAveragePool(z)
    output m`,
  'max-pools, one over uneven pads': `
    input x [1, 2, 7, 6]
    const w [3, 2, 3, 3] seed 1
    const b [3] seed 2
    a = Conv(x, w, b) {pads: [1, 1, 1, 1]}
    p = Relu(a)
    q = MaxPool(p) {kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 0, 1]}
    const v [2, 3, 1, 2] seed 3
    c = Conv(q, v)
    r = MaxPool(c) {kernel_shape: [2, 1]}
    z = Relu(r)
    output z`,
  'a bound above': `
    input x [1, 2, 5, 5]
    const w [3, 2, 3, 3] seed 1
    a = Conv(x, w)
    y = Clip(a, 0, 0.5)
    const v [2, 3, 2, 2] seed 2
    z = Conv(y, v)
    output z`,
};

/** What the random networks in integers must have among them. */
const WANTED = [
  'residual sum',
  'join of scales',
  'max-pool',
  'channel shuffle',
  'grouped convolution',
  'depthwise convolution',
  'mean of currents',
  'scale for each channel',
  'weight scale for each channel',
  'weights with a zero point',
  'join of sums',
];

interface Case {
  readonly name: string;
  readonly graph: CanonicalGraph;
  readonly network: Network;
  readonly images: FloatTensor;
}

function tiny(name: string, text: string): Case {
  const graph = parseGraph(text.replaceAll(/^ +/gm, '')) as CanonicalGraph;
  const [, ...shape] = graph.facts.get(graph.inputs[0]!)!.shape;
  const images = filled([3, ...shape], normal(7));
  // The amplitudes of channels differ, so that a unit in the wrong place shows.
  const theta = new Map(
    [...measuredTheta(graph, images, { T: 8, beta: 1.5 }, true)].map(([layer, unit]) => [
      layer,
      typeof unit === 'number' ? unit * 1.5 : unit.map((each) => each * 1.5),
    ]),
  );
  return { name, graph, images, network: networkOf(graph, { coding: { T: 8, beta: 1.5 }, theta }) };
}

function isRefused(network: Network): boolean {
  try {
    nirGraphOf(network);
    return false;
  } catch {
    return true;
  }
}

async function expectAnn(cases: readonly Case[], tolerance: number): Promise<void> {
  const answers = await runAnalog(folder, cases);
  for (const [i, { name, graph, images }] of cases.entries()) {
    const expected = await annWithoutRounding(graph, images);
    expect(worstDifference(answers[i]!.output, expected), name).toBeLessThan(tolerance);
  }
}

describe.skipIf(withoutH5py)(`NIR graphs in numpy compute what the ANN does ${NEEDS_H5PY}`, () => {
  it('of tiny networks with every layout', async () => {
    await expectAnn(
      Object.entries(TINY).map(([name, text]) => tiny(name, text)),
      1e-5,
    );
  });

  it('of random networks in integers', async () => {
    const cases: Case[] = [];
    const features = new Set<string>();
    for (let seed = 0; seed < 32; seed++) {
      const random = randomQuantizedGraph(seed, false);
      const network = quantizedNetwork(random.graph, undefined, 1).network();
      if (network.arithmetic !== 'integer' || inputEncoders(network).length !== 1) continue;
      if (isRefused(network)) continue;
      for (const feature of random.features) features.add(feature);
      cases.push({ name: random.text, graph: random.graph, network, images: random.images });
    }
    expect(cases.length).toBeGreaterThan(12);
    expect(WANTED.filter((feature) => !features.has(feature))).toEqual([]);
    await expectAnn(cases, 1e-5);
  });
});

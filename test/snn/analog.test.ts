// Nodes that are no neurons and no maps of spikes: products of running values, normalisations, several inputs, and weights
// that currents feed. The three ways of running a network must agree, and what comes out must be the ANN's.
import { describe, expect, it } from 'vitest';
import { dense } from '../../src/engines/dense/index.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { runStepped } from '../../src/engines/reference/stepped.ts';
import { fanOuts } from '../../src/metrics/fan-out.ts';
import { latencyOf } from '../../src/metrics/latency.ts';
import { snnOperations, synapticOperations } from '../../src/metrics/operations.ts';
import { addTrace, emptyTally } from '../../src/metrics/tally.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { readNetwork, writeNetwork } from '../../src/snn/network/network-file.ts';
import { composeLinear } from '../../src/snn/plan/compose-linear.ts';
import { type PlanOptions, planSpiking } from '../../src/snn/plan/plan.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../../src/tensor/tensor.ts';
import { ints } from '../ops/single-node.ts';
import {
  annValues,
  filled,
  graphOf,
  type Line,
  measuredTheta,
  networkOf,
  normal,
  relativeRms,
  type TinyModel,
} from './tiny.ts';

const gauss = normal(7);
const CODING = { T: 12, beta: 2, Ts: 2, phi: 0.5 };

const CONV: Line = ['Conv', ['x', 'w'], 'c', { pads: ints(1, 1, 1, 1) }];
const constants = {
  w: filled([4, 2, 3, 3], gauss),
  squeeze: filled([4, 4, 1, 1], gauss),
  v: filled([4, 4, 3, 3], gauss),
  fc: filled([16, 3], gauss),
};

/** Squeeze-and-excitation: a gate for each channel, computed from the means of all. */
const GATED: TinyModel = {
  input: [2, 4, 4],
  nodes: [
    CONV,
    ['Relu', ['c'], 'r'],
    ['GlobalAveragePool', ['r'], 'mean'],
    ['Conv', ['mean', 'squeeze'], 'e'],
    ['Relu', ['e'], 'gate'],
    ['Mul', ['r', 'gate'], 'gated'],
    ['Conv', ['gated', 'v'], 'y', { pads: ints(1, 1, 1, 1) }],
  ],
  constants: { w: constants.w, squeeze: constants.squeeze, v: constants.v },
};

const NORMALISED: TinyModel = {
  input: [2, 4, 4],
  nodes: [
    CONV,
    ['Relu', ['c'], 'r'],
    ['LRN', ['r'], 'n', { size: { type: 'int', value: 3 }, alpha: { type: 'float', value: 0.5 } }],
    ['Conv', ['n', 'v'], 'y'],
  ],
  constants: { w: constants.w, v: constants.v },
};

const TWO_INPUTS: TinyModel = {
  input: { x: [2, 4, 4], z: [4, 4, 4] },
  nodes: [
    CONV,
    ['Relu', ['c'], 'r'],
    ['Add', ['r', 'z'], 's'],
    ['Relu', ['s'], 't'],
    ['Conv', ['t', 'v'], 'y'],
  ],
  constants: { w: constants.w, v: constants.v },
};

const SEVERAL_OUTPUTS: TinyModel = {
  input: [2, 4, 4],
  nodes: [CONV, ['Relu', ['c'], 'r'], ['Conv', ['r', 'v'], 'y'], ['Conv', ['r', 'squeeze'], 'm']],
  outputs: ['y', 'm'],
  constants: { w: constants.w, v: constants.v, squeeze: constants.squeeze },
};

function built(model: TinyModel, plan: PlanOptions = {}, images = imagesOf(model)) {
  const graph = graphOf(model);
  const theta = measuredTheta(graph, images, CODING, false, plan);
  return { graph, images, network: networkOf(graph, { coding: CODING, theta, plan }) };
}

function imagesOf({ input }: TinyModel): FloatTensor {
  const shapes = Array.isArray(input)
    ? [input as number[]]
    : Object.values(input as Record<string, number[]>);
  if (shapes.length === 1) return filled([3, ...shapes[0]!], gauss);
  return filled([3, shapes.reduce((sum, shape) => sum + sizeOf(shape), 0)], gauss);
}

/** Logits after the last step, by each way of running; all must be equal. */
async function runAll(network: Network, images: FloatTensor): Promise<ReadonlyMap<string, Float32Array>> {
  const found: ReadonlyMap<string, Float32Array>[] = [];
  for (const engine of [reference, dense]) {
    const compiled = await engine.compile(network);
    const trace = await compiled.run(images, { spikes: true });
    await compiled.release();
    found.push(trace.logits);
  }
  const stepped = runStepped(network, images);
  found.push(stepped.trace.logits);
  expect(stepped.latencySteps).toBe(latencyOf(network).steps);
  const last = (logits: Float32Array) => logits.slice((logits.length / CODING.T) * (CODING.T - 1));
  const [expected, ...others] = found.map(
    (logits) => new Map([...logits].map(([name, values]) => [name, last(values)])),
  );
  for (const other of others) {
    for (const [name, values] of expected!) expect(relativeRms(other.get(name)!, values)).toBeLessThan(1e-4);
  }
  return expected!;
}

describe('products and decoded values', () => {
  it.each<[string, TinyModel, PlanOptions]>([
    ['a product of two running values', GATED, {}],
    ['a product kept analog', GATED, { analog: new Set(['gated']) }],
    ['a normalisation kept analog', NORMALISED, { analog: new Set(['n']) }],
    ['an activation and a convolution kept analog', GATED, { analog: new Set(['e', 'gate']) }],
    ['two inputs', TWO_INPUTS, {}],
    ['two outputs', SEVERAL_OUTPUTS, {}],
  ])('%s gives what the ANN gives, on every engine', async (_, model, plan) => {
    const { graph, images, network } = built(model, plan);
    const ann = annValues(graph, images);
    for (const [name, values] of await runAll(network, images)) {
      expect(relativeRms(values, ann.get(name)!.data), name).toBeLessThan(0.01);
    }
  });

  it('a product waits as long as any neurons, and may be followed by an activation', async () => {
    const { network } = built(GATED);
    const gate = network.nodes.find(({ name }) => name === 'gated')!;
    expect(gate).toMatchObject({ kind: 'neuron', neuron: 'tsa-identity', product: true, start: 6 });
    expect(latencyOf(network).steps).toBe(6 + CODING.T);
    const rectified: TinyModel = {
      ...GATED,
      nodes: [
        CONV,
        ['Mul', ['c', 'c'], 'square'],
        ['Relu', ['square'], 's'],
        ['MaxPool', ['s'], 'p', { kernel_shape: ints(2, 2) }],
        ['Conv', ['p', 'v'], 'y'],
      ],
    };
    const { graph, images, network: fused } = built(rectified);
    expect(fused.nodes.filter(({ kind }) => kind === 'neuron')).toMatchObject([
      { name: 'p', neuron: 'tsa-relu', product: true },
    ]);
    const logits = (await runAll(fused, images)).get('y')!;
    expect(relativeRms(logits, annValues(graph, images).get('y')!.data)).toBeLessThan(0.01);
  });

  it('a decoder waits T steps, and what follows begins then', () => {
    const { network } = built(GATED, { analog: new Set(['gated']) });
    const at = new Map(network.nodes.map(({ kind, name, start }) => [`${kind} ${name}`, start]));
    expect(at.get('neuron r')).toBe(2);
    expect(at.get('neuron gate')).toBe(4);
    expect(at.get('decoder gate#decoded')).toBe(4 + CODING.T);
    expect(at.get('encoder gated')).toBe(4 + CODING.T);
    expect(latencyOf(network).steps).toBe(4 + 2 * CODING.T);
  });

  it('a network survives its file', () => {
    for (const [model, plan] of [
      [GATED, {}],
      [GATED, { analog: new Set(['gated']) }],
      [NORMALISED, { analog: new Set(['n']) }],
      [TWO_INPUTS, {}],
    ] as const) {
      const bytes = writeNetwork(built(model, plan).network);
      expect(writeNetwork(readNetwork(bytes, 'net.snn'))).toEqual(bytes);
    }
  });

  it('is refused without being asked for, with the way out', () => {
    expect(() => planSpiking(graphOf(NORMALISED))).toThrow(/node "n" \(LRN\).*--analog "n"/);
    expect(() => planSpiking(graphOf(GATED), { analog: new Set(['nowhere']) })).toThrow(/--analog "nowhere"/);
  });

  it('computed weights and biases are refused, with the same way out', () => {
    const computed = graphOf({
      input: { x: [2], z: [2] },
      nodes: [['Gemm', ['x', 'u', 'z'], 'y']],
      constants: { u: filled([2, 2], gauss) },
    });
    expect(() => planSpiking(computed)).toThrow(
      /node "y" \(Gemm\): expected constant weights.*\(z\).*--analog "y"/,
    );
    expect(() => planSpiking(computed, { analog: new Set(['y']) })).not.toThrow();
  });

  it('products are counted once an image on decoded values, T times at neurons', () => {
    const { network, images } = built(GATED, { analog: new Set(['gated']) });
    expect(operationsOf(network, images).macs).toEqual({ fanOut: 4 * 4 * 4, syopsCounter: 0 });
    const neurons = built(GATED, {}, images).network;
    expect(operationsOf(neurons, images).macs).toEqual({ fanOut: CODING.T * 4 * 4 * 4, syopsCounter: 0 });
  });
});

/** Operation counts on spikes of the reference engine, which for this need not be real ones. */
function operationsOf(network: Network, images: FloatTensor) {
  const tally = emptyTally();
  addTrace(tally, runStepped(network, images).trace);
  return snnOperations(network, tally, synapticOperations(network, tally, fanOuts(network)));
}

describe('weights that currents feed', () => {
  // A linear bottleneck with a skip: conv -> relu -> 1x1 (linear) -> + -> 1x1 -> relu.
  const BOTTLENECK: TinyModel = {
    input: [2, 4, 4],
    nodes: [
      CONV,
      ['Relu', ['c'], 'r'],
      ['Conv', ['r', 'narrow', 'b1'], 'thin'],
      ['Conv', ['thin', 'wide', 'b2'], 'a'],
      ['Relu', ['a'], 'ra'],
      ['Conv', ['ra', 'depthwise'], 'd', { group: { type: 'int', value: 4 }, pads: ints(1, 1, 1, 1) }],
      ['Add', ['d', 'thin4'], 'sum'],
      ['Conv', ['sum', 'squeeze', 'b2'], 'e', { strides: ints(2, 2) }],
      ['Relu', ['e'], 'y'],
      ['Conv', ['r', 'squeeze'], 'thin4'],
    ],
    outputs: ['y'],
    constants: {
      w: constants.w,
      squeeze: constants.squeeze,
      narrow: filled([2, 4, 1, 1], gauss),
      wide: filled([4, 2, 1, 1], gauss),
      depthwise: filled([4, 1, 3, 3], gauss),
      b1: filled([2], gauss),
      b2: filled([4], gauss),
    },
  };
  const ordered: TinyModel = {
    ...BOTTLENECK,
    nodes: [...BOTTLENECK.nodes.slice(0, 6), BOTTLENECK.nodes.at(-1)!, ...BOTTLENECK.nodes.slice(6, -1)],
  };

  it('are re-spiked, composed or kept analog with the same answer', async () => {
    const images = imagesOf(ordered);
    const expected = annValues(graphOf(ordered), images).get('y')!.data;
    const layers: number[] = [];
    for (const linear of ['respike', 'analog'] as const) {
      const { network } = built(ordered, { linear }, images);
      layers.push(network.nodes.filter(({ kind }) => kind === 'neuron').length);
      expect(relativeRms((await runAll(network, images)).get('y')!, expected)).toBeLessThan(0.01);
    }
    const composed = composeLinear(graphOf(ordered)).graph;
    expect(relativeRms(annValues(composed, images).get('y')!.data, expected)).toBeLessThan(1e-6);
    const theta = measuredTheta(composed, images, CODING);
    const network = networkOf(composed, { coding: CODING, theta });
    layers.push(network.nodes.filter(({ kind }) => kind === 'neuron').length);
    expect(relativeRms((await runAll(network, images)).get('y')!, expected)).toBeLessThan(0.01);
    expect(layers).toEqual([5, 3, 3]);
  });

  it('cost T times their products when they stay analog', () => {
    const { network, images } = built(ordered, { linear: 'analog' });
    // wide: 16 x 4 x 2; squeeze with stride 2: 4 x 4 x 4.
    const products = CODING.T * (16 * 8 + 4 * 16);
    expect(operationsOf(network, images).macs).toEqual({ fanOut: products, syopsCounter: products });
  });

  it.each([
    ['over channels', [1, 4, 4]],
    ['over positions', [3, 1, 1]],
  ])('are composed behind a sum that broadcasts %s', async (_, [channels, height]) => {
    const model: TinyModel = {
      input: [2, 4, 4],
      nodes: [
        ['Conv', ['x', 'left'], 'l', { pads: ints(1, 1, 1, 1) }],
        ['Conv', ['x', 'right'], 'r', height === 1 ? {} : { pads: ints(1, 1, 1, 1) }],
        ['Add', ['l', 'r'], 's'],
        ['Conv', ['s', 'behind', 'bias'], 'y'],
      ],
      constants: {
        left: filled([3, 2, 3, 3], gauss),
        right: filled([channels!, 2, ...(height === 1 ? [4, 4] : [3, 3])], gauss),
        behind: filled([4, 3, 1, 1], gauss),
        bias: filled([4], gauss),
      },
    };
    const graph = graphOf(model);
    const images = imagesOf(model);
    const [expected, composed] = [graph, composeLinear(graph).graph].map(
      (g) => annValues(g, images).get('y')!.data,
    );
    expect(relativeRms(composed!, expected!)).toBeLessThan(1e-6);
  });

  it('are composed around what stays analog', () => {
    const graph = composeLinear(graphOf(ordered), new Set(['thin'])).graph;
    const plan = planSpiking(graph, { analog: new Set(['thin']) });
    expect(plan.nodes.flatMap((node) => (node.kind === 'analog' ? [node.node.name] : []))).toEqual(['thin']);
    expect(plan.fates.filter(({ kind }) => kind === 're-spiked')).toEqual([]);
  });

  it('that borders forbid to compose are refused by name', () => {
    const graph = graphOf({
      input: [2, 4, 4],
      nodes: [CONV, ['Conv', ['c', 'v'], 'y', { pads: ints(1, 1, 1, 1) }]],
      constants: { w: constants.w, v: constants.v },
    });
    expect(() => composeLinear(graph)).toThrow(/node "y".*1x1 Conv/);
  });
});

describe('an image of several inputs', () => {
  it('is all of them side by side', async () => {
    const { network, images } = built(TWO_INPUTS);
    const other = floatTensor(images.shape, images.data.slice());
    // The second input of the second image alone.
    other.data[images.shape[1]! + 32] = 9;
    const [before, after] = [await runAll(network, images), await runAll(network, other)];
    const per = before.get('y')!.length / 3;
    expect(after.get('y')!.slice(0, per)).toEqual(before.get('y')!.slice(0, per));
    expect(after.get('y')!.slice(per, 2 * per)).not.toEqual(before.get('y')!.slice(per, 2 * per));
  });
});

// Where neurons go. Where it matters, the decoded output is compared with the ANN's.
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import type { PlannedNeuron } from '../../src/snn/plan.ts';
import { observedValues, planSpiking } from '../../src/snn/plan.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { int, ints } from '../ops/single-node.ts';
import {
  annValues,
  filled,
  graphOf,
  type Line,
  measuredTheta,
  networkOf,
  normal,
  relativeRms,
  runTiny,
  type TinyModel,
} from './tiny.ts';

const CODING = { T: 16, beta: 1.5, Ts: 3, phi: 0.5 };
const POOL = { kernel_shape: ints(2, 2), strides: ints(2, 2) };
const gauss = normal(41);

const neuronsOf = (model: TinyModel): PlannedNeuron[] =>
  planSpiking(graphOf(model)).nodes.filter((node) => node.kind === 'neuron');
const named = (model: TinyModel) =>
  neuronsOf(model).map(({ output, neuron, pool }) => [
    output,
    neuron,
    pool === undefined ? 'alone' : 'pooled',
  ]);

async function expectLikeAnn(model: TinyModel): Promise<void> {
  const graph = graphOf(model);
  const images = filled([16, ...(model.input as number[])], gauss);
  const theta = measuredTheta(graph, images, CODING);
  const { decoded } = await runTiny(networkOf(graph, { coding: CODING, theta }), images);
  const ann = annValues(graph, images);
  for (const [name, values] of decoded) expect(relativeRms(values, ann.get(name)!.data)).toBeLessThan(0.02);
}

const w = filled([2, 2, 3, 3], gauss);
const CONV: Line = ['Conv', ['x', 'w'], 'a', { pads: ints(1, 1, 1, 1) }];
const model = (nodes: readonly Line[], more: Partial<TinyModel> = {}): TinyModel => ({
  input: [2, 4, 4],
  nodes,
  ...more,
  constants: { w, ...more.constants },
});

describe('max-pool', () => {
  it.each<[string, Line[]]>([
    ['behind ReLU', [CONV, ['Relu', ['a'], 'r'], ['MaxPool', ['r'], 'y', POOL]]],
    ['before ReLU', [CONV, ['MaxPool', ['a'], 'p', POOL], ['Relu', ['p'], 'y']]],
  ])('%s becomes the window of one layer', async (_, nodes) => {
    expect(named(model(nodes))).toEqual([['y', 'tsa-relu', 'pooled']]);
    await expectLikeAnn(model(nodes));
  });

  it('with padding and overlap', async () => {
    const window = { kernel_shape: ints(3, 3), strides: ints(2, 2), pads: ints(1, 1, 1, 1) };
    await expectLikeAnn(model([CONV, ['MaxPool', ['a'], 'y', window]]));
    await expectLikeAnn(model([CONV, ['Relu', ['a'], 'r'], ['MaxPool', ['r'], 'y', window]]));
  });

  it('takes the scale and shift in front of its ReLU in, negative scales included', async () => {
    const normalised = model(
      [
        CONV,
        ['MaxPool', ['a'], 'p', POOL],
        ['BatchNormalization', ['p', 'scale', 'shift', 'mean', 'variance'], 'n'],
        ['Relu', ['n'], 'y'],
      ],
      {
        constants: {
          scale: floatTensor([2], [-1.5, 0.5]),
          shift: floatTensor([2], [4, 0.2]),
          mean: floatTensor([2], [0.3, -0.4]),
          variance: floatTensor([2], [1, 2]),
        },
      },
    );
    expect(named(normalised)).toEqual([['y', 'tsa-relu', 'pooled']]);
    const [neuron] = neuronsOf(normalised);
    expect(neuron!.affine!.scale[0]).toBeLessThan(0);
    await expectLikeAnn(normalised);
  });

  it('of what is not rectified is a signed layer of its own', async () => {
    const bare = model([CONV, ['MaxPool', ['a'], 'p', POOL], ['Conv', ['p', 'w'], 'y']], {
      input: [2, 8, 8],
    });
    expect(named(bare)).toEqual([['p', 'tsa-identity', 'pooled']]);
    await expectLikeAnn(bare);
  });

  it('leaves a ReLU with another reader its own neurons', async () => {
    const shared = model([
      CONV,
      ['Relu', ['a'], 'r'],
      ['MaxPool', ['r'], 'p', { kernel_shape: ints(3, 3), strides: ints(1, 1), pads: ints(1, 1, 1, 1) }],
      ['Add', ['p', 'r'], 'y'],
    ]);
    expect(named(shared)).toEqual([
      ['r', 'tsa-relu', 'alone'],
      ['p', 'tsa-identity', 'pooled'],
    ]);
    await expectLikeAnn(shared);
  });

  it('leaves a ReLU that is an output its own neurons', () => {
    const nodes: Line[] = [CONV, ['Relu', ['a'], 'r'], ['MaxPool', ['r'], 'y', POOL]];
    expect(named(model(nodes, { outputs: ['r', 'y'] }))).toHaveLength(2);
  });

  it('of a concatenation joins each branch', async () => {
    const joined = model([
      CONV,
      ['Relu', ['a'], 'r'],
      ['Conv', ['x', 'w'], 'b', { pads: ints(1, 1, 1, 1), dilations: ints(1, 1) }],
      ['Relu', ['b'], 'q'],
      ['Concat', ['r', 'q'], 'c', { axis: int(1) }],
      ['MaxPool', ['c'], 'y', POOL],
    ]);
    expect(neuronsOf(joined).map(({ neuron, pool }) => [neuron, pool !== undefined])).toEqual([
      ['tsa-relu', true],
      ['tsa-relu', true],
    ]);
    await expectLikeAnn(joined);
  });
});

describe('currents in front of weights', () => {
  const residual = model(
    [
      CONV,
      ['Relu', ['a'], 'r'],
      ['Conv', ['r', 'w'], 'b', { pads: ints(1, 1, 1, 1) }],
      ['Add', ['b', 'r'], 's'],
      ['Conv', ['s', 'w'], 'y'],
      ['Conv', ['s', 'w'], 'z'],
    ],
    { outputs: ['y', 'z'] },
  );

  it('become spikes again, once for all that read them', async () => {
    expect(named(residual)).toEqual([
      ['r', 'tsa-relu', 'alone'],
      ['s#spikes', 'tsa-identity', 'alone'],
    ]);
    await expectLikeAnn(residual);
  });

  it('are observed where they are in the ANN', () => {
    expect(observedValues(planSpiking(graphOf(residual)))).toEqual([
      { layer: 'r', value: 'r' },
      { layer: 's#spikes', value: 's' },
    ]);
  });

  it('are named in the fates', () => {
    const fates = planSpiking(graphOf(residual)).fates.filter((fate) => fate.kind === 're-spiked');
    expect(fates.map((fate) => fate.node)).toEqual(['y', 'z']);
  });

  it('are not what an average pool of spikes makes', () => {
    const pooled = model(
      [CONV, ['Relu', ['a'], 'r'], ['AveragePool', ['r'], 'p', POOL], ['Conv', ['p', 'w'], 'y']],
      {
        input: [2, 8, 8],
      },
    );
    expect(named(pooled)).toEqual([['r', 'tsa-relu', 'alone']]);
  });
});

describe('the last step', () => {
  const head: Line[] = [
    ['Gemm', ['x', 'v'], 'a'],
    ['Softmax', ['a'], 'y'],
  ];
  const small: TinyModel = { input: [2], nodes: head, constants: { v: filled([2, 3], gauss) } };

  it('is left out when it changes no ranking', () => {
    const readouts = planSpiking(graphOf(small)).nodes.filter((node) => node.kind === 'readout');
    expect(readouts).toMatchObject([{ name: 'y', input: 'a', head: 'Softmax' }]);
  });

  it('is refused where other nodes read it', () => {
    const inside: TinyModel = { ...small, nodes: [...head, ['Gemm', ['y', 'u'], 'z']] };
    const graph = graphOf({ ...inside, constants: { ...small.constants, u: filled([3, 2], gauss) } });
    expect(() => planSpiking(graph)).toThrow(Ann2SnnError);
    expect(() => planSpiking(graph)).toThrow(/node "y" \(Softmax\): is supported as the last step only/);
  });
});

describe('inputs', () => {
  it('are one: two are refused by name', () => {
    const graph = graphOf({ input: { left: [2], right: [2] }, nodes: [['Add', ['left', 'right'], 'y']] });
    expect(() => planSpiking(graph)).toThrow(Ann2SnnError);
    expect(() => planSpiking(graph)).toThrow(/expected one input, found 2 \(left, right\)/);
  });
});

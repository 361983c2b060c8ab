// Where neurons go. Where it matters, the decoded output is compared with the ANN's.
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../../src/errors.ts';
import type { CanonicalGraph } from '../../../src/graph/graph.ts';
import { planSpiking } from '../../../src/snn/plan/plan.ts';
import { observedValues, type PlannedNeuron, plannedInputs } from '../../../src/snn/plan/planned.ts';
import { floatTensor } from '../../../src/tensor/tensor.ts';
import { int, ints } from '../../ops/single-node.ts';
import { parseGraph } from '../../passes/graph-text.ts';
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
} from '../tiny.ts';

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
    expect(() => planSpiking(graph)).toThrow(
      /node "y" \(Softmax\): is left out as the last step only.*--analog "y"/,
    );
  });
});

describe('inputs', () => {
  it('are encoded each', () => {
    const graph = graphOf({ input: { left: [2], right: [2] }, nodes: [['Add', ['left', 'right'], 'y']] });
    expect(plannedInputs(planSpiking(graph))).toMatchObject([{ name: 'left' }, { name: 'right' }]);
  });
});

describe('a quantizer', () => {
  const fq = (scale: number, low = 0, absorbed = '') =>
    `{scale: [${scale}], axis: 1, type: "uint8", zeroPoint: ${-low}, low: ${low}, high: ${255 + low}, absorbed: [${absorbed}]}`;
  const planOf = (lines: string) =>
    planSpiking(
      parseGraph(`
input x [1, 2, 4, 4]
const w [2, 2, 1, 1] seed 1
${lines}
output y`) as CanonicalGraph,
    );
  const layersOf = (lines: string) =>
    planOf(lines).nodes.flatMap((node) =>
      node.kind !== 'neuron'
        ? []
        : [
            [
              node.output,
              node.neuron,
              node.nodes.join(' '),
              node.quantizer?.scale[0],
              node.pool !== undefined,
            ],
          ],
    );
  const WINDOW = '{kernel_shape: [2, 2], strides: [2, 2]}';

  it.each<[string, string, string, string, boolean]>([
    ['alone is a ReLU where it cannot go below 0', `y = FakeQuantize(a) ${fq(0.5)}`, 'tsa-relu', 'y', false],
    ['alone is a clip where it can', `y = FakeQuantize(a) ${fq(0.5, -10)}`, 'tsa-clip', 'y', false],
    ['behind a ReLU joins it', `r = Relu(a)\ny = FakeQuantize(r) ${fq(0.5)}`, 'tsa-relu', 'r y', false],
    ['behind a Clip joins it', `r = Clip(a, 0, 6)\ny = FakeQuantize(r) ${fq(0.5)}`, 'tsa-clip', 'r y', false],
    [
      'in front of a max-pool',
      `q = FakeQuantize(a) ${fq(0.5)}\ny = MaxPool(q) ${WINDOW}`,
      'tsa-relu',
      'q y',
      true,
    ],
    [
      'behind a max-pool',
      `m = MaxPool(a) ${WINDOW}\ny = FakeQuantize(m) ${fq(0.5)}`,
      'tsa-relu',
      'm y',
      true,
    ],
    [
      'behind a max-pool of what an activation made',
      `r = Relu(a)\nm = MaxPool(r) ${WINDOW}\ny = FakeQuantize(m) ${fq(0.5)}`,
      'tsa-relu',
      'r m y',
      true,
    ],
    [
      'in front of the max-pool behind an activation',
      `r = Relu(a)\nq = FakeQuantize(r) ${fq(0.5)}\ny = MaxPool(q) ${WINDOW}`,
      'tsa-relu',
      'r q y',
      true,
    ],
  ])('%s', (_, lines, neuron, nodes, pooled) => {
    expect(layersOf(`a = Conv(x, w)\n${lines}`)).toEqual([['y', neuron, nodes, 0.5, pooled]]);
  });

  it('behind another grid is a layer of its own', () => {
    const lines = `a = Conv(x, w)\nq = FakeQuantize(a) ${fq(0.5)}\nm = MaxPool(q) ${WINDOW}\ny = FakeQuantize(m) ${fq(2)}`;
    expect(layersOf(lines)).toEqual([
      ['m', 'tsa-relu', 'q m', 0.5, true],
      ['y', 'tsa-relu', 'y', 2, false],
    ]);
  });

  it('that others read leaves the max-pool behind it a layer of its own', () => {
    const lines = `a = Conv(x, w)\nq = FakeQuantize(a) ${fq(0.5)}\nm = MaxPool(q) {kernel_shape: [1, 1]}\ny = Add(m, q)`;
    expect(layersOf(lines)).toEqual([
      ['q', 'tsa-relu', 'q', 0.5, false],
      ['m', 'tsa-identity', 'm', 0.5, true],
    ]);
  });

  it('of currents in front of weights is what turns them into spikes', () => {
    expect(layersOf(`a = Conv(x, w)\nq = FakeQuantize(a) ${fq(0.5, -100)}\ny = Conv(q, w)`)).toEqual([
      ['q', 'tsa-clip', 'q', 0.5, false],
    ]);
  });

  it('of the image is the grid of the encoder', () => {
    const plan = planOf(`q = FakeQuantize(x) ${fq(0.25, -128)}\ny = Conv(q, w)`);
    expect([
      plannedInputs(plan)[0]!.name,
      plannedInputs(plan)[0]!.output,
      plannedInputs(plan)[0]!.quantizer?.scale,
    ]).toEqual(['x', 'q', [0.25]]);
    expect(plan.nodes.map(({ kind }) => kind)).toEqual(['encoder', 'linear', 'readout']);
    expect(plan.fates[0]).toEqual({
      node: 'q',
      op: 'FakeQuantize',
      kind: 'neuron',
      detail: "the encoder's spikes carry its integers (uint8 0..255, zero point 128, scale 0.250000)",
    });
    const plain = planOf('y = Conv(x, w)');
    expect([plannedInputs(plain)[0]!.output, plannedInputs(plain)[0]!.quantizer]).toEqual(['x', undefined]);
  });

  it('states bounds of its own apart from those of its activation', () => {
    const [neuron] = planOf(
      `a = Conv(x, w)\nr = Clip(a, -1, 6)\ny = FakeQuantize(r) ${fq(0.5, -10)}`,
    ).nodes.filter((node) => node.kind === 'neuron');
    expect([neuron!.parameters, neuron!.quantizer!.low]).toEqual([{ low: [-1], high: [6] }, -10]);
    const [alone] = planOf(`a = Conv(x, w)\ny = FakeQuantize(a) ${fq(0.5)}`).nodes.filter(
      (node) => node.kind === 'neuron',
    );
    expect(alone!.parameters).toEqual({});
  });

  it('is told in the fate of the last node of its layer, to which the others point', () => {
    const { fates } = planOf(`a = Conv(x, w)\nr = Relu(a)\ny = FakeQuantize(r) ${fq(0.5)}`);
    const told = fates.filter(({ kind }) => kind === 'neuron');
    expect(told.map(({ node }) => node)).toEqual(['r', 'y']);
    expect(told.map(({ detail }) => detail)).toEqual([
      'part of "y"',
      'tsa-relu, spikes carry "y" (uint8 0..255, zero point 0, scale 0.500000)',
    ]);
  });

  it('needs no calibration', () => {
    const plan = planOf(`a = Conv(x, w)\nq = FakeQuantize(a) ${fq(0.5)}\nb = Conv(q, w)\ny = Relu(b)`);
    expect(observedValues(plan)).toEqual([{ layer: 'y', value: 'y' }]);
  });
});

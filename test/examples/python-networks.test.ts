// The numpy simulator on small networks with what the other tests' networks lack: every kind of node and encoder that
// docs/format.md describes is simulated as the reference engine does, or refused by its name.
import { describe, expect, it } from 'vitest';
import type { Coding } from '../../src/snn/network/coding.ts';
import { type Network, readouts } from '../../src/snn/network/network.ts';
import type { PlanOptions } from '../../src/snn/plan/plan.ts';
import { type FloatTensor, floatTensor, sizeOf, type Tensor } from '../../src/tensor/tensor.ts';
import { float, ints } from '../ops/single-node.ts';
import {
  filled,
  graphOf,
  type Line,
  measuredTheta,
  networkOf,
  normal,
  relativeRms,
  runTiny,
  type TinyModel,
} from '../snn/tiny.ts';
import { NEEDS_NUMPY, python, simulateInPython } from './python.ts';

const CODING = { T: 10, beta: 2, Ts: 2, phi: 0.5 };
const gauss = normal(41);
const constants = {
  w: filled([4, 2, 3, 3], gauss),
  squeeze: filled([4, 4, 1, 1], gauss),
  v: filled([4, 4, 3, 3], gauss),
  slopes: floatTensor([4, 1, 1], [0.1, 0.25, 0, 0.5]),
  gain: floatTensor([4], [0.5, 2, -1, 1.5]),
  shift: floatTensor([4], [0.25, -0.5, 0.125, 0]),
  zero: floatTensor([4], [0, 0, 0, 0]),
  one: floatTensor([4], [1, 1, 1, 1]),
};
const CONV: Line = ['Conv', ['x', 'w'], 'c', { pads: ints(1, 1, 1, 1) }];
const LAST: Line = ['Conv', ['r', 'v'], 'y'];
const model = (...nodes: Line[]): TinyModel => {
  const read = new Set(nodes.flatMap(([, inputs]) => inputs));
  const used = Object.entries(constants).filter(([name]) => read.has(name));
  return { input: [2, 6, 6], nodes, constants: Object.fromEntries(used) };
};
const plain = model(CONV, ['Relu', ['c'], 'r'], LAST);
const gated = model(
  CONV,
  ['Relu', ['c'], 'q'],
  ['GlobalAveragePool', ['q'], 'mean'],
  ['Conv', ['mean', 'squeeze'], 'e'],
  ['Relu', ['e'], 'gate'],
  ['Mul', ['q', 'gate'], 'r'],
  LAST,
);

function built(tiny: TinyModel, plan: PlanOptions = {}, coding: Partial<Coding> = {}) {
  const graph = graphOf(tiny);
  const shapes = Array.isArray(tiny.input) ? { x: tiny.input } : tiny.input;
  const inputs = new Map(
    Object.entries(shapes).map(([name, shape]) => [name, filled([3, ...(shape as number[])], gauss)]),
  );
  const images = inputs.size === 1 ? inputs.get('x')! : sideBySide([...inputs.values()]);
  const theta = measuredTheta(graph, images, { ...CODING, ...coding }, false, plan);
  return { network: networkOf(graph, { coding: { ...CODING, ...coding }, theta, plan }), images, inputs };
}

/** The inputs of each image as one vector. */
function sideBySide(inputs: readonly FloatTensor[]): FloatTensor {
  const images = inputs[0]!.shape[0]!;
  const rows = Array.from({ length: images }, (_, n) =>
    inputs.flatMap(({ data, shape }) => {
      const size = sizeOf(shape.slice(1));
      return [...data.slice(n * size, (n + 1) * size)];
    }),
  );
  return floatTensor([images, rows[0]!.length], rows.flat());
}

/** Asserts the reference engine's logits, and its spikes but for those that rounding decides. */
async function expectSame(
  network: Network,
  images: FloatTensor,
  given: Tensor | ReadonlyMap<string, Tensor>,
) {
  const { trace } = await runTiny(network, images);
  const run = simulateInPython(network, given);
  for (const { name } of readouts(network)) {
    expect(relativeRms(run.get(`logits/${name}`)!.data, trace.logits.get(name)!), name).toBeLessThan(1e-3);
  }
  for (const [name, { spikes }] of trace.layers) {
    const found = run.get(`spikes/${name}`)!.data;
    const others = spikes!.filter((s, i) => s !== found[i]).length;
    expect(others, `other spikes of ${name}`).toBeLessThanOrEqual(1e-3 * spikes!.length);
  }
}

const CASES: readonly [string, TinyModel, PlanOptions, Partial<Coding>, (network: Network) => boolean][] = [
  [
    'LeakyRelu',
    model(CONV, ['LeakyRelu', ['c'], 'r', { alpha: float(0.2) }], LAST),
    {},
    {},
    has('neuron', 'tsa-leaky-relu'),
  ],
  [
    'PRelu by channel',
    model(CONV, ['PRelu', ['c', 'slopes'], 'r'], LAST),
    {},
    {},
    has('neuron', 'tsa-leaky-relu'),
  ],
  ['a product of running tensors', gated, {}, {}, has('product', true)],
  [
    'a product that is kept analog: decoders, an analog node, an encoder behind it',
    gated,
    { analog: new Set(['r']) },
    {},
    has('kind', 'decoder'),
  ],
  [
    'a scale and shift behind a max-pool',
    model(
      CONV,
      ['MaxPool', ['c'], 'p', { kernel_shape: ints(2, 2), strides: ints(1, 1) }],
      ['BatchNormalization', ['p', 'gain', 'shift', 'zero', 'one'], 'n'],
      ['Relu', ['n'], 'r'],
      LAST,
    ),
    {},
    {},
    (network) => network.nodes.some((node) => node.kind === 'neuron' && node.affine !== undefined),
  ],
  ['the analog encoder', plain, {}, { encoder: 'analog' }, has('encoder', 'analog')],
  [
    'the constant-current encoder',
    plain,
    {},
    { encoder: 'constant-current' },
    has('encoder', 'constant-current'),
  ],
  ['the CSS encoder at beta 1.5', plain, {}, { beta: 1.5 }, has('encoder', 'css')],
];

function has(field: string, value: unknown) {
  return (network: Network) =>
    network.nodes.some((node) => (node as unknown as Record<string, unknown>)[field] === value);
}

describe.skipIf(python === null)(`small networks in Python ${NEEDS_NUMPY}`, () => {
  it.each(CASES)('%s', async (_, tiny, plan, coding, holds) => {
    const { network, images } = built(tiny, plan, coding);
    expect(holds(network)).toBe(true);
    await expectSame(network, images, images);
  });

  it('several inputs, an array for each', async () => {
    const tiny: TinyModel = {
      input: { x: [2, 4, 4], z: [4, 4, 4] },
      nodes: [CONV, ['Relu', ['c'], 'q'], ['Add', ['q', 'z'], 's'], ['Relu', ['s'], 'r'], LAST],
      constants: { w: constants.w, v: constants.v },
    };
    const { network, images, inputs } = built(tiny);
    await expectSame(network, images, inputs);
  });

  it.each<[string, TinyModel, PlanOptions, RegExp]>([
    ['a neuron', model(CONV, ['Sigmoid', ['c'], 'r'], LAST), {}, /r: this example has no neuron tsa-sigmoid/],
    [
      'an analog operator',
      model(CONV, ['Relu', ['c'], 'q'], ['LRN', ['q'], 'r', { size: { type: 'int', value: 3 } }], LAST),
      { analog: new Set(['r']) },
      /r: this example has no operator LRN/,
    ],
  ])('refuses %s that it lacks by its name', (_, tiny, plan, message) => {
    const { network, images } = built(tiny, plan);
    expect(() => simulateInPython(network, images)).toThrow(message);
  });
});

// Every activation against ONNX Runtime: as read at its opset, and as written back at opset 17.
import { describe, expect, it } from 'vitest';
import { buildGraph, valueId } from '../../src/graph/graph.ts';
import { graphToOnnx } from '../../src/graph/to-onnx.ts';
import { erfOf } from '../../src/ops/erf.ts';
import { activationOps, opNamed } from '../../src/ops/index.ts';
import { openSession } from '../../src/runtime/session.ts';
import { floatTensor, tensor } from '../../src/tensor/tensor.ts';
import { expectAsInOnnxRuntime, type NodeCase } from './node-case.ts';
import {
  float,
  nodeOf,
  randomTensor,
  relativeError,
  runInOnnxRuntime,
  runNode,
  string,
} from './single-node.ts';

/** From -12 to 12, with 0 and the bends of the piecewise functions. */
const x = floatTensor(
  [2, 3, 4, 5],
  Array.from({ length: 120 }, (_, i) => (i - 60) / 5),
);

const CASES: readonly NodeCase[] = [
  { op: 'LeakyRelu', opset: 6, inputs: [x] },
  { op: 'LeakyRelu', opset: 16, inputs: [x], attributes: { alpha: float(-0.3) } },
  { op: 'PRelu', opset: 7, inputs: [x, randomTensor([3, 1, 1], 2)] },
  { op: 'PRelu', opset: 9, inputs: [x, tensor('float32', [1], [0.25])] },
  { op: 'PRelu', opset: 16, inputs: [x, randomTensor([1, 3, 4, 5], 3)] },
  { op: 'Sigmoid', opset: 13, inputs: [x] },
  { op: 'Tanh', opset: 13, inputs: [x] },
  { op: 'Softplus', opset: 1, inputs: [x] },
  { op: 'Softsign', opset: 1, inputs: [x] },
  { op: 'HardSigmoid', opset: 6, inputs: [x] },
  { op: 'HardSigmoid', opset: 6, inputs: [x], attributes: { alpha: float(1 / 6), beta: float(0.4) } },
  { op: 'HardSwish', opset: 14, inputs: [x] },
  { op: 'Elu', opset: 6, inputs: [x] },
  { op: 'Elu', opset: 6, inputs: [x], attributes: { alpha: float(0.5) } },
  { op: 'Selu', opset: 6, inputs: [x] },
  { op: 'Selu', opset: 6, inputs: [x], attributes: { alpha: float(2), gamma: float(3) } },
  { op: 'Celu', opset: 12, inputs: [x] },
  { op: 'Celu', opset: 12, inputs: [x], attributes: { alpha: float(2.5) } },
  { op: 'Erf', opset: 13, inputs: [x] },
];

/** Operators of later opsets, written back in pieces. */
const LATER: readonly NodeCase[] = [
  { op: 'Gelu', opset: 20, inputs: [x] },
  { op: 'Gelu', opset: 20, inputs: [x], attributes: { approximate: string('tanh') } },
  { op: 'Mish', opset: 18, inputs: [x] },
];

/** Operators of ours: f in double precision. */
const OURS: readonly [op: string, f: (v: number) => number][] = [
  ['Silu', (v) => v / (1 + Math.exp(-v))],
  ['GeluTanh', (v) => (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))],
];

describe('activations against ONNX Runtime', () => {
  it('have a case each', () => {
    const tested = [...CASES, ...LATER].map(({ op }) => op).concat(OURS.map(([op]) => op));
    const elsewhere = ['Relu', 'Clip'];
    expect(new Set([...tested, ...elsewhere])).toEqual(
      new Set([...activationOps.map(({ name }) => name as string), 'Erf']),
    );
  });

  it.each(CASES.map((c, i) => [`${c.op} of opset ${c.opset} (case ${i})`, c] as const))('%s', (_, c) =>
    expectAsInOnnxRuntime(c),
  );

  it.each(LATER.map((c, i) => [`${c.op} (case ${i})`, c] as const))('%s, evaluated', async (_, c) => {
    const node = nodeOf(c.op, c.inputs, c.attributes);
    const [expected] = await runInOnnxRuntime(node, c.inputs, c.opset);
    const { op, outputs } = runNode(node, c.inputs, c.opset);
    expect(relativeError(outputs[0]!, expected!)).toBeLessThanOrEqual(op.tolerance);
  });

  it.each(OURS)('%s, evaluated', (op, f) => {
    const expected = { ...x, data: x.data.map(f) };
    expect(relativeError(opNamed(op)!.evaluate({}, [x])[0]!, expected)).toBeLessThanOrEqual(2e-7);
  });

  it.each([
    ['Silu', {}],
    ['Gelu', { approximate: 'none' }],
    ['Gelu', { approximate: 'tanh' }],
    ['GeluTanh', {}],
    ['Mish', {}],
  ])('%s %o, written in pieces', async (name, attributes) => {
    const [input, output] = [valueId('x'), valueId('y')];
    const node = { name: 'node', op: name, attributes, inputs: [input], outputs: [output] } as never;
    const graph = buildGraph({
      inputs: new Map([[input, { dtype: 'float32', shape: x.shape }]]),
      outputs: [output],
      nodes: [node],
      constants: new Map(),
    });
    const session = await openSession(graphToOnnx(graph, { freeBatch: true }), { where: name });
    const written = (await session.run(new Map([['x', x]]))).get('y')!;
    await session.release();
    const [expected] = opNamed(name)!.evaluate(attributes, [x]);
    expect(relativeError(written, expected!)).toBeLessThanOrEqual(opNamed(name)!.tolerance);
  });
});

describe('erf', () => {
  // Abramowitz and Stegun, table 7.1
  it.each([
    [0, 0],
    [0.5, 0.5204998778],
    [1, 0.8427007929],
    [2, 0.995322265],
    [-1.5, -0.9661051465],
    [7, 1],
  ])('of %d', (v, expected) => {
    expect(erfOf(v)).toBeCloseTo(expected, 9);
  });
});

describe('PRelu', () => {
  const parse = (shape: readonly number[], opset: number) =>
    opNamed('PRelu')!.parse(
      nodeOf('PRelu', [x, x]),
      [
        { dtype: 'float32', shape: x.shape },
        { dtype: 'float32', shape, value: randomTensor(shape) },
      ],
      opset,
    );
  const slopes = (shape: readonly number[], opset = 13) =>
    opNamed('PRelu')!.parameters!(parse(shape, opset).attributes, [3, 4, 5]).slope!.length;

  it('has one slope, one for each channel, or one for each element', () => {
    expect([slopes([1]), slopes([3, 1, 1]), slopes([1, 3, 1, 1]), slopes([5]), slopes([3], 6)]).toEqual([
      1, 3, 3, 60, 3,
    ]);
  });

  it('is refused where its slope is computed from the data, or does not fit', () => {
    const op = opNamed('PRelu')!;
    const running = { dtype: 'float32', shape: x.shape } as const;
    expect(() => op.parse(nodeOf('PRelu', [x, x]), [running, running], 13)).toThrow(/slope.*constant/);
    expect(() => op.infer(parse([4, 1, 1], 13).attributes, [running], 'node')).toThrow(/broadcasts over/);
  });
});

// Quantizers and products of integers against ONNX Runtime: as read at their opset, and as written back.
import { describe, expect, it } from 'vitest';
import { readOnnx } from '../../src/onnx/read.ts';
import { type FakeQuantizeAttributes, fakeQuantize, showQuantizer } from '../../src/ops/fake-quantize.ts';
import { opNamed } from '../../src/ops/index.ts';
import { type Quantization, showQuantization } from '../../src/ops/quantization.ts';
import { openSession } from '../../src/runtime/session.ts';
import { scaleAt } from '../../src/tensor/grid.ts';
import { indexTensor, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { encode } from '../onnx/fixtures.ts';
import { expectAsInOnnxRuntime, type NodeCase } from './node-case.ts';
import {
  constantFact,
  int,
  ints,
  nodeOf,
  randomTensor as random,
  runInOnnxRuntime,
  runNode,
  runningFact,
} from './single-node.ts';

const float = (...values: number[]) => tensor('float32', values.length === 1 ? [] : [values.length], values);
const x = random([2, 3, 4, 5]);
const scales = (count: number) => float(...Array.from({ length: count }, (_, i) => (i + 1) / 100));
/** Multiples of a quarter, half of them midway between two steps of a half, and two that saturate. */
const ties = float(...Array.from({ length: 21 }, (_, i) => (i - 10) / 4), 1e6, -1e6);
/** Integers all over the range of a type. */
const integers = (dtype: 'int8' | 'uint8', shape: readonly number[]) => {
  const offset = dtype === 'int8' ? 0 : 128;
  return tensor(
    dtype,
    shape,
    Array.from(random(shape, 7).data, (v) => Math.floor(v * 128) + offset),
  );
};
const dynamic = (value: Tensor): NodeCase => ({
  op: 'DynamicQuantizeLinear',
  opset: 11,
  inputs: [value],
  outputs: ['q', 'scale', 'zero'],
});

const CASES: readonly NodeCase[] = [
  { op: 'QuantizeLinear', opset: 10, inputs: [x, float(0.01)] },
  { op: 'QuantizeLinear', opset: 13, inputs: [ties, float(0.5), tensor('uint8', [], [3])] },
  { op: 'QuantizeLinear', opset: 13, inputs: [ties, float(0.5), tensor('int8', [1], [-5])] },
  { op: 'QuantizeLinear', opset: 13, inputs: [x, scales(3), tensor('int8', [3], [-9, 0, 120])] },
  {
    op: 'QuantizeLinear',
    opset: 19,
    inputs: [x, scales(5), tensor('uint8', [5], [0, 1, 2, 3, 4])],
    attributes: { axis: int(-1), saturate: int(1) },
  },
  { op: 'DequantizeLinear', opset: 10, inputs: [integers('uint8', [9]), float(0.3)] },
  {
    op: 'DequantizeLinear',
    opset: 13,
    inputs: [integers('int8', [4, 3]), scales(3), tensor('int8', [3], [3, 0, -128])],
  },
  {
    op: 'DequantizeLinear',
    opset: 13,
    inputs: [tensor('int32', [2, 2], [16777217, -16777215, 2147483647, -2147483648]), scales(2)],
    attributes: { axis: int(-2) },
  },
  dynamic(x),
  dynamic(tensor('float32', [3], [0.5, 2, 1.25])),
  dynamic(tensor('float32', [3], [-0.5, -2, -1.25])),
  dynamic(tensor('float32', [3])),
  {
    op: 'ConvInteger',
    opset: 10,
    inputs: [
      integers('uint8', [2, 4, 5, 5]),
      integers('uint8', [6, 2, 3, 2]),
      tensor('uint8', [], [130]),
      tensor('uint8', [], [117]),
    ],
    attributes: { group: int(2), pads: ints(1, 0, 2, 1), strides: ints(2, 1) },
  },
  { op: 'ConvInteger', opset: 10, inputs: [integers('uint8', [1, 2, 6, 3]), integers('int8', [3, 2, 2, 2])] },
  { op: 'MatMulInteger', opset: 10, inputs: [integers('int8', [2, 3]), integers('int8', [3, 4])] },
  {
    op: 'MatMulInteger',
    opset: 10,
    inputs: [
      integers('uint8', [2, 2, 3]),
      integers('int8', [3, 4]),
      tensor('uint8', [], [9]),
      tensor('int8', [4], [1, -2, 3, 100]),
    ],
  },
];

describe('quantizers against ONNX Runtime', () => {
  it.each(CASES.map((c, i) => [`${c.op} of opset ${c.opset} (case ${i})`, c] as const))('%s', (_, c) =>
    expectAsInOnnxRuntime(c),
  );

  // Types that no file of the emitted opset can hold.
  it.each([
    ['int16', [-7]],
    ['uint16', [40000]],
  ] as const)('quantizes to %s and back as at opset 21', async (dtype, zeroPoint) => {
    const parameters = [float(1 / 4096), tensor(dtype, [], zeroPoint)];
    const [quantize, dequantize] = ['QuantizeLinear', 'DequantizeLinear'].map(
      (op) => async (value: Tensor) => {
        const inputs = [value, ...parameters];
        const expected = (await runInOnnxRuntime(nodeOf(op, inputs), inputs, 21))[0]!;
        const actual = runNode(nodeOf(op, inputs), inputs, 21).outputs[0]!;
        expect({ ...actual, grid: undefined }).toEqual({ ...expected, grid: undefined });
        return actual;
      },
    );
    await dequantize!(await quantize!(x));
  });

  it('takes the type of output_dtype where there is no zero point', async () => {
    const inputs = [ties, float(0.5)];
    const node = nodeOf('QuantizeLinear', inputs, { output_dtype: int(3), block_size: int(0) });
    const expected = await runInOnnxRuntime(node, inputs, 21);
    expect(runNode(node, inputs, 21).outputs).toEqual(expected);
    expect(expected[0]!.dtype).toBe('int8');
  });

  it('quantizes to 4 bits', () => {
    const inputs = [ties, float(0.5), tensor('int4', [], [-2])];
    const [q] = runNode(nodeOf('QuantizeLinear', inputs), inputs, 21).outputs;
    expect(q!.dtype).toBe('int4');
    // -2.5 is -5 steps, -7 with the zero point; 2.5 is 3; the last two saturate.
    expect([q!.data[0], q!.data[20], q!.data[21], q!.data[22]]).toEqual([-7, 3, 7, -8]);
  });
});

describe('4 bit weights', () => {
  it.each([
    ['uint4', 21],
    ['int4', 22],
  ])('of %s are read from a file and dequantized as ONNX Runtime does', async (_, dataType) => {
    const graph = {
      name: 'g',
      initializer: [
        { name: 'w', dims: [3, 3], dataType, rawData: Uint8Array.of(0x10, 0x32, 0x98, 0xfe, 0x0a) },
        { name: 's', dims: [3], dataType: 1, floatData: [0.5, 0.25, 2] },
        { name: 'z', dims: [3], dataType, rawData: Uint8Array.of(0x31, 0x02) },
      ],
      node: [{ name: 'n', opType: 'DequantizeLinear', input: ['w', 's', 'z'], output: ['y'] }],
      output: [{ name: 'y', type: { tensorType: { elemType: 1 } } }],
    };
    const bytes = encode(graph, { irVersion: 10, opsetImport: [{ domain: '', version: 21 }] });
    const session = await openSession(bytes, { where: 'w' });
    const expected = (await session.run(new Map())).get('y')!;
    await session.release();
    const { node, initializers } = fileParts(bytes);
    const { grid, ...actual } = runNode(node, initializers, 21).outputs[0]!;
    expect(actual).toEqual(expected);
    expect(grid!.high - grid!.low).toBe(15 + 2);
  });
});

/** The only node of a file, and its initializers as inputs. */
function fileParts(bytes: Uint8Array) {
  const { nodes, initializers } = readOnnx(bytes, { where: 'w' });
  return { node: nodes[0]!, initializers: [...initializers.values()] };
}

describe('the grid of what is dequantized', () => {
  const gridOf = (q: Tensor, scale: Tensor, zero: Tensor, axis = 1) => {
    const inputs = [q, scale, zero];
    return runNode(nodeOf('DequantizeLinear', inputs, { axis: int(axis) }), inputs, 13).outputs[0]!;
  };

  it('says what the integers were', () => {
    const q = integers('int8', [4, 3]);
    const value = gridOf(q, scales(4), tensor('int8', [4], [5, 5, 5, 5]), 0);
    expect(value.grid).toEqual({ scale: [...scales(4).data], axis: 0, low: -133, high: 122 });
    expect(Array.from(value.data, (v, i) => Math.round(v / scaleAt(value.grid!, [4, 3], i)) + 5)).toEqual([
      ...q.data,
    ]);
  });

  it('covers all where zero points differ', () => {
    const value = gridOf(integers('uint8', [4, 3]), scales(3), tensor('uint8', [3], [0, 10, 100]));
    expect(value.grid).toMatchObject({ axis: 1, low: -100, high: 255 });
  });

  it.each([
    ['Transpose', [], {}, { axis: 0 }],
    ['Reshape', [indexTensor([2, 3, 2, 1])], {}, { axis: 1 }],
    ['Reshape', [indexTensor([3, 4])], {}, undefined],
    ['Unsqueeze', [indexTensor([2])], {}, { axis: 1 }],
    ['Unsqueeze', [indexTensor([0])], {}, undefined],
    ['Slice', [indexTensor([0]), indexTensor([2]), indexTensor([1])], {}, undefined],
    ['Relu', [], {}, undefined],
  ] as const)('behind %s (case %#)', (op, rest, attributes, expected) => {
    const constant = gridOf(integers('int8', [2, 3, 2]), scales(3), tensor('int8', [3], [0, 0, 0]));
    const shape = op === 'Transpose' ? { ...constant, shape: [2, 3, 2] } : constant;
    const inputs = [shape, ...rest];
    const node = nodeOf(op, inputs, op === 'Transpose' ? { perm: ints(1, 0, 2) } : attributes);
    const { grid } = runNode(node, inputs, 13).outputs[0]!;
    if (expected === undefined) expect(grid).toBeUndefined();
    else expect(grid).toEqual({ ...constant.grid, ...expected });
  });

  it('of one scale is kept by whatever moves elements', () => {
    const constant = gridOf(integers('int8', [2, 3]), float(0.5), tensor('int8', [], [0]));
    for (const [op, rest] of [
      ['Reshape', [indexTensor([3, 2])]],
      ['Transpose', []],
      ['Slice', [indexTensor([0]), indexTensor([1])]],
      ['Flatten', []],
    ] as const) {
      const inputs = [constant, ...rest];
      expect(runNode(nodeOf(op, inputs), inputs, 13).outputs[0]!.grid, op).toMatchObject({ scale: [0.5] });
    }
  });
});

describe('DynamicQuantizeLinear of running values', () => {
  it('is taken as floating point of scale 1 and zero point 0', () => {
    const { infer } = opNamed('DynamicQuantizeLinear')!;
    expect(infer({}, [runningFact(x)], 'node')).toEqual([
      runningFact(x),
      constantFact(float(1)),
      constantFact(tensor('uint8', [], [0])),
    ]);
  });

  it('makes the products of integers those of floats', () => {
    for (const [op, weights] of [
      ['ConvInteger', integers('int8', [2, 3, 1, 1])],
      ['MatMulInteger', integers('int8', [5, 2])],
    ] as const) {
      const inputs = [runningFact(x), constantFact(weights), constantFact(tensor('uint8', [], [0]))];
      const { parse, infer, evaluate } = opNamed(op)!;
      const { attributes, operands } = parse(nodeOf(op, inputs), inputs, 13);
      expect(operands).toEqual([0, 1]);
      expect(infer(attributes, inputs.slice(0, 2), 'node')[0]!.dtype).toBe('float32');
      expect(evaluate(attributes, [x, weights])[0]!.dtype).toBe('float32');
    }
  });
});

describe('FakeQuantize', () => {
  const grid = { low: -10, high: 117, type: 'int8', zeroPoint: 10, absorbed: [] };

  it.each([
    ['one scale', float(0.125), 0],
    ['a scale for each channel', scales(3), 1],
  ])('is QuantizeLinear and DequantizeLinear of %s, evaluated and as written', async (_, scale, axis) => {
    const value = { ...x, data: x.data.map((v) => 10 * v) };
    const zero = tensor('int8', scale.shape, [...scale.data].fill(10));
    const inputs = [value, scale, zero];
    const q = (await runInOnnxRuntime(nodeOf('QuantizeLinear', inputs), inputs, 13))[0]!;
    const back = [q, scale, zero];
    const expected = (await runInOnnxRuntime(nodeOf('DequantizeLinear', back), back, 13))[0]!;
    const clipped = expected.data.map((v, i) =>
      Math.max(v, -10 * scaleAt({ ...grid, ...{ scale: [...scale.data], axis } }, x.shape, i)),
    );
    const attributes = { ...grid, scale: [...scale.data], axis };
    expect([...fakeQuantize.evaluate(attributes, [value])[0]!.data]).toEqual([...clipped]);
    const written: Tensor[] = [];
    for (const { op, inputs: from } of fakeQuantize.expand!(attributes, x.shape)) {
      const step = from.map((one) => (one === 'x' ? value : typeof one === 'number' ? written[one]! : one));
      written.push((await runInOnnxRuntime(nodeOf(op, step), step, 17))[0]!);
    }
    expect([...written.at(-1)!.data]).toEqual([...clipped]);
  });
});

describe('showQuantizer', () => {
  const shown = (attributes: Partial<FakeQuantizeAttributes>) =>
    showQuantizer({
      scale: [0.5],
      axis: 1,
      type: 'uint8',
      zeroPoint: 3,
      low: -3,
      high: 252,
      absorbed: [],
      ...attributes,
    });

  it('prints the range in the integers of the type, the zero point and the scale', () => {
    expect(shown({})).toBe('uint8 0..255, zero point 3, scale 0.500000');
    expect(shown({ scale: [0.5, 0.25] })).toBe('uint8 0..255, zero point 3, 2 scales');
    expect(shown({ type: 'int8', zeroPoint: -128, low: 0, high: 255 })).toMatch(/^int8 -128..127, /);
  });
});

describe('showQuantization', () => {
  const shown = (quantization: Partial<Quantization>) =>
    showQuantization({ type: 'uint8', scale: [Math.fround(0.1)], zeroPoint: [3], axis: 1, ...quantization });

  it('prints what tells two float32 apart, and ranges of many', () => {
    expect(shown({})).toBe('uint8, scale 0.1, zero point 3');
    expect(shown({ scale: [Math.fround(0.1) + 2 ** -27] })).toBe('uint8, scale 0.10000001, zero point 3');
    expect(shown({ scale: [0.5, 0.25], zeroPoint: [3, 3] })).toBe(
      'uint8, 2 scales 0.25 to 0.5 along axis 1, zero point 3',
    );
    expect(shown({ scale: [0.5, 0.25], zeroPoint: [3, 4] })).toContain('2 zero points 3 to 4 along axis 1');
  });
});

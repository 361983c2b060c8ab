// Synapses are what evaluate computes: weight times input, summed over all of them, is the output less the bias.
import { describe, expect, it } from 'vitest';
import { opNamed, ops } from '../../src/ops/index.ts';
import { reachOf } from '../../src/ops/synapses.ts';
import { floatTensor, indexTensor, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import {
  type AttributeRecord,
  constantFact,
  float,
  int,
  ints,
  nodeOf,
  randomTensor as random,
  runNode,
  runningFact,
  string,
} from './single-node.ts';

interface Case {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes?: AttributeRecord;
  /** The running operand; 0 unless said. The others are constants. */
  readonly running?: number;
}

const positive = (n: number) =>
  tensor(
    'float32',
    [n],
    random([n], 8).data.map((v) => v + 1.5),
  );
const image = random([1, 4, 5, 6]);
const channelwise = random([4, 1, 1], 2);
/** A third of the weights are 0: they are no synapses. */
const sparse = (shape: readonly number[]) => {
  const weights = random(shape, 4);
  return { ...weights, data: weights.data.map((v, i) => (i % 3 === 0 ? 0 : v)) };
};

const CASES: readonly Case[] = [
  { op: 'Conv', inputs: [image, sparse([3, 4, 3, 3]), random([3])] },
  {
    op: 'Conv',
    inputs: [image, sparse([6, 2, 3, 2]), random([6])],
    attributes: { group: int(2), strides: ints(2, 3), pads: ints(1, 0, 2, 3), dilations: ints(1, 2) },
  },
  {
    op: 'Conv',
    inputs: [image, sparse([4, 1, 2, 2])],
    attributes: { group: int(4), auto_pad: string('SAME_LOWER') },
  },
  { op: 'Conv', inputs: [random([1, 2, 7]), sparse([3, 2, 3])], attributes: { pads: ints(2, 2) } },
  { op: 'Gemm', inputs: [random([1, 5]), sparse([5, 3]), random([3])] },
  {
    op: 'Gemm',
    inputs: [random([5, 1]), sparse([3, 5])],
    attributes: { alpha: float(-0.5), transA: int(1), transB: int(1) },
  },
  { op: 'MatMul', inputs: [random([1, 5]), sparse([5, 3])] },
  { op: 'MatMul', inputs: [random([1, 1, 2, 5]), sparse([4, 5, 3])] },
  { op: 'MatMul', inputs: [random([1, 2, 5]), sparse([5])] },
  { op: 'AveragePool', inputs: [image], attributes: { kernel_shape: ints(2, 3), strides: ints(2, 1) } },
  {
    op: 'AveragePool',
    inputs: [image],
    attributes: { kernel_shape: ints(3, 3), strides: ints(2, 2), pads: ints(1, 1, 0, 1), ceil_mode: int(1) },
  },
  {
    op: 'AveragePool',
    inputs: [image],
    attributes: { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1), count_include_pad: int(1) },
  },
  { op: 'GlobalAveragePool', inputs: [image] },
  { op: 'ReduceMean', inputs: [image], attributes: { axes: ints(2, 3), keepdims: int(0) } },
  { op: 'ReduceMean', inputs: [image], attributes: { axes: ints(1, -1) } },
  { op: 'BatchNormalization', inputs: [image, random([4], 2), random([4], 3), random([4], 5), positive(4)] },
  { op: 'Mul', inputs: [image, channelwise] },
  { op: 'Mul', inputs: [channelwise, image], running: 1 },
  { op: 'Mul', inputs: [random([1, 4, 1, 1]), random([5, 6], 2)] },
  { op: 'Div', inputs: [image, positive(6)] },
  { op: 'Add', inputs: [image, channelwise] },
  { op: 'Add', inputs: [image, random([1, 4, 1, 1], 5)], running: 1 },
  { op: 'Sub', inputs: [image, channelwise] },
  { op: 'Sub', inputs: [random([4, 1, 1]), random([1, 1, 5, 6], 2)], running: 1 },
  { op: 'Sum', inputs: [image, random([1, 4, 1, 6], 2), channelwise], running: 1 },
  {
    op: 'Conv',
    inputs: [random([1, 2, 3, 4, 3]), sparse([2, 2, 2, 3, 1])],
    attributes: { strides: ints(1, 2, 2) },
  },
  { op: 'AveragePool', inputs: [random([1, 2, 7])], attributes: { kernel_shape: ints(3), strides: ints(2) } },
  { op: 'AveragePool', inputs: [random([1, 2, 3, 4, 3])], attributes: { kernel_shape: ints(2, 3, 1) } },
  { op: 'ConvTranspose', inputs: [image, sparse([4, 3, 3, 3]), random([3])] },
  {
    op: 'ConvTranspose',
    inputs: [image, sparse([4, 3, 3, 2]), random([6])],
    attributes: {
      group: int(2),
      strides: ints(2, 3),
      pads: ints(1, 0, 2, 1),
      dilations: ints(1, 2),
      output_padding: ints(1, 0),
    },
  },
  { op: 'ConvTranspose', inputs: [random([1, 2, 7]), sparse([2, 3, 3])], attributes: { strides: ints(2) } },
  { op: 'ConvTranspose', inputs: [random([1, 2, 2, 3, 2]), sparse([2, 3, 2, 1, 2])] },
  ...[random([1, 2, 5]), random([1, 2, 4, 5]), random([1, 2, 2, 3, 2])].flatMap((x) =>
    ['nearest', 'linear'].map(
      (mode): Case => ({
        op: 'Resize',
        inputs: [
          x,
          floatTensor([0]),
          floatTensor([x.shape.length], [1, 1, 1.7, 2, 0.6].slice(0, x.shape.length)),
        ],
        attributes: { mode: string(mode) },
      }),
    ),
  ),
  { op: 'ReduceSum', inputs: [image, indexTensor([2, 3])], attributes: { keepdims: int(0) } },
  { op: 'Mean', inputs: [image, random([1, 4, 1, 6], 2), channelwise], running: 1 },
  { op: 'Neg', inputs: [image] },
];

/** The operator, read attributes and facts of a case. */
function readCase({ op, inputs, attributes = {}, running = 0 }: Case) {
  const run = runNode(nodeOf(op, inputs, attributes), inputs, 13);
  const facts = run.operands.map((value, i) => (i === running ? runningFact(value) : constantFact(value)));
  return { run, facts };
}

describe('fan-out', () => {
  const quick = CASES.filter(({ op }) => opNamed(op)!.fanOut !== undefined);

  it.each(quick.map((c, i) => [`${c.op} (case ${i})`, c] as const))('%s counts its synapses', (_, c) => {
    const { run, facts } = readCase(c);
    const { fanOut, ...walked } = opNamed(c.op)!;
    const counted = reachOf(walked, run.attributes, facts);
    expect(fanOut!(run.attributes, facts)).toEqual(counted);
    expect(counted.some((reached) => reached > 0)).toBe(true);
  });
});

describe('synapses', () => {
  it('has a case for every operator that gives them', () => {
    // Upsample is Resize under another name.
    const names = ops.filter((op) => 'synapses' in op && op.name !== 'Upsample').map((op) => op.name);
    expect([...new Set(CASES.map((c) => c.op))].sort()).toEqual(names.sort());
  });

  it.each(CASES.map((c, i) => [`${c.op} (case ${i})`, c] as const))('%s sums up to the output', (_, c) => {
    const { op, inputs, attributes = {}, running = 0 } = { ...c };
    const x = inputs[running]!;
    const at = (value: Tensor) => runNode(nodeOf(op, inputs, attributes), inputs.with(running, value), 13);
    const run = at(x);
    const bias = at(tensor('float32', x.shape)).outputs[0]!;
    const facts = run.operands.map((value, i) => (i === running ? runningFact(value) : constantFact(value)));
    const synapses = run.op.synapses!(run.attributes, running, facts, bias.shape);
    const sums = Float64Array.from(bias.data);
    x.data.forEach((value, source) => {
      synapses(source, (target, weight) => {
        expect(weight).not.toBe(0);
        expect(target).toBeLessThan(sums.length);
        sums[target]! += weight * value;
      });
    });
    for (const [i, sum] of sums.entries()) expect(sum).toBeCloseTo(run.outputs[0]!.data[i]!, 5);
  });

  it.each([
    ['Conv', [image, random([2, 4, 1, 1])], 0],
    ['Conv', [image, random([2, 4, 1, 1])], 1],
    ['ConvTranspose', [image, random([4, 2, 1, 1])], 0],
    ['ConvTranspose', [image, random([4, 2, 1, 1])], 1],
    ['Gemm', [random([1, 2]), random([2, 2])], 0],
    ['MatMul', [random([1, 2]), random([2, 2])], 1],
    ['Mul', [image, image], 0],
    ['Div', [image, image], 1],
  ] as const)('%s of two running operands has none from operand %#', (op, inputs, index) => {
    const run = runNode(nodeOf(op, inputs), inputs, 13);
    const facts = inputs.map(runningFact);
    expect(() => run.op.synapses!(run.attributes, index, facts, run.outputs[0]!.shape)).toThrow(RangeError);
  });
});

// Gemm: Y = alpha A' B' + beta C, where ' may transpose.
import { broadcastIndex, broadcastShape } from '../tensor/broadcast.ts';
import { type Shape, sameShape, showShape, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, floatAttribute, intAttribute } from './attributes.ts';
import { defineOp, type Fact, refuse, type Synapses } from './op.ts';
import { operandsOf } from './operands.ts';
import { rescaledBias, rescaledWeights } from './rescale.ts';

export interface GemmAttributes {
  readonly alpha: number;
  readonly beta: number;
  readonly transA: boolean;
  readonly transB: boolean;
}

/** A [M, K] or its transpose, B [K, N] or its transpose, C broadcast to [M, N]. https://onnx.ai/onnx/operators/onnx__Gemm.html */
export const gemm = defineOp<'Gemm', GemmAttributes>({
  name: 'Gemm',
  role: 'weighted',
  fate: 'becomes weights between spikes and neurons',
  tolerance: 1e-5,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 2, 3);
    const read = attributesOf(node, ['alpha', 'beta', 'broadcast', 'transA', 'transB']);
    const attributes = {
      alpha: read.float('alpha') ?? 1,
      beta: read.float('beta') ?? 1,
      transA: read.flag('transA', false),
      transB: read.flag('transB', false),
    };
    return { attributes, operands };
  },
  infer(attributes, operands, node) {
    const [a, b, c] = operands.map((fact) => fact.shape) as [Shape, Shape, Shape?];
    const dtype = operands[0]!.dtype;
    if (dtype === 'bool' || operands.some((fact) => fact.dtype !== dtype)) {
      refuse(
        node,
        `Gemm expects operands of one type of numbers, found ${operands.map((f) => f.dtype).join(', ')}`,
        'unsupported-type',
      );
    }
    const { m, n, k, fits } = dimensions(attributes, a, b);
    if (a.length !== 2 || b.length !== 2 || !fits) {
      refuse(
        node,
        `Gemm expects A [M, K] and B [K, N] with one K, found ${showShape(a)}${attributes.transA ? ' transposed' : ''} and ${showShape(b)}${attributes.transB ? ' transposed' : ''} (K = ${k})`,
      );
    }
    const broadcast = c === undefined ? [m, n] : broadcastShape(c, [m, n]);
    if (broadcast === undefined || !sameShape(broadcast, [m, n])) {
      refuse(node, `Gemm expects C to broadcast to [${m}, ${n}], found ${showShape(c!)}`);
    }
    return [{ dtype, shape: [m, n] }];
  },
  evaluate: (attributes, [a, b, c]) => [multiply(attributes, a!, b!, c)],
  encode: ({ alpha, beta, transA, transB }) => ({
    attributes: {
      alpha: floatAttribute(alpha),
      beta: floatAttribute(beta),
      transA: intAttribute(transA ? 1 : 0),
      transB: intAttribute(transB ? 1 : 0),
    },
  }),
  macs: ({ transA }, operands, output) => output[0]! * output[1]! * operands[0]![transA ? 0 : 1]!,
  absorbsUnits: 'per-channel',
  rescale: ({ transB }, [weights, bias], units) => {
    const columns = weights!.shape[1]!;
    const scaled = rescaledWeights(weights!, units, (i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return transB ? { input: column, output: row } : { input: row, output: column };
    });
    return bias === undefined ? [scaled] : [scaled, rescaledBias(bias, units)];
  },
  synapses(attributes, index, operands) {
    if (index !== 0) throw new RangeError('the synapses of Gemm start at its operand 0');
    return gemmSynapses(attributes, operands[0]!.shape, operands[1]!);
  },
});

function dimensions({ transA, transB }: GemmAttributes, a: Shape, b: Shape) {
  const [m = 0, k = 0] = transA ? [a[1], a[0]] : a;
  const [rows = 0, n = 0] = transB ? [b[1], b[0]] : b;
  return { m, n, k, fits: rows === k };
}

/** Each output is one sum in float64. */
function multiply(attributes: GemmAttributes, a: Tensor, b: Tensor, c: Tensor | undefined): Tensor {
  const { m, n, k } = dimensions(attributes, a.shape, b.shape);
  const out = tensor(a.dtype, [m, n]);
  const bias = c === undefined ? undefined : broadcastIndex(c.shape, out.shape);
  const [rowA, stepA] = attributes.transA ? [1, m] : [k, 1];
  const [columnB, stepB] = attributes.transB ? [k, 1] : [1, n];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += a.data[i * rowA + l * stepA]! * b.data[j * columnB + l * stepB]!;
      const at = i * n + j;
      out.data[at] =
        attributes.alpha * sum + (bias === undefined ? 0 : attributes.beta * c!.data[bias[at]!]!);
    }
  }
  return out;
}

function gemmSynapses(attributes: GemmAttributes, a: Shape, b: Fact): Synapses {
  if (b.value === undefined) throw new RangeError('Gemm with computed weights has no fixed synapses');
  const { m, n, k } = dimensions(attributes, a, b.shape);
  const { data } = b.value;
  return (source, visit) => {
    const [row, l] = attributes.transA
      ? [source % m, Math.floor(source / m)]
      : [Math.floor(source / k), source % k];
    for (let j = 0; j < n; j++) {
      const weight = attributes.alpha * data[attributes.transB ? j * k + l : l * n + j]!;
      if (weight !== 0) visit(row * n + j, weight);
    }
  };
}

// MatMul: the matrix product over the last two axes, broadcast over those before, as in NumPy.
import { broadcastIndex, broadcastShape } from '../tensor/broadcast.ts';
import { type Shape, showShape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { fanOut } from './fan-out.ts';
import { defineOp, type Fact, refuse, type Synapses } from './op.ts';
import { operandsOf } from './operands.ts';
import { rescaledWeights } from './rescale.ts';

/** https://onnx.ai/onnx/operators/onnx__MatMul.html */
export const matMul = defineOp<'MatMul', NoAttributes>({
  name: 'MatMul',
  role: 'weighted',
  fate: 'becomes weights between spikes and neurons',
  tolerance: 1e-5,
  parse(node, inputs) {
    attributesOf(node, []);
    return { attributes: {}, operands: operandsOf(node, inputs, 2) };
  },
  infer(_, [a, b], node) {
    if (a!.dtype !== b!.dtype || a!.dtype === 'bool') {
      refuse(
        node,
        `MatMul expects operands of one type of numbers, found ${a!.dtype}, ${b!.dtype}`,
        'unsupported-type',
      );
    }
    const product = productOf(a!.shape, b!.shape);
    if (product === undefined) {
      refuse(
        node,
        `MatMul expects [..., M, K] and [..., K, N], found ${showShape(a!.shape)} and ${showShape(b!.shape)}`,
      );
    }
    return [{ dtype: a!.dtype, shape: product.shape }];
  },
  evaluate: (_, [a, b]) => [multiply(a!, b!)],
  encode: () => ({ attributes: {} }),
  macs: (_, operands, output) => sizeOf(output) * operands[0]!.at(-1)!,
  // Rows and columns need not be channels: other axes may stand before them.
  absorbsUnits: 'scalar',
  rescale: (_, [weights], units) => [rescaledWeights(weights!, units, () => ({ input: 0, output: 0 }))],
  synapses(_, index, operands) {
    if (index !== 0) throw new RangeError('the synapses of MatMul start at its operand 0');
    return matMulSynapses(operands[0]!.shape, operands[1]!);
  },
});

interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** For each matrix of the result, which matrix of A and of B it comes from. */
  readonly matricesA: Int32Array;
  readonly matricesB: Int32Array;
  readonly shape: Shape;
}

/** How A times B is made up of matrices, or undefined when they do not fit. */
function productOf(a: Shape, b: Shape): Product | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  const [m, k] = a.length === 1 ? [1, a[0]!] : (a.slice(-2) as [number, number]);
  const [rows, n] = b.length === 1 ? [b[0]!, 1] : (b.slice(-2) as [number, number]);
  const batch = broadcastShape(a.slice(0, -2), b.slice(0, -2));
  if (rows !== k || batch === undefined) return undefined;
  return {
    m,
    k,
    n,
    matricesA: broadcastIndex(a.slice(0, -2), batch),
    matricesB: broadcastIndex(b.slice(0, -2), batch),
    shape: [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])],
  };
}

/** Each output is one sum in float64. */
function multiply(a: Tensor, b: Tensor): Tensor {
  const { m, k, n, matricesA, matricesB, shape } = productOf(a.shape, b.shape)!;
  const out = tensor(a.dtype, shape);
  for (let p = 0; p < matricesA.length; p++) {
    const [fromA, fromB, to] = [matricesA[p]! * m * k, matricesB[p]! * k * n, p * m * n];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a.data[fromA + i * k + l]! * b.data[fromB + l * n + j]!;
        out.data[to + i * n + j] = sum;
      }
    }
  }
  return out;
}

function matMulSynapses(a: Shape, b: Fact): Synapses {
  if (b.value === undefined) throw new RangeError('MatMul with computed weights has no fixed synapses');
  const { data } = b.value;
  const { m, k, n, matricesA, matricesB } = productOf(a, b.shape)!;
  const { starts, pairs } = fanOut(matricesA, sizeOf(a) / (m * k));
  return (source, visit) => {
    const matrix = Math.floor(source / (m * k));
    const row = Math.floor(source / k) % m;
    for (let p = starts[matrix]!; p < starts[matrix + 1]!; p++) {
      const product = pairs[p]!;
      const weights = (matricesB[product]! * k + (source % k)) * n;
      for (let j = 0; j < n; j++) {
        const weight = data[weights + j]!;
        if (weight !== 0) visit((product * m + row) * n + j, weight);
      }
    }
  };
}

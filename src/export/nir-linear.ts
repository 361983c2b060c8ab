// Linear operators of a network as nodes of NIR.
import type { NirNode } from '../nir/graph.ts';
import { opNamed } from '../ops/index.ts';
import type { LinearSnnNode } from '../snn/network/network.ts';
import { broadcastIndex } from '../tensor/broadcast.ts';
import { floatTensor, type Shape, sameShape, showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { diagonal } from './nir-builder.ts';
import { averagePool, convolution, globalAveragePool, type Mapped, sumPool } from './nir-windows.ts';

/** Operators that only move elements, and copies of them. */
export function isLayout({ op, attributes }: LinearSnnNode): boolean {
  if (op === 'Pad') return (attributes as { readonly value: number }).value === 0;
  return op === 'Expand' || opNamed(op)!.role === 'layout';
}

/**
 * The nodes, one behind the other, that an operator is with one running operand, or why there are none.
 * @param input shape of the running operand for one image
 * @param constants the constant operands, in order
 */
export function linearNodes(node: LinearSnnNode, input: Shape, constants: readonly Tensor[]): Mapped {
  switch (node.op) {
    case 'Conv':
      return conv(node.attributes as ConvAttributes, constants, input);
    case 'Gemm':
      return gemm(node.attributes as GemmAttributes, constants, input);
    case 'MatMul':
      return matMul(node, constants, input);
    case 'AveragePool':
      return averagePool(node.attributes as Parameters<typeof averagePool>[0], input, node.shape);
    case 'GlobalAveragePool':
      return globalAveragePool(input);
    case 'ReduceMean':
      return mean(node.attributes as { readonly axes: readonly number[] }, input, node.shape);
    case 'Mul':
      return [
        {
          type: 'Scale',
          scale: floatTensor(node.shape, Float32Array.from(broadcast(constants[0]!, node.shape))),
        },
      ];
    case 'Add': {
      const one = new Float64Array(sizeOf(node.shape)).fill(1);
      const added = diagonal(one, broadcast(constants[0]!, node.shape), node.shape);
      return added === null ? 'expected a constant of one number for each channel, found another' : [added];
    }
    default:
      return 'NIR has no such operator';
  }
}

type ConvAttributes = Parameters<typeof convolution>[0];
interface GemmAttributes {
  readonly alpha: number;
  readonly beta: number;
  readonly transA: boolean;
  readonly transB: boolean;
}

function conv(attributes: ConvAttributes, [weight, bias]: readonly Tensor[], input: Shape): Mapped {
  const { group } = attributes;
  // An integer network has its means as convolutions of each channel by itself with weights of 1.
  const sums = group > 1 && weight!.shape[1] === 1 && weight!.shape[0] === group && bias === undefined;
  if (sums && weight!.shape.length === 4 && weight!.data.every((value) => value === 1)) {
    const nodes = convolution(attributes, weight!, bias, input);
    const node = typeof nodes === 'string' ? undefined : nodes[0];
    if (
      node?.type === 'Conv2d' &&
      sameShape(node.weight.shape, weight!.shape) &&
      node.dilation.every((d) => d === 1)
    ) {
      const padsBegin = node.padding as readonly number[];
      return [sumPool({ kernel: weight!.shape.slice(2), strides: node.stride, padsBegin })];
    }
  }
  return convolution(attributes, weight!, bias, input);
}

function gemm(
  { alpha, beta, transA, transB }: GemmAttributes,
  [weight, bias]: readonly Tensor[],
  input: Shape,
): Mapped {
  if (transA || alpha !== 1 || beta !== 1) return 'expected alpha 1, beta 1 and transA 0, found others';
  if (input.length !== 1) return `expected an input of one axis, found ${showShape(input)}`;
  const matrix = transB ? asFloat(weight!) : transposed(weight!);
  if (bias === undefined) return [{ type: 'Linear', weight: matrix }];
  const b = floatTensor([matrix.shape[0]!], Float32Array.from(broadcast(bias, [matrix.shape[0]!])));
  return [{ type: 'Affine', weight: matrix, bias: b }];
}

function matMul({ sources }: LinearSnnNode, [weight]: readonly Tensor[], input: Shape): Mapped {
  if (weight === undefined || !('value' in sources[0]!) || weight.shape.length !== 2 || input.length !== 1) {
    return 'expected a vector times a constant matrix, found another product';
  }
  return [{ type: 'Linear', weight: transposed(weight) }];
}

function mean({ axes }: { readonly axes: readonly number[] }, input: Shape, output: Shape): Mapped {
  if (input.length !== 3 || [...axes].sort().join() !== '2,3') {
    return `expected the mean over the 2 axes of [C, H, W], found that over axes ${axes.join(', ')} of ${input.length}`;
  }
  const nodes = globalAveragePool(input);
  if (typeof nodes === 'string' || output.length === 3) return nodes;
  const flatten: NirNode = { type: 'Flatten', input_type: [input[0]!, 1, 1], start_dim: 0, end_dim: -1 };
  return [...nodes, flatten];
}

/** The elements of a constant that broadcasts against [1, ...shape]. */
function broadcast({ data, shape: from }: Tensor, shape: Shape): Float64Array {
  const to = from.length > shape.length ? [1, ...shape] : shape;
  return Float64Array.from(broadcastIndex(from, to), (index) => data[index]!);
}

function asFloat({ shape, data }: Tensor): Tensor {
  return floatTensor(shape, Float32Array.from(data));
}

function transposed({ shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  const out = floatTensor([columns, rows]);
  for (let i = 0; i < data.length; i++) out.data[(i % columns) * rows + Math.floor(i / columns)] = data[i]!;
  return out;
}

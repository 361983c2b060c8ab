// What QuantizeLinear and DequantizeLinear share: inputs x, scale, zero point; one of both, or one for each index of an
// axis.
import type { OnnxNode } from '../onnx/model.ts';
import { floatTensor, type Shape, showShape, tensor } from '../tensor/tensor.ts';
import { type AttributeReader, intAttribute } from './attributes.ts';
import { type Encoded, type Fact, refuse } from './op.ts';
import { axisOf, inputFact, operandsOf } from './operands.ts';
import { type Quantization, type QuantizedType, quantizationOf } from './quantization.ts';

/** Reads the quantization of input 0; without a zero point it is of `type`. Blocks of an axis are refused. */
export function readQuantization(
  node: OnnxNode,
  inputs: readonly (Fact | undefined)[],
  read: AttributeReader<'axis' | 'block_size'>,
  type: QuantizedType,
): Quantization {
  operandsOf(node, inputs, 2, 3);
  const { shape } = inputs[0]!;
  const scale = inputFact(node, inputs, 1, 'a scale');
  const blockSize = read.int('block_size') ?? 0;
  if (blockSize !== 0 || scale.shape.length > 1) {
    const found = blockSize === 0 ? `scales ${showShape(scale.shape)}` : `block_size ${blockSize}`;
    refuse(
      node.name,
      `${node.opType} expects one scale, or one for each index of an axis; found ${found}`,
      'unsupported-attribute',
    );
  }
  const several = (scale.value?.data.length ?? 1) > 1;
  const axis = several ? axisOf(node, read.int('axis') ?? 1, shape.length) : 0;
  return quantizationOf(node, inputs, { scale: 1, zeroPoint: 2, what: 'x', type, shape, axis });
}

/** Writes scale and zero point as inputs 1 and 2. */
export function encodeQuantization({ type, scale, zeroPoint, axis }: Quantization): Encoded {
  const one = scale.length === 1;
  const shape = one ? [] : [scale.length];
  return {
    attributes: one ? {} : { axis: intAttribute(axis) },
    parameters: [floatTensor(shape, scale), tensor(type, shape, zeroPoint)],
  };
}

/** For the element at a flat index of `shape`, which scale and zero point are its own. */
export function channelAt({ scale, axis }: Quantization, shape: Shape): (i: number) => number {
  if (scale.length === 1) return () => 0;
  const inner = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  return (i) => Math.floor(i / inner) % scale.length;
}

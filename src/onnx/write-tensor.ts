// A tensor to a TensorProto, its elements as little-endian bytes.
import type { Tensor } from '../tensor/tensor.ts';
import { elementCode } from './element-types.ts';
import type { Draft, TensorProto } from './generated/onnx.js';

/** Drafts a tensor under its own element type; int64 and uint64 outside their range are clamped. */
export function draftTensor(name: string, tensor: Tensor): Draft<TensorProto> {
  return {
    name,
    dims: tensor.shape,
    dataType: elementCode(tensor.dtype),
    rawData: bytesOf(tensor),
  };
}

function bytesOf({ dtype, data }: Tensor): Uint8Array {
  if (dtype === 'int64')
    return viewOf(BigInt64Array.from(data, (v) => clamp(v, -(2n ** 63n), 2n ** 63n - 1n)));
  if (dtype === 'uint64') return viewOf(BigUint64Array.from(data, (v) => clamp(v, 0n, 2n ** 64n - 1n)));
  return viewOf(data);
}

function viewOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function clamp(value: number, lowest: bigint, highest: bigint): bigint {
  const integer = BigInt(value);
  if (integer < lowest) return lowest;
  return integer > highest ? highest : integer;
}

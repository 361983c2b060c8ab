// The declared type of a graph input or output.
import { Ann2SnnError } from '../errors.ts';
import { elementType, unsupportedElement } from './element-types.ts';
import type { TensorShapeProto, ValueInfoProto } from './generated/onnx.js';
import { numberOf } from './int64.ts';
import type { Dim, ValueInfo } from './model.ts';

/**
 * Reads a declaration; `where` names it in errors.
 * @throws Ann2SnnError `unsupported-type` when it declares elements that cannot be read.
 */
export function readValueInfo(proto: ValueInfoProto, where: string): ValueInfo {
  const declared = proto.type?.tensorType;
  const shape = declared?.shape?.dim.map(readDim) ?? null;
  const code = declared?.elemType ?? 0;
  if (code === 0) return { name: proto.name, dtype: null, shape };
  const type = elementType(code);
  // ONNX Runtime ends the process over a 4 bit output.
  if (type === undefined || type.bytes < 1) {
    throw new Ann2SnnError('unsupported-type', { where, message: unsupportedElement(code) });
  }
  const info = { name: proto.name, dtype: type.dtype, shape };
  return type.half === undefined ? info : { ...info, half: true };
}

/** A negative size is how some exporters write "unknown". */
function readDim(proto: TensorShapeProto.Dimension): Dim {
  if (proto.dimParam) return proto.dimParam;
  if (proto.dimValue === null) return null;
  const value = numberOf(proto.dimValue);
  return value < 0 ? null : value;
}

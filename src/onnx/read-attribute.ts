// One AttributeProto to a value. Graphs and the like are only named, so that an operator can refuse them.
import type { AttributeProto } from './generated/onnx.js';
import { numberOf } from './int64.ts';
import type { AttributeValue } from './model.ts';
import type { ExternalFiles } from './read-external.ts';
import { readTensor } from './read-tensor.ts';

/** The numbers that the format gives to attribute types. */
export const ATTRIBUTE_TYPES = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

const OTHER_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'no value'],
  [5, 'graph'],
  [9, 'tensors'],
  [10, 'graphs'],
  [11, 'sparse tensor'],
  [12, 'sparse tensors'],
  [13, 'type'],
  [14, 'types'],
]);

/** Reads an attribute. `where` names the node in errors about a tensor. */
export function readAttribute(
  proto: AttributeProto,
  where: string,
  external?: ExternalFiles,
): AttributeValue {
  if (proto.refAttrName !== '') return { type: 'other', value: 'reference to an attribute of a function' };
  const type = proto.type === 0 ? guessType(proto) : proto.type;
  switch (type) {
    case ATTRIBUTE_TYPES.float:
      return { type: 'float', value: proto.f };
    case ATTRIBUTE_TYPES.int:
      return { type: 'int', value: numberOf(proto.i) };
    case ATTRIBUTE_TYPES.string:
      return { type: 'string', value: textOf(proto.s) };
    case ATTRIBUTE_TYPES.floats:
      return { type: 'floats', value: proto.floats };
    case ATTRIBUTE_TYPES.ints:
      return { type: 'ints', value: proto.ints.map(numberOf) };
    case ATTRIBUTE_TYPES.strings:
      return { type: 'strings', value: proto.strings.map(textOf) };
    case ATTRIBUTE_TYPES.tensor:
      if (proto.t === null) return { type: 'other', value: 'no value' };
      return { type: 'tensor', value: readTensor(proto.t, `${where}, attribute ${proto.name}`, external) };
    default:
      return { type: 'other', value: OTHER_TYPES.get(type) ?? `type number ${type}` };
  }
}

/** Files of IR version 1 do not say the type; it is that of the field they set. */
function guessType(proto: AttributeProto): number {
  if (Object.hasOwn(proto, 'f')) return ATTRIBUTE_TYPES.float;
  if (Object.hasOwn(proto, 'i')) return ATTRIBUTE_TYPES.int;
  if (Object.hasOwn(proto, 's')) return ATTRIBUTE_TYPES.string;
  if (proto.t !== null) return ATTRIBUTE_TYPES.tensor;
  if (proto.g !== null) return ATTRIBUTE_TYPES.graph;
  if (proto.floats.length > 0) return ATTRIBUTE_TYPES.floats;
  if (proto.ints.length > 0) return ATTRIBUTE_TYPES.ints;
  return proto.strings.length > 0 ? ATTRIBUTE_TYPES.strings : 0;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

// Reading a node's attributes: by name, with the type they must have and the default they may have.
import type { AttributeValue, OnnxNode } from '../onnx/model.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { refuse } from './op.ts';

/** The type of operators without attributes. */
export type NoAttributes = Readonly<Record<string, never>>;

/** Answers what a node says about the attributes `K`; a wrong type is refused. */
export interface AttributeReader<K extends string> {
  int(name: K): number | undefined;
  /** An int that says yes (not 0) or no. */
  flag(name: K, fallback: boolean): boolean;
  float(name: K): number | undefined;
  string(name: K): string | undefined;
  ints(name: K): readonly number[] | undefined;
  floats(name: K): readonly number[] | undefined;
  tensor(name: K): Tensor | undefined;
}

type ValueOf<T extends AttributeValue['type']> = Extract<AttributeValue, { readonly type: T }>['value'];

/**
 * A reader for the attributes that an operator knows in some opset.
 * @throws Ann2SnnError `unsupported-attribute` naming every other attribute of the node: it may change the result.
 */
export function attributesOf<const K extends string>(
  node: OnnxNode,
  known: readonly K[],
): AttributeReader<K> {
  const unknown = [...node.attributes.keys()].filter((name) => !(known as readonly string[]).includes(name));
  if (unknown.length > 0) {
    const expected = known.length === 0 ? 'none' : known.join(', ');
    refuse(
      node.name,
      `${node.opType} expects attributes among: ${expected}; found ${unknown.join(', ')}`,
      'unsupported-attribute',
    );
  }
  const read = <T extends AttributeValue['type']>(name: K, type: T): ValueOf<T> | undefined => {
    const attribute = node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.type !== type) {
      refuse(
        node.name,
        `attribute ${name} expects a value of type ${type}, found ${attribute.type}`,
        'invalid-graph',
      );
    }
    return attribute.value as ValueOf<T> | undefined;
  };
  return {
    int: (name) => read(name, 'int'),
    flag: (name, fallback) => {
      const value = read(name, 'int');
      return value === undefined ? fallback : value !== 0;
    },
    float: (name) => read(name, 'float'),
    string: (name) => read(name, 'string'),
    ints: (name) => read(name, 'ints'),
    floats: (name) => read(name, 'floats'),
    tensor: (name) => read(name, 'tensor'),
  };
}

/** An int attribute to be written. */
export function intAttribute(value: number): AttributeValue {
  return { type: 'int', value };
}

/** An ints attribute to be written. */
export function intsAttribute(value: readonly number[]): AttributeValue {
  return { type: 'ints', value };
}

/** A float attribute to be written. */
export function floatAttribute(value: number): AttributeValue {
  return { type: 'float', value };
}

/** A string attribute to be written. */
export function stringAttribute(value: string): AttributeValue {
  return { type: 'string', value };
}

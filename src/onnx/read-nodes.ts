// The nodes of a graph, each under a name of its own.
import { Ann2SnnError } from '../errors.ts';
import type { Failures } from './failures.ts';
import type { NodeProto } from './generated/onnx.js';
import type { AttributeValue, OnnxNode } from './model.ts';
import { readAttribute } from './read-attribute.ts';
import type { ExternalFiles } from './read-external.ts';
import { canonicalDomain } from './read-opsets.ts';

/** Reads the nodes in the file's order; what cannot be read goes to `failures`. */
export function readNodes(
  protos: readonly NodeProto[],
  options: {
    readonly where: string;
    readonly external?: ExternalFiles | undefined;
    readonly failures: Failures;
  },
): OnnxNode[] {
  const names = uniqueNames(protos);
  return protos.map((proto, index) => {
    const name = names[index]!;
    const where = `${options.where}, node "${name}" (${proto.opType})`;
    if (proto.opType === '') {
      options.failures.attempt(() => {
        throw new Ann2SnnError('invalid-graph', { where, message: 'expected an operator type, found none' });
      });
    }
    const attributes = new Map<string, AttributeValue>();
    for (const attribute of proto.attribute) {
      const value = options.failures.attempt(() => readAttribute(attribute, where, options.external));
      if (value !== undefined) attributes.set(attribute.name, value);
    }
    return {
      name,
      opType: proto.opType,
      domain: canonicalDomain(proto.domain),
      inputs: proto.input,
      outputs: proto.output,
      attributes,
    };
  });
}

/** The first node of a name keeps it; made-up names give way to names that the file uses. */
function uniqueNames(protos: readonly NodeProto[]): string[] {
  const taken = new Set(protos.map((proto) => proto.name));
  const kept = new Set(['']);
  return protos.map((proto, index) => {
    if (!kept.has(proto.name)) {
      kept.add(proto.name);
      return proto.name;
    }
    let name = `${proto.opType}_${index}`;
    while (taken.has(name)) name += '_';
    taken.add(name);
    return name;
  });
}

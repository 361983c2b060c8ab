// The bytes of a NIR file as a graph. Files come from elsewhere: what is not as NIR has it is refused, all of it at once.
import { type Problem, throwIfAny } from '../errors.ts';
import { isFloat, showShape, type Tensor } from '../tensor/tensor.ts';
import type { NirEdge, NirGraph, NirMetadata, NirMetadataValue, NirNode, NirSubgraph } from './graph.ts';
import { type Hdf5Dataset, type Hdf5Group, readHdf5 } from './hdf5.ts';
import { type FieldKind, isNodeKind, NODE_FIELDS, OPTIONAL_FIELDS } from './node-kinds.ts';

type Member = Hdf5Group | Hdf5Dataset | undefined;

/**
 * Nodes come in the order of the file's index, by name.
 * @param where names the file in errors
 * @throws Ann2SnnError `invalid-network`: no HDF5 file, or one that is not in NIR's layout: node kinds that NIR does not have,
 * datasets that are missing, unknown, or of another type or rank, edges from or to nodes that are not there
 */
export async function readNir(bytes: Uint8Array, where = 'NIR file'): Promise<NirGraph> {
  const root = await readHdf5(bytes, where);
  const reader = new GraphReader();
  const version = root.get('version');
  const node = root.get('node');
  const graph = isGroup(node) ? reader.graph(node, where) : null;
  if (graph === null) reader.refuse(where, 'expected a group "node" that holds the graph, found none');
  const stated = version === undefined ? null : reader.text(version, `${where}: version`);
  throwIfAny('invalid-network', reader.problems);
  return { ...graph!, version: stated };
}

/** Reads on after a problem, so that one error can name them all; what it returns then is not to be used. */
class GraphReader {
  readonly problems: Problem[] = [];

  refuse(where: string, message: string): void {
    this.problems.push({ where, message });
  }

  graph(group: Hdf5Group, where: string): NirSubgraph {
    const type = this.text(group.get('type'), `${where}: type of the graph`);
    if (type !== null && type !== 'NIRGraph') this.refuse(where, `expected a NIRGraph, found "${type}"`);
    const members = group.get('nodes');
    const nodes = new Map<string, NirNode>();
    if (!isGroup(members)) this.refuse(where, 'expected a group "nodes", found none');
    for (const [name, member] of isGroup(members) ? members : []) {
      const at = `${where}: node "${name}"`;
      const node = isGroup(member) ? this.node(member, at) : null;
      if (!isGroup(member)) this.refuse(at, 'expected a group, found a dataset');
      if (node !== null) nodes.set(name, node);
    }
    const names = new Set(isGroup(members) ? members.keys() : []);
    const edges = this.edges(group.get('edges'), names, where);
    this.expectNoOthers(group, ['type', 'nodes', 'edges', 'metadata'], where);
    return { type: 'NIRGraph', nodes, edges, ...this.metadata(group, where) };
  }

  text(member: Member, where: string): string | null {
    const value =
      member === undefined || isGroup(member) || member.dtype !== 'string' ? undefined : member.data[0];
    if (value === undefined) this.refuse(where, `expected a string, found ${shown(member)}`);
    return value ?? null;
  }

  private node(group: Hdf5Group, where: string): NirNode | null {
    const type = this.text(group.get('type'), `${where}: type`);
    if (type === null) return null;
    if (type === 'NIRGraph') return this.graph(group, where);
    if (!isNodeKind(type)) {
      this.refuse(
        where,
        `expected a node of ${Object.keys(NODE_FIELDS).join(', ')} or NIRGraph, found "${type}"`,
      );
      return null;
    }
    const values: Record<string, unknown> = {};
    const fields = Object.entries<FieldKind>(NODE_FIELDS[type]);
    for (const [field, kind] of fields) {
      const member = group.get(field);
      if (member === undefined && (OPTIONAL_FIELDS as readonly string[]).includes(field)) continue;
      values[field] = this.field(kind, member, `${where}: ${field}`);
    }
    this.expectNoOthers(group, ['type', 'metadata', ...fields.map(([field]) => field)], where);
    // The loop above has filled in every field of that kind.
    return { type, ...values, ...this.metadata(group, where) } as unknown as NirNode;
  }

  private field(kind: FieldKind, member: Member, where: string): unknown {
    if (member !== undefined && !isGroup(member)) {
      if (member.dtype === 'string') {
        const word = member.data[0];
        if (kind.startsWith('padding') && (word === 'same' || word === 'valid')) return word;
      } else {
        const value = numbersOf(kind, member);
        if (value !== null) return value;
      }
    }
    this.refuse(where, `expected ${EXPECTED[kind]}, found ${shown(member)}`);
    return null;
  }

  private edges(member: Member, names: ReadonlySet<string>, where: string): NirEdge[] {
    // A writer that knows no empty array of strings writes one of numbers.
    if (member !== undefined && !isGroup(member) && member.data.length === 0) return [];
    if (member === undefined || isGroup(member) || member.dtype !== 'string' || member.shape[1] !== 2) {
      this.refuse(`${where}: edges`, `expected pairs of names, found ${shown(member)}`);
      return [];
    }
    const { data } = member;
    const edges = Array.from(
      { length: data.length / 2 },
      (_, i): NirEdge => [data[2 * i]!, data[2 * i + 1]!],
    );
    for (const edge of edges) {
      for (const end of edge) {
        if (names.has(end)) continue;
        this.refuse(
          `${where}: edge ${edge.join(' -> ')}`,
          `expected names of nodes, found "${end}", which is none`,
        );
      }
    }
    return edges;
  }

  private metadata(group: Hdf5Group, where: string): { readonly metadata?: NirMetadata } {
    const member = group.get('metadata');
    if (member === undefined) return {};
    if (isGroup(member)) return { metadata: metadataOf(member) };
    this.refuse(`${where}: metadata`, `expected a group, found ${shown(member)}`);
    return {};
  }

  private expectNoOthers(group: Hdf5Group, known: readonly string[], where: string): void {
    for (const name of group.keys()) {
      if (!known.includes(name)) this.refuse(where, `expected no "${name}", found one`);
    }
  }
}

const EXPECTED: Readonly<Record<FieldKind, string>> = {
  array: 'finite numbers',
  dims: 'a list of whole numbers from 1 on',
  pair: 'two whole numbers from 0 on',
  single: 'a whole number',
  'padding-pair': 'two whole numbers from 0 on, "same" or "valid"',
  'padding-single': 'a whole number, "same" or "valid"',
};

/** The value of a field, or null where the numbers are not what the kind wants. */
function numbersOf(kind: FieldKind, member: Tensor): unknown {
  if (kind === 'array') return isFloat(member.dtype) && !member.data.every(Number.isFinite) ? null : member;
  const numbers = Array.from(member.data);
  if (!numbers.every(Number.isSafeInteger) || member.shape.length > 1) return null;
  if (kind === 'dims') return numbers.length > 0 && numbers.every((n) => n > 0) ? numbers : null;
  if (kind === 'single' || kind === 'padding-single') return numbers.length === 1 ? numbers[0] : null;
  const pair = numbers.length === 1 ? [numbers[0], numbers[0]] : numbers;
  return pair.length === 2 && pair.every((n) => n! >= 0) ? pair : null;
}

function metadataOf(group: Hdf5Group): NirMetadata {
  // Names come from the file: as own fields of a record without a prototype none of them means anything.
  const out: Record<string, NirMetadataValue> = Object.create(null);
  for (const [name, member] of group) {
    if (isGroup(member)) out[name] = metadataOf(member);
    else if (member.dtype === 'string') out[name] = member.shape.length === 0 ? member.data[0]! : member.data;
    else if (member.dtype === 'bool' && member.shape.length === 0) out[name] = member.data[0] === 1;
    else out[name] = member.shape.length === 0 ? member.data[0]! : member;
  }
  return { ...out };
}

function isGroup(member: Member): member is Hdf5Group {
  return member instanceof Map;
}

function shown(member: Member): string {
  if (member === undefined) return 'none';
  if (isGroup(member)) return 'a group';
  const values =
    member.data.length <= 4 ? ` ${JSON.stringify(Array.from(member.data as ArrayLike<unknown>))}` : '';
  return `${member.dtype} ${showShape(member.shape)}${values}`;
}

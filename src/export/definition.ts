// Nodes of a graph as the body of a function: in names of their own, so that two layers that compute alike read alike.
import type { AttributeSpec, GraphSpec, NodeSpec } from '../onnx/write.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface Definition {
  /** The nodes, without names, on values with names of their own. */
  readonly nodes: readonly NodeSpec[];
  /** What the nodes read that is computed elsewhere: names there and, in the same order, here. */
  readonly values: readonly string[];
  readonly inputs: readonly string[];
  /** The constants that they read, those of nested graphs too; `inside` is the name here. */
  readonly constants: readonly { readonly name: string; readonly inside: string; readonly value: Tensor }[];
  /** What is read elsewhere: names there and, in the same order, here. */
  readonly outputs: readonly string[];
  readonly results: readonly string[];
  /** The same text for all that compute the same, whatever their constants. */
  readonly structure: string;
}

/**
 * Nodes in topological order as a definition. What nested graphs take in (the states and sequences of a Scan) keeps its
 * name and must not have an underscore in it; their shapes are dropped.
 * @param isOutput whether a value is read elsewhere
 */
export function definitionOf(
  nodes: readonly NodeSpec[],
  initializers: ReadonlyMap<string, Tensor>,
  isOutput: (name: string) => boolean,
): Definition {
  const namer = new Namer();
  const made = renamedNodes(nodes, initializers, new Map(), namer);
  const outputs = nodes.flatMap((node) => node.outputs.filter(isOutput));
  const results = outputs.map((name) => namer.known.get(name)!);
  const constants = [...namer.constants.values()];
  const types = constants.map(({ inside, value }) => [inside, value.dtype]);
  return {
    nodes: made,
    values: namer.values,
    inputs: namer.values.map((name) => namer.known.get(name)!),
    constants,
    outputs,
    results,
    structure: JSON.stringify([made, results, types], plain),
  };
}

/** Gives names in the order in which they are asked for; each ends in an underscore and a number. */
class Namer {
  /** The new name of every value of the outermost graph. */
  readonly known = new Map<string, string>();
  readonly values: string[] = [];
  readonly constants = new Map<Tensor, Definition['constants'][number]>();
  private count = 0;

  fresh(hint: string): string {
    this.count++;
    return `${hint}_${this.count}`;
  }

  constant(name: string, value: Tensor): string {
    const known = this.constants.get(value);
    if (known !== undefined) return known.inside;
    const inside = this.fresh(wordOf(name));
    this.constants.set(value, { name, inside, value });
    return inside;
  }

  value(name: string): string {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const given = this.fresh('x');
    this.known.set(name, given);
    this.values.push(name);
    return given;
  }
}

/** "relu.source0.scale" -> "scale". */
function wordOf(name: string): string {
  const last = name.split(/[./]/).at(-1)!;
  return /^[A-Za-z][A-Za-z0-9]*/.exec(last)?.[0] ?? 'constant';
}

/** @param local names of a nested graph, before the outermost's */
function renamedNodes(
  nodes: readonly NodeSpec[],
  constants: ReadonlyMap<string, Tensor>,
  local: Map<string, string>,
  namer: Namer,
  nested = false,
): NodeSpec[] {
  const produced = nested ? local : namer.known;
  const read = (name: string) => {
    if (name === '') return '';
    const found = local.get(name);
    if (found !== undefined) return found;
    const constant = constants.get(name);
    return constant === undefined ? namer.value(name) : namer.constant(name, constant);
  };
  return nodes.map(({ opType, domain, inputs, outputs, attributes }) => {
    const from = inputs.map(read);
    const inside = new Map(
      [...attributes].map(([name, value]) => [name, renamedAttribute(value, constants, namer)] as const),
    );
    const to = outputs.map((name) => {
      const given = namer.fresh(opType);
      produced.set(name, given);
      return given;
    });
    return { name: '', opType, domain, inputs: from, outputs: to, attributes: inside };
  });
}

function renamedAttribute(
  attribute: AttributeSpec,
  outer: ReadonlyMap<string, Tensor>,
  namer: Namer,
): AttributeSpec {
  if (attribute.type !== 'graph') return attribute;
  const { inputs, outputs, nodes, initializers } = attribute.value;
  const local = new Map(inputs.map(({ name }) => [name, name]));
  const inside = renamedNodes(nodes, new Map([...outer, ...initializers]), local, namer, true);
  const graph: GraphSpec = {
    name: 'step',
    inputs: inputs.map((info) => ({ ...info, shape: null })),
    outputs: outputs.map(({ name, dtype }) => ({ name: local.get(name)!, dtype, shape: null })),
    nodes: inside,
    initializers: new Map(),
  };
  return { type: 'graph', value: graph };
}

/** Maps, typed arrays and the numbers that JSON lacks as something that it has. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return `${value} ${1 / value}`;
  if (value instanceof Map) return [...value];
  return ArrayBuffer.isView(value) ? [...(value as Float32Array)] : value;
}

// Graphs as text, for tests only. One line each:
//   input x [1, 3, 8, 8]             const s [4] = 1, 2, 3, 4          const w [4, 3, 3, 3] seed 1
//   y = Conv(x, w) {pads: [1, 1, 1, 1]}          name: y = Reshape(x, [0, -1])          output y
//   input q uint8 [1, 2]             const z uint8 [] = 3             const w [2] = 1, 2 on {scale: [0.5], ...}
// A node is called as its first output unless a name stands in front. Attributes carry their ONNX names; those
// at their default are not printed. [..] and plain numbers among the operands are constant inputs of the node, int64
// and float32 unless they are read with a type: 3:uint8, [0.5, 2]:float32. Elements are float32 unless a type stands there; `on` gives the grid. FakeQuantize has the attributes it has here.
import { buildGraph, type Graph, type Node, opOf, type ValueId, valueId } from '../../src/graph/graph.ts';
import type { AttributeValue, OnnxNode } from '../../src/onnx/model.ts';
import { opNamed } from '../../src/ops/index.ts';
import { EMITTED_OPSET, type Fact, type Parsed } from '../../src/ops/op.ts';
import type { Grid } from '../../src/tensor/grid.ts';
import { type DType, showShape, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { randomTensor } from '../ops/single-node.ts';

const FLOAT_ATTRIBUTES = new Set(['alpha', 'beta', 'epsilon', 'momentum', 'value']);
/** Longer constants are printed without their values. */
const PRINTED_VALUES = 8;

/** Reads a graph; attributes go through the operators' own parsing. */
export function parseGraph(text: string): Graph {
  const inputs = new Map<ValueId, Fact>();
  const constants = new Map<ValueId, Tensor>();
  const facts = new Map<ValueId, Fact>();
  const outputs: ValueId[] = [];
  const nodes: Node[] = [];
  const know = (id: ValueId, value: Tensor) => {
    constants.set(id, value);
    facts.set(id, { dtype: value.dtype, shape: value.shape, value });
  };
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const input = /^input (\S+) (?:(\w+) )?(\[.*\])$/.exec(line);
    const constant = /^const (\S+) (?:(\w+) )?(\[.*?\]) (?:= (.+?)|seed (\d+))(?: on (\{.*\}))?$/.exec(line);
    const output = /^output (\S+)$/.exec(line);
    if (input !== null) {
      const fact: Fact = { dtype: (input[2] ?? 'float32') as DType, shape: JSON.parse(input[3]!) };
      inputs.set(valueId(input[1]!), fact);
      facts.set(valueId(input[1]!), fact);
    } else if (constant !== null) {
      const [, name, dtype = 'float32', shape, values, seed, grid] = constant;
      const dims = JSON.parse(shape!);
      const value =
        values === undefined
          ? randomTensor(dims, Number(seed))
          : tensor(dtype as DType, dims, values.split(',').map(Number));
      know(
        valueId(name!),
        grid === undefined ? value : { ...value, grid: parseRecord(grid) as unknown as Grid },
      );
    } else if (output !== null) outputs.push(valueId(output[1]!));
    else nodes.push(parseNode(line, facts));
  }
  return buildGraph({ inputs, outputs, nodes, constants });
}

function parseNode(line: string, facts: Map<ValueId, Fact>): Node {
  const parts = /^(?:(\S+): )?(.+?) = (\w+)\((.*?)\)(?: (\{.*\}))?$/.exec(line);
  if (parts === null) throw new Error(`not a line of a graph: ${line}`);
  const [, name, produced, opType, operands, json = '{}'] = parts;
  const outputs = produced!.split(', ');
  const inputs = [...operands!.matchAll(/\[.*?\](?::\w+)?|[^,\s]+/g)].map(([operand]) => operand);
  const op = opNamed(opType!)!;
  const values = parseRecord(json);
  const file: OnnxNode = {
    name: name ?? outputs[0]!,
    opType: opType!,
    domain: '',
    inputs,
    outputs,
    attributes: new Map(Object.entries(values).map(([key, value]) => [key, attributeOf(key, value)])),
  };
  const known = inputs.map((operand) => facts.get(valueId(operand)) ?? literalFact(operand));
  // No operator of ONNX: it is not read.
  const parsed: Parsed<unknown> =
    opType === 'FakeQuantize' ? { attributes: values, operands: [0] } : op.parse(file, known, EMITTED_OPSET);
  const node = {
    name: file.name,
    op: opType,
    attributes: parsed.attributes,
    inputs: parsed.operands.map((index) => valueId(inputs[index]!)),
    outputs: outputs.map(valueId),
  } as Node;
  const results = op.infer(
    parsed.attributes,
    parsed.operands.map((index) => known[index]!),
    node.name,
  );
  for (const [i, output] of node.outputs.entries()) facts.set(output, results[i]!);
  return node;
}

function parseRecord(text: string): Record<string, unknown> {
  return JSON.parse(text.replaceAll(/(\w+):/g, '"$1":')) as Record<string, unknown>;
}

function printRecord(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([name, value]) => `${name}: ${JSON.stringify(value).replaceAll(',', ', ')}`).join(', ')}}`;
}

function literalFact(text: string): Fact {
  const [, json, dtype] = /^(.*?)(?::(\w+))?$/.exec(text)!;
  const literal = JSON.parse(json!) as number | number[];
  const value = Array.isArray(literal)
    ? tensor((dtype ?? 'int64') as DType, [literal.length], literal)
    : tensor((dtype ?? 'float32') as DType, [], [literal]);
  return { dtype: value.dtype, shape: value.shape, value };
}

function attributeOf(name: string, value: unknown): AttributeValue {
  if (typeof value === 'string') return { type: 'string', value };
  if (Array.isArray(value)) return { type: 'ints', value };
  return { type: FLOAT_ATTRIBUTES.has(name) ? 'float' : 'int', value: value as number };
}

/** Writes a graph: inputs, constants in the order in which they are first read, nodes, outputs. */
export function printGraph(graph: Graph): string {
  const read = new Set([...graph.nodes.flatMap((node) => node.inputs), ...graph.constants.keys()]);
  return [
    ...graph.inputs.map((input) => {
      const { dtype, shape } = graph.facts.get(input)!;
      return `input ${input} ${typed(dtype)}${showShape(shape)}`;
    }),
    ...[...read].filter((id) => graph.constants.has(id)).map((id) => `const ${id} ${printValue(graph, id)}`),
    ...graph.nodes.map((node) => printNode(node)),
    ...graph.outputs.map((output) => `output ${output}`),
  ].join('\n');
}

function printValue(graph: Graph, id: ValueId): string {
  const { dtype, shape, data, grid } = graph.constants.get(id)!;
  const values = data.length > PRINTED_VALUES ? '...' : [...data].map((v) => +v.toPrecision(5)).join(', ');
  const on = grid === undefined ? '' : ` on ${printRecord(Object.entries(grid))}`;
  return `${typed(dtype)}${showShape(shape)} = ${values}${on}`;
}

function typed(dtype: DType): string {
  return dtype === 'float32' ? '' : `${dtype} `;
}

function printNode(node: Node): string {
  const { attributes, parameters = [] } = opOf(node).encode(node.attributes);
  const literals = parameters.map(({ shape, data }) =>
    shape.length === 0 ? `${data[0]}` : showShape([...data]),
  );
  const shown =
    node.op === 'FakeQuantize'
      ? Object.entries(node.attributes)
      : Object.entries(attributes)
          .filter(([key, { value }]) => !isDefault(key, value))
          .map(([key, { value }]) => [key, value] as const);
  const name = node.name === node.outputs[0] ? '' : `${node.name}: `;
  const tail = shown.length === 0 ? '' : ` ${printRecord(shown)}`;
  return `${name}${node.outputs.join(', ')} = ${node.op}(${[...node.inputs, ...literals].join(', ')})${tail}`;
}

function isDefault(name: string, value: unknown): boolean {
  if (name === 'pads') return (value as number[]).every((pad) => pad === 0);
  if (name === 'strides') return (value as number[]).every((stride) => stride === 1);
  if (name === 'alpha' || name === 'beta') return value === 1;
  return (name === 'transA' || name === 'transB') && value === 0;
}

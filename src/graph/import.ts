// ONNX model -> Graph, in one walk: shapes are inferred and constant subgraphs folded as it goes, because
// the shape of a Reshape is only known once the nodes that compute it are folded.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import type { Dim, OnnxModel, OnnxNode, ValueInfo } from '../onnx/model.ts';
import { opOfFile } from '../ops/index.ts';
import type { Fact } from '../ops/op.ts';
import { refusalOf } from '../ops/refusals.ts';
import { showScale } from '../tensor/grid.ts';
import { castTensor, isFloat, showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { Fate } from './fate.ts';
import { buildGraph, type Graph, type Node, type ValueId, valueId } from './graph.ts';

/** Nodes that a message names for each operator. */
const NAMED_NODES = 5;

/** A graph as imported, and the nodes of the file that are constants already. */
export interface Imported {
  readonly graph: Graph;
  readonly fates: readonly Fate[];
}

/** Every node that no operator file reads, with the reason. */
export function unsupportedNodes(model: OnnxModel): Fate[] {
  return model.nodes
    .filter((node) => opOfFile(node) === undefined)
    .map((node) => ({
      node: node.name,
      op: node.domain === '' ? node.opType : `${node.domain}.${node.opType}`,
      kind: 'refused',
      detail: refusalOf(node),
    }));
}

/** Elements of one value: a hundred times what networks for pictures have. */
const LARGEST_VALUE = 2 ** 28;

/** Elements that may be computed from constants: some for index tables and masks, and a few times the weights. */
const FOLDED_ELEMENTS = 2 ** 20;
const FOLDED_SHARE = 16;

/**
 * Reads a model into a graph. A free batch axis is bound to 1 until `release-batch` frees it.
 * Floating point values become float32.
 * @throws Ann2SnnError `unsupported-operator` with all of them, `dynamic-shape`, or what an operator refuses.
 */
export function importGraph(model: OnnxModel): Imported {
  const unsupported = unsupportedNodes(model);
  const problems = byOperator(unsupported);
  const hidden = problems.some(({ where }) => where.includes(' more ('));
  throwIfAny('unsupported-operator', problems, hidden ? { help: '`inspect` lists every node' } : {});
  const inputs = bindInputs(model.inputs);
  const reader = new ModelReader(inputs, model);
  reader.readAll(model.nodes);
  const graph = buildGraph({
    inputs,
    outputs: model.outputs.map((output) => valueId(output.name)),
    nodes: reader.nodes,
    constants: reader.constants,
  });
  return { graph, fates: reader.fates };
}

/** Live state of one walk over a file's nodes: what is known of every value so far. */
class ModelReader {
  readonly nodes: Node[] = [];
  readonly fates: Fate[] = [];
  readonly constants = new Map<ValueId, Tensor>();
  private readonly facts = new Map<string, Fact>();
  private readonly opset: number;
  /** How many elements may still be computed from constants. */
  private foldable = FOLDED_ELEMENTS;

  constructor(inputs: ReadonlyMap<ValueId, Fact>, { initializers, opset }: OnnxModel) {
    this.opset = opset;
    for (const [id, fact] of inputs) this.facts.set(id, fact);
    for (const [name, tensor] of initializers) {
      const value = single(tensor);
      this.constants.set(valueId(name), value);
      this.facts.set(name, { dtype: value.dtype, shape: value.shape, value });
      this.foldable += FOLDED_SHARE * value.data.length;
    }
  }

  /** Keeps a few numbers of a file from becoming more constants than memory holds: Expand to a billion elements. */
  private allowFolding(node: string, results: readonly Fact[]): void {
    this.foldable -= results.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (this.foldable >= 0) return;
    const shapes = results.map(({ shape }) => showShape(shape)).join(', ');
    const message = `expected no more constants than weights of the file account for, found ${shapes} computed here`;
    throw new Ann2SnnError('invalid-graph', { where: node, message });
  }

  /** Reads every node, and refuses all that cannot be read in one error. What reads a refused node's values is left alone. */
  readAll(files: readonly OnnxNode[]): void {
    const refusals: Ann2SnnError[] = [];
    const lost = new Set<string>();
    for (const file of files) {
      const refusal = file.inputs.some((input) => lost.has(input))
        ? null
        : refusalOfReading(() => this.read(file));
      if (refusal === undefined) continue;
      if (refusal !== null) refusals.push(refusal);
      for (const output of file.outputs) if (output !== '') lost.add(output);
    }
    throwTogether(refusals);
  }

  private read(file: OnnxNode): void {
    const { node, operands } = readNode(file, this.facts, this.opset);
    const op = opOfFile(file)!;
    const results = op.infer(node.attributes, operands, node.name);
    requireSizes(file.name, results);
    const known = operands.every((fact) => fact.value !== undefined);
    if (known) this.allowFolding(file.name, results);
    const folded = known
      ? op.evaluate(
          node.attributes,
          operands.map((fact) => fact.value!),
        )
      : results.map((fact) => fact.value);
    const isConstant = folded.every((value) => value !== undefined);
    node.outputs.forEach((output, i) => {
      if (output === '') return;
      if (this.facts.has(output)) {
        throw new Ann2SnnError('invalid-graph', {
          where: file.name,
          message: `produces "${output}", which exists already`,
        });
      }
      const value = folded[i] === undefined ? undefined : single(folded[i]);
      // What a node that stays says of its own constant outputs is known all the same.
      if (value !== undefined && isConstant) this.constants.set(output, value);
      const fact = results[i]!;
      this.facts.set(output, value === undefined ? fact : { dtype: value.dtype, shape: value.shape, value });
    });
    if (isConstant) {
      this.fates.push({ node: file.name, op: file.opType, kind: 'constant', detail: foldedDetail(folded) });
    } else {
      this.nodes.push(node);
    }
  }
}

/** Shapes follow from numbers of the file, which may be anything. */
function requireSizes(node: string, results: readonly Fact[]): void {
  for (const { shape } of results) {
    if (shape.every((dim) => Number.isInteger(dim) && dim >= 0) && sizeOf(shape) <= LARGEST_VALUE) continue;
    const message = `expected an output of at most 2^28 elements, found the shape ${showShape(shape)}`;
    throw new Ann2SnnError('shape-mismatch', { where: node, message });
  }
}

/** What an operator refuses, or undefined. */
function refusalOfReading(read: () => void): Ann2SnnError | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof Ann2SnnError) return error;
    throw error;
  }
}

/** One error with the problems of all; code and help are the first one's. */
function throwTogether([first, ...others]: readonly Ann2SnnError[]): void {
  if (first === undefined) return;
  if (others.length === 0) throw first;
  const problems = [first, ...others].flatMap((error) => error.problems);
  throw new Ann2SnnError(first.code, problems, first.help === undefined ? {} : { help: first.help });
}

/** What a folded node became; of quantized weights also the grid that they keep. */
function foldedDetail([value]: readonly (Tensor | undefined)[]): string {
  if (value?.grid === undefined) return 'folded before conversion';
  const { low, high } = value.grid;
  return `folded before conversion; whole numbers from ${low} to ${high} times ${showScale(value.grid)}`;
}

/** One problem for each operator and reason, so that no operator is hidden behind many nodes of another. */
function byOperator(refused: readonly Fate[]): Problem[] {
  const groups = new Map<string, Fate[]>();
  for (const fate of refused) {
    const key = `${fate.op}: ${fate.detail}`;
    groups.set(key, [...(groups.get(key) ?? []), fate]);
  }
  return [...groups.values()].map((fates) => {
    const named = fates.slice(0, NAMED_NODES).map((fate) => `"${fate.node}"`);
    const rest = fates.length > named.length ? ` and ${fates.length - named.length} more` : '';
    const where = `node${fates.length > 1 ? 's' : ''} ${named.join(', ')}${rest} (${fates[0]!.op})`;
    return { where, message: fates[0]!.detail };
  });
}

function readNode(file: OnnxNode, facts: ReadonlyMap<string, Fact>, opset: number) {
  const inputs = file.inputs.map((name) => {
    if (name === '') return undefined;
    const fact = facts.get(name);
    if (fact === undefined) {
      throw new Ann2SnnError('invalid-graph', {
        where: file.name,
        message: `reads "${name}", which no earlier node, input or initializer provides`,
      });
    }
    return fact;
  });
  const parsed = opOfFile(file)!.parse(file, inputs, opset);
  const node = {
    name: file.name,
    op: file.opType,
    attributes: parsed.attributes,
    inputs: parsed.operands.map((index) => valueId(file.inputs[index]!)),
    outputs: trimmed(file.outputs).map(valueId),
  } as Node;
  return { node, operands: parsed.operands.map((index) => inputs[index]!) };
}

/** Unused optional outputs at the end of the list are no outputs. */
function trimmed(outputs: readonly string[]): readonly string[] {
  let length = outputs.length;
  while (length > 1 && outputs[length - 1] === '') length--;
  return outputs.slice(0, length);
}

function bindInputs(infos: readonly ValueInfo[]) {
  const problems: Problem[] = [];
  const inputs = new Map<ValueId, Fact>();
  for (const info of infos) {
    const where = `input "${info.name}"`;
    if (info.shape === null || info.dtype === null) {
      problems.push({ where, message: 'expected a declared tensor type and shape, the file gives none' });
      continue;
    }
    const open = info.shape.flatMap((dim, axis) =>
      axis > 0 && typeof dim !== 'number' ? [`axis ${axis} (${showDim(dim)})`] : [],
    );
    if (open.length > 0) {
      problems.push({
        where,
        message: `expected every axis but the batch to be a number, found ${open.join(', ')} in [${info.shape.map(showDim).join(', ')}]`,
      });
      continue;
    }
    if (info.shape.some((dim) => typeof dim === 'number' && dim < 0)) {
      problems.push({ where, message: `expected sizes, found [${info.shape.map(showDim).join(', ')}]` });
      continue;
    }
    const batch = info.shape[0];
    if (batch === 0) {
      problems.push({ where, message: 'expected a batch of at least 1 or a free one, found 0' });
      continue;
    }
    const shape = info.shape.map((dim) => (typeof dim === 'number' ? dim : 1));
    inputs.set(valueId(info.name), { dtype: isFloat(info.dtype) ? 'float32' : info.dtype, shape });
  }
  throwIfAny('dynamic-shape', problems, { help: 'export the model with a fixed image size' });
  return inputs;
}

function showDim(dim: Dim): string {
  return dim === null ? '?' : typeof dim === 'number' ? String(dim) : `"${dim}"`;
}

/** float64 weights run in float32 like everything else. */
function single(value: Tensor): Tensor {
  return value.dtype === 'float64' ? castTensor(value, 'float32') : value;
}

// Writes ONNX files, the same bytes for the same model. Graphs may nest (the body of a Scan) and functions may be defined,
// which models that are read never do.
import { Ann2SnnError, type Problem } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { elementCode } from './element-types.ts';
import {
  type AttributeProto,
  type Draft,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  onnx,
  type TensorShapeProto,
  type ValueInfoProto,
} from './generated/onnx.js';
import { int64Of } from './int64.ts';
import type { AttributeValue, Dim, OnnxModel, OnnxNode, ValueInfo } from './model.ts';
import { ATTRIBUTE_TYPES } from './read-attribute.ts';
import { draftTensor } from './write-tensor.ts';

/** An attribute to write: what can be read, or a graph. */
export type AttributeSpec = AttributeValue | { readonly type: 'graph'; readonly value: GraphSpec };

/** A node to write. */
export type NodeSpec = Omit<OnnxNode, 'attributes'> & {
  readonly attributes: ReadonlyMap<string, AttributeSpec>;
  /** What it is a part of, for passes over the graph; not written. */
  readonly part?: Part;
};

/** Nodes that belong together: a layer of neurons, an encoder. */
export interface Part {
  /** What kind of thing it is, as the name of an operator. */
  readonly kind: string;
  readonly name: string;
}

/** A graph to write: a model's own, or one that is the attribute of a node. */
export interface GraphSpec {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly NodeSpec[];
  readonly initializers: ReadonlyMap<string, Tensor>;
}

/** An operator of the model's own, defined by nodes. Its domain is imported at version 1. */
export interface FunctionSpec {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeSpec[];
}

export interface WriteOptions {
  /** Version of the standard operator set; 0 imports none. */
  readonly opset: number;
  readonly irVersion: number;
  /** Versions of further operator sets, by domain. */
  readonly opsets?: ReadonlyMap<string, number>;
  readonly functions?: readonly FunctionSpec[];
  readonly producer?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Before this IR version every initializer had to be listed among the graph's inputs. */
const IR_OF_HIDDEN_INITIALIZERS = 4;

/**
 * Encodes a model that was read, or made in the same form. Weights that were float16 or bfloat16 are
 * written as the float32 that they were widened to, and so are inputs and outputs of these types.
 * @throws Ann2SnnError `unsupported-attribute` when a node has an attribute that was not read (`other`).
 */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const { graphName: name, inputs, outputs, nodes, initializers } = model;
  const { opset, opsets, irVersion, producer } = model;
  return writeOnnxGraph(
    { name, inputs, outputs, nodes, initializers },
    { opset, opsets, irVersion, producer },
  );
}

/**
 * Encodes a graph as a model.
 * @throws Ann2SnnError `unsupported-attribute` when a node has an attribute of type `other`.
 */
export function writeOnnxGraph(graph: GraphSpec, options: WriteOptions): Uint8Array {
  const problems: Problem[] = [];
  const draft = draftGraph(graph, problems);
  const { functions = [] } = options;
  const drafts = functions.map((definition) => draftFunction(definition, options.opset, problems));
  if (problems.length > 0) throw new Ann2SnnError('unsupported-attribute', problems);
  const opsets = new Map(options.opset === 0 ? [] : [['', options.opset]]);
  for (const { domain } of functions) opsets.set(domain, 1);
  for (const [domain, version] of options.opsets ?? []) if (domain !== '') opsets.set(domain, version);
  const listed = options.irVersion < IR_OF_HIDDEN_INITIALIZERS ? [...graph.initializers].map(infoOf) : [];
  const model = {
    irVersion: options.irVersion,
    producerName: options.producer ?? 'ann2snn',
    graph: { ...draft, input: [...graph.inputs, ...listed].map(draftValueInfo) },
    opsetImport: [...opsets].map(([domain, version]) => ({ domain, version })),
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    functions: drafts,
  };
  return onnx.ModelProto.encode(model).finish();
}

function infoOf([name, { dtype, shape }]: readonly [string, Tensor]): ValueInfo {
  return { name, dtype, shape };
}

function draftGraph(graph: GraphSpec, problems: Problem[]): Draft<GraphProto> {
  return {
    name: graph.name,
    node: graph.nodes.map((node) => draftNode(node, problems)),
    initializer: [...graph.initializers].map(([name, tensor]) => draftTensor(name, tensor)),
    input: graph.inputs.map(draftValueInfo),
    output: graph.outputs.map(draftValueInfo),
  };
}

function draftFunction(
  { domain, name, inputs, outputs, nodes }: FunctionSpec,
  opset: number,
  problems: Problem[],
): Draft<FunctionProto> {
  return {
    domain,
    name,
    input: inputs,
    output: outputs,
    node: nodes.map((node) => draftNode(node, problems)),
    opsetImport: [{ domain: '', version: opset }],
  };
}

function draftNode(node: NodeSpec, problems: Problem[]): Draft<NodeProto> {
  return {
    name: node.name === '' ? undefined : node.name,
    opType: node.opType,
    domain: node.domain === '' ? undefined : node.domain,
    input: node.inputs,
    output: node.outputs,
    attribute: [...node.attributes].map(([name, value]) => {
      if (value.type !== 'other') return { name, ...draftAttribute(value, problems) };
      const message = `expected an attribute that can be written, found ${name} (${value.value})`;
      problems.push({ where: `node "${node.name}" (${node.opType})`, message });
      return { name };
    }),
  };
}

function draftAttribute(
  attribute: Exclude<AttributeSpec, { readonly type: 'other' }>,
  problems: Problem[],
): Draft<AttributeProto> {
  const type = ATTRIBUTE_TYPES[attribute.type];
  switch (attribute.type) {
    case 'int':
      return { type, i: int64Of(attribute.value) };
    case 'float':
      return { type, f: attribute.value };
    case 'string':
      return { type, s: bytesOf(attribute.value) };
    case 'ints':
      return { type, ints: attribute.value.map(int64Of) };
    case 'floats':
      return { type, floats: attribute.value };
    case 'strings':
      return { type, strings: attribute.value.map(bytesOf) };
    case 'tensor':
      return { type, t: draftTensor('', attribute.value) };
    case 'graph':
      return { type, g: draftGraph(attribute.value, problems) };
  }
}

function draftValueInfo(info: ValueInfo): Draft<ValueInfoProto> {
  if (info.dtype === null) return { name: info.name };
  const shape = info.shape === null ? undefined : { dim: info.shape.map(draftDim) };
  return { name: info.name, type: { tensorType: { elemType: elementCode(info.dtype), shape } } };
}

function draftDim(dim: Dim): Draft<TensorShapeProto.Dimension> {
  if (dim === null) return {};
  return typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim };
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

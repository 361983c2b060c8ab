// Reads an ONNX file into an OnnxModel. Nothing is interpreted: what the file says, or a refusal that names
// every offender.
import { Ann2SnnError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { decodeModel } from './decode.ts';
import { collectFailures, type Failures } from './failures.ts';
import { requireFinite } from './finite-weights.ts';
import type { GraphProto } from './generated/onnx.js';
import { numberOf } from './int64.ts';
import type { OnnxModel, OnnxNode, ValueInfo } from './model.ts';
import type { ExternalFiles } from './read-external.ts';
import { readNodes } from './read-nodes.ts';
import { readOpsets } from './read-opsets.ts';
import { readTensor } from './read-tensor.ts';
import { readValueInfo } from './read-value-info.ts';

export interface ReadOptions {
  /** What errors call the model: its path. */
  readonly where: string;
  /** Gives the files that hold external tensors; without it a model that has any is refused. */
  readonly external?: ExternalFiles;
}

/**
 * Decodes a model of standard opset 6 to 21, or older where no operator has changed since. A model that imports no
 * standard opset and needs none has opset 0.
 * @throws Ann2SnnError `not-onnx`, `unsupported-opset`, `unsupported-type`, `external-data`, `invalid-graph`
 * or `invalid-weights`.
 */
export function readOnnx(bytes: Uint8Array, options: ReadOptions): OnnxModel {
  const { where, external } = options;
  const proto = decodeModel(bytes, where);
  const opsets = readOpsets(proto, where);
  const failures = collectFailures();
  const initializers = readInitializers(proto.graph, options, failures);
  const nodes = readNodes(proto.graph.node, { where, external, failures });
  const weights = new Set(proto.graph.initializer.map((initializer) => initializer.name));
  const inputs = proto.graph.input.filter((input) => !weights.has(input.name));
  const model: OnnxModel = {
    irVersion: numberOf(proto.irVersion),
    opset: opsets.get('') ?? 0,
    opsets,
    producer: proto.producerName,
    graphName: proto.graph.name,
    inputs: readValueInfos(inputs, `${where}, input`, failures),
    outputs: readValueInfos(proto.graph.output, `${where}, output`, failures),
    nodes,
    initializers,
  };
  failures.rethrow();
  requireFinite(weightsOf(model, where));
  return model;
}

function readInitializers(
  graph: GraphProto,
  { where, external }: ReadOptions,
  failures: Failures,
): ReadonlyMap<string, Tensor> {
  const initializers = new Map<string, Tensor>();
  for (const proto of graph.initializer) {
    const name = `${where}, initializer "${proto.name}"`;
    failures.attempt(() => {
      if (proto.name === '') refuse('invalid-graph', name, 'expected a name, found none');
      if (initializers.has(proto.name)) refuse('invalid-graph', name, 'expected one of this name, found two');
      initializers.set(proto.name, readTensor(proto, name, external));
    });
  }
  for (const proto of graph.sparseInitializer) {
    const name = `${where}, initializer "${proto.values?.name ?? ''}"`;
    failures.attempt(() => refuse('unsupported-type', name, 'expected a dense tensor, found a sparse one'));
  }
  return initializers;
}

function readValueInfos(protos: GraphProto['input'], kind: string, failures: Failures): ValueInfo[] {
  return protos.flatMap(
    (proto) => failures.attempt(() => readValueInfo(proto, `${kind} "${proto.name}"`)) ?? [],
  );
}

/**
 * Every initializer, and the tensors of nodes, where some exporters keep their weights. A single element
 * of a node is no weight and may be infinite: the bound of a Clip, the value of a Pad.
 */
function* weightsOf(model: OnnxModel, where: string): Generator<readonly [string, Tensor]> {
  for (const [name, tensor] of model.initializers) yield [`${where}, initializer "${name}"`, tensor];
  for (const node of model.nodes) yield* tensorsOf(node, where);
}

function* tensorsOf(node: OnnxNode, where: string): Generator<readonly [string, Tensor]> {
  for (const attribute of node.attributes.values()) {
    if (attribute.type === 'tensor' && attribute.value.data.length > 1) {
      yield [`${where}, node "${node.name}" (${node.opType})`, attribute.value];
    }
  }
}

function refuse(code: 'invalid-graph' | 'unsupported-type', where: string, message: string): never {
  throw new Ann2SnnError(code, { where, message });
}

// The model that an ONNX export holds: what the dense engine runs, with the chosen outputs, public names and metadata.
import { Ann2SnnError } from '../errors.ts';
import type { ValueInfo } from '../onnx/model.ts';
import { type NodeSpec, writeOnnxGraph } from '../onnx/write.ts';
import { intAttribute as int } from '../ops/attributes.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../ops/op.ts';
import { inputEncoders, type Network, readouts } from '../snn/network/network.ts';
import { imageName } from '../snn/onnx/input.ts';
import { networkGraph, outputNames } from '../snn/onnx/to-onnx.ts';
import { tensor } from '../tensor/tensor.ts';
import { TOOL } from '../tool.ts';
import { layerFunctions } from './layer-functions.ts';
import { renamed } from './rename.ts';
import { unrolled } from './unroll.ts';
import { storeWholeNumbers } from './whole-numbers.ts';

const LAST_STEP = 'snn/last step';

/**
 * Writes a network as an ONNX model. Inputs have the names of the ANN's, [N, ...shape]. `outputs` chooses among `logits`
 * (the decoded outputs under the names of the ANN's, [N, ...shape]), `steps` (the same at every step, "logits/..."),
 * `counts` ("spikes-per-step/...", "spikes-per-neuron/...") and `spikes` ("spikes/..."). Layers are functions of the model, around a
 * Scan each; with `unroll` there is neither.
 * @throws Ann2SnnError `invalid-network` where an output is called like an input
 */
export function spikingModel(
  network: Network,
  { outputs, unroll }: { readonly outputs: readonly string[]; readonly unroll: boolean },
): Uint8Array {
  const wants = (name: string) => outputs.includes(name);
  const graph = networkGraph(network, { counts: wants('counts'), spikes: wants('spikes') });
  const perStep = new Set(readouts(network).map(({ name }) => outputNames.logits(name)));
  const others = graph.outputs.filter(({ name }) => wants('steps') || !perStep.has(name));
  const flat = unroll ? { graph: unrolled(graph, network.coding.T), functions: [] } : layerFunctions(graph);
  const chosen = renamed(flat.graph, publicNames(network));
  const decoded = wants('logits') ? decodedOutputs(network) : [];
  const whole = storeWholeNumbers({
    ...chosen,
    nodes: [...chosen.nodes, ...decoded.map(({ node }) => node)],
    outputs: [...decoded.map(({ output }) => output), ...others],
    initializers:
      decoded.length === 0
        ? chosen.initializers
        : new Map([...chosen.initializers, [LAST_STEP, tensor('int64', [], [network.coding.T - 1])]]),
  });
  return writeOnnxGraph(whole, {
    opset: EMITTED_OPSET,
    irVersion: EMITTED_IR_VERSION,
    producer: 'ann2snn',
    functions: flat.functions,
    metadata: metadataOf(network),
  });
}

/** The last step of each readout, under the readout's own name. */
function decodedOutputs(network: Network): { readonly node: NodeSpec; readonly output: ValueInfo }[] {
  return readouts(network).map(({ name, shape }) => ({
    node: {
      name: `snn/last step of ${name}`,
      opType: 'Gather',
      domain: '',
      inputs: [outputNames.logits(name), LAST_STEP],
      outputs: [name],
      attributes: new Map([['axis', int(0)]]),
    },
    output: { name, dtype: 'float32', shape: ['N', ...shape] },
  }));
}

/** Inputs and outputs take the names of the ANN's; values inside make way for them. */
function publicNames(network: Network): ReadonlyMap<string, string> {
  const inputs = inputEncoders(network);
  const taken = new Set(inputs.map(({ name }) => name));
  for (const { name } of readouts(network)) {
    if (!taken.has(name)) continue;
    const message = 'expected an output that is not called like an input of the network';
    throw new Ann2SnnError('invalid-network', { where: `output "${name}"`, message });
  }
  const names = [...taken, ...readouts(network).map(({ name }) => name)];
  return new Map([
    ...names.map((name) => [name, `snn/value/${name}`] as const),
    ...inputs.map((encoder) => [imageName(encoder), encoder.name] as const),
  ]);
}

function metadataOf(network: Network): Readonly<Record<string, string>> {
  const { coding, preprocessing, arithmetic } = network;
  const heads = readouts(network).map(({ name, head }) => [name, head]);
  return {
    'ann2snn.tool': TOOL,
    'ann2snn.coding': JSON.stringify(coding),
    'ann2snn.arithmetic': arithmetic,
    'ann2snn.preprocessing': JSON.stringify(preprocessing),
    'ann2snn.input': 'normalised images: (pixel / scale - mean) / std, by ann2snn.preprocessing',
    'ann2snn.heads': JSON.stringify(Object.fromEntries(heads)),
  };
}

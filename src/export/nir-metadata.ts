// What NIR cannot say of a network, as metadata of its nodes. docs/format.md describes each field.
import { kappa } from '../encoders/kappa.ts';
import type { NirMetadata, NirMetadataValue } from '../nir/graph.ts';
import type { EncoderNode, MembraneInput, Network, NeuronNode, ReadoutNode } from '../snn/network/network.ts';
import { type Tensor, tensor } from '../tensor/tensor.ts';
import { TOOL } from '../tool.ts';
import { describeNetwork } from './network-description.ts';

/** Of the whole graph: the code, and all of the network but its tensors as the text of the JSON export. */
export function graphMetadata(network: Network): NirMetadata {
  const { T, beta, name } = network.coding;
  return {
    tool: TOOL,
    coding: name,
    T,
    beta,
    K: kappa(T, beta),
    code_weights: tensor('float64', [T], codeWeights(T, beta)),
    spikes: '-1, 0, +1',
    arithmetic: network.arithmetic,
    network: JSON.stringify(describeNetwork(network)),
  };
}

export function encoderMetadata({ coding }: Network, node: EncoderNode): NirMetadata {
  return {
    kind: 'encoder',
    encoder: node.encoder,
    theta: node.theta,
    T: coding.T,
    beta: coding.beta,
    start: node.start,
    ...(node.grid === undefined ? {} : { grid: { ...node.grid } }),
  };
}

export function neuronMetadata(network: Network, node: NeuronNode): NirMetadata {
  const { coding } = network;
  const parameters = Object.entries(node.parameters ?? {}).map(
    ([name, constant]) => [name, stored(network, constant)] as const,
  );
  return {
    kind: 'neuron',
    neuron: node.neuron,
    T: coding.T,
    beta: coding.beta,
    Ts: node.Ts,
    phi: node.phi,
    ...(node.lastPhi === undefined ? {} : { lastPhi: node.lastPhi }),
    ...(node.negativeSpikes === undefined ? {} : { negativeSpikes: node.negativeSpikes }),
    theta: typeof node.theta === 'number' ? node.theta : tensor('float64', [node.theta.length], node.theta),
    start: node.start,
    value: node.annValue,
    ...sourcesMetadata(network, node.sources, node.bias),
    ...(parameters.length === 0 ? {} : { parameters: Object.fromEntries(parameters) }),
    ...(node.forecast === undefined
      ? {}
      : { forecast: tensor('float64', [node.forecast.length], node.forecast) }),
  };
}

export function readoutMetadata(network: Network, node: ReadoutNode): NirMetadata {
  const { T, beta } = network.coding;
  return {
    kind: 'readout',
    head: node.head,
    T,
    beta,
    start: node.start,
    ...sourcesMetadata(network, node.sources, node.bias),
  };
}

/** Delays of the sources, and in integer networks what a unit of each is worth and the bias of a whole window. */
function sourcesMetadata(network: Network, sources: readonly MembraneInput[], bias?: string): NirMetadata {
  const numbers = (values: readonly number[]): Tensor => tensor('int64', [values.length], values);
  const scales = sources.flatMap(({ scale }, k) =>
    scale === undefined ? [] : [[`scale${k}`, stored(network, scale)] as const],
  );
  return {
    sources: sources.map(({ value }) => value),
    delays: numbers(sources.map(({ delaySteps }) => delaySteps)),
    ahead: numbers(sources.map(({ aheadSteps = 0 }) => aheadSteps)),
    ...Object.fromEntries(scales),
    ...(bias === undefined ? {} : { bias_of_window: stored(network, bias) }),
  };
}

function stored({ constants }: Network, name: string): NirMetadataValue {
  const { dtype, shape, data } = constants.get(name)!;
  return { dtype, shape, data };
}

/** What a spike of each step adds to the value, beta^(T-t), in units of theta. */
function codeWeights(T: number, beta: number): number[] {
  return Array.from({ length: T }, (_, i) => beta ** (T - 1 - i));
}

// What one image costs the SNN, from spike counts and fan-outs. Every figure belongs to a named rule.
import { opNamed } from '../ops/index.ts';
import { reachOf } from '../ops/synapses.ts';
import { fedByCurrents } from '../snn/network/currents.ts';
import {
  type AnalogSnnNode,
  inputEncoders,
  isSpiking,
  type LinearSnnNode,
  type Network,
  neuronLayers,
  operandFacts,
  reEncoders,
  runningSources,
  shapesOf,
  spikingLayers,
} from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { encoderFanOut } from './fan-out.ts';
import { type SpikeTally, totalSpikes } from './tally.ts';

/** Operations of one image, averaged over the images of the tally. */
export interface SnnOperations {
  /**
   * SWS Eq. 10: (T + Ts) per neuron, plus fan-out times spikes of all TSA layers; the spikes of the inputs' encoders are not
   * in it. What encodes a value computed on the way counts as a layer with Ts = 0.
   */
  readonly opf: number;
  /** The same with the spikes of the inputs' encoders. */
  readonly opfWithEncoder: number;
  readonly syops: {
    /** One accumulate for each spike and synapse that it reaches, the encoders' included; borders and zero weights as they are. */
    readonly fanOut: number;
    /** Dense products and biases of each layer times the spikes per source element, plus pool inputs likewise. */
    readonly syopsCounter: number;
  };
  /**
   * Products, by true fan-out, and dense as the syops-counter convention has them: with an image that enters as it is, once
   * and not at every step; of weights that currents feed, at every step; of neurons that multiply two potentials, at each of
   * their T firing steps; and of what is computed on decoded values, once, one for each element of an output where the
   * operator has no weights. 0 where all is spikes.
   */
  readonly macs: { readonly fanOut: number; readonly syopsCounter: number };
  /** Membrane updates: T + Ts per neuron, T per element that is encoded anew. Not in the SyOPs. */
  readonly neuronUpdates: number;
  /** Constant currents: one add per step and output of a biased layer. Not in the SyOPs. */
  readonly biasAdds: number;
  /** Elements that wait in delay lines, times the T steps. Not in the SyOPs. */
  readonly delayLineAccesses: number;
}

/** Accumulates caused by each layer's spikes per image: sum over elements of spikes * fan-out. */
export function synapticOperations(
  network: Network,
  tally: SpikeTally,
  fanOut: ReadonlyMap<string, Float64Array>,
): ReadonlyMap<string, number> {
  return new Map(
    spikingLayers(network).map(({ name }) => {
      const { perNeuron } = tally.layers.get(name)!;
      const reach = fanOut.get(name)!;
      let sum = 0;
      for (let i = 0; i < perNeuron.length; i++) sum += perNeuron[i]! * reach[i]!;
      return [name, sum / tally.images] as const;
    }),
  );
}

/** Computes every operation count of one image. */
export function snnOperations(
  network: Network,
  tally: SpikeTally,
  synOps: ReadonlyMap<string, number>,
): SnnOperations {
  const layers = [...neuronLayers(network), ...reEncoders(network)];
  const neuronUpdates = layers.reduce(
    (sum, node) => sum + (network.coding.T + (node.kind === 'neuron' ? node.Ts : 0)) * sizeOf(node.shape),
    0,
  );
  const ofNeurons = layers.reduce((sum, { name }) => sum + synOps.get(name)!, 0);
  const ofAll = [...synOps.values()].reduce((sum, value) => sum + value, 0);
  return {
    opf: neuronUpdates + ofNeurons,
    opfWithEncoder: neuronUpdates + ofAll,
    syops: { fanOut: ofAll, syopsCounter: syopsCounterRule(network, tally) },
    macs: snnProducts(network),
    neuronUpdates,
    biasAdds: biasAdds(network),
    delayLineAccesses: delayLineAccesses(network),
  };
}

function syopsCounterRule(network: Network, tally: SpikeTally): number {
  const sources = spikesPerElement(network, tally);
  const fed = fedByCurrents(network);
  const shapes = shapesOf(network);
  let sum = 0;
  for (const node of network.nodes) {
    if (node.kind === 'neuron' && node.bias !== undefined) {
      // In an integer network the bias of the weights before it waits at the membrane.
      sum += sizeOf(node.potentialShape) * sources.get(node.sources[0]!.value)!.perElement;
    }
    if (node.kind !== 'linear') continue;
    const [data, ...constants] = node.sources;
    if (data === undefined || 'constant' in data || fed.has(node)) continue;
    const input = [1, ...shapes.get(data.value)!];
    const products = denseProducts(network, node);
    const biases = products > 0 && constants.length > 1 ? sizeOf(node.shape) : 0;
    const pooled = POOLS.has(node.op) ? sizeOf(input) : 0;
    sum += (products + biases + pooled) * sources.get(data.value)!.perElement;
  }
  return sum;
}

const POOLS: ReadonlySet<LinearSnnNode['op']> = new Set(['AveragePool', 'GlobalAveragePool', 'ReduceMean']);

/** Spikes per element and image of the spiking layers that each value is made of. */
function spikesPerElement(network: Network, tally: SpikeTally) {
  const found = new Map<string, { readonly layers: ReadonlySet<string>; readonly perElement: number }>();
  const sizes = new Map(spikingLayers(network).map((node) => [node.name, sizeOf(node.shape)]));
  const totals = new Map([...sizes.keys()].map((layer) => [layer, totalSpikes(tally, layer)]));
  const of = (layers: ReadonlySet<string>) => {
    const elements = [...layers].reduce((sum, layer) => sum + sizes.get(layer)!, 0);
    const spikes = [...layers].reduce((sum, layer) => sum + totals.get(layer)!, 0);
    return { layers, perElement: elements === 0 ? 0 : spikes / elements / tally.images };
  };
  for (const node of network.nodes) {
    if (node.kind === 'encoder' || node.kind === 'neuron') {
      found.set(node.output, of(new Set(isSpiking(node) ? [node.name] : [])));
    }
    if (node.kind !== 'linear') continue;
    const layers = node.sources.flatMap((source) =>
      'value' in source ? [...found.get(source.value)!.layers] : [],
    );
    found.set(node.output, of(new Set(layers)));
  }
  return found;
}

/** Products of one step through a linear node, padding and zero weights counted; 0 where it multiplies nothing. */
function denseProducts(network: Network, node: LinearSnnNode | AnalogSnnNode): number {
  const shapes = shapesOf(network);
  const operands = node.sources.map((source) =>
    'value' in source ? [1, ...shapes.get(source.value)!] : network.constants.get(source.constant)!.shape,
  );
  return opNamed(node.op)!.macs?.(node.attributes, operands, [1, ...node.shape]) ?? 0;
}

/** Everything that is multiplied, per image, because it is no spike. */
export function snnProducts(network: Network): SnnOperations['macs'] {
  const all = [directProducts, currentProducts, gateProducts, decodedProducts].map((count) => count(network));
  return {
    fanOut: all.reduce((sum, { fanOut }) => sum + fanOut, 0),
    syopsCounter: all.reduce((sum, { syopsCounter }) => sum + syopsCounter, 0),
  };
}

/** What the first weights multiply where an image enters without spikes. */
function directProducts(network: Network): SnnOperations['macs'] {
  const direct = inputEncoders(network).filter((encoder) => !isSpiking(encoder));
  const analog = new Set(direct.map(({ output }) => output));
  let dense = 0;
  for (const node of network.nodes) {
    if (node.kind !== 'linear') continue;
    if (!node.sources.some((source) => 'value' in source && analog.has(source.value))) continue;
    if (opNamed(node.op)!.role === 'weighted') dense += denseProducts(network, node);
    else analog.add(node.output);
  }
  const reached = direct.flatMap((encoder) => [...encoderFanOut(network, encoder)]);
  return { fanOut: reached.reduce((sum, targets) => sum + targets, 0), syopsCounter: dense };
}

/** What weights multiply at each of the T steps where currents feed them. */
function currentProducts(network: Network): SnnOperations['macs'] {
  const { T } = network.coding;
  const shapes = shapesOf(network);
  let fanOut = 0;
  let dense = 0;
  for (const node of fedByCurrents(network)) {
    const operands = operandFacts(network, node, (value) => shapes.get(value)!);
    fanOut += T * reachOf(opNamed(node.op)!, node.attributes, operands).reduce((sum, n) => sum + n, 0);
    dense += T * denseProducts(network, node);
  }
  return { fanOut, syopsCounter: dense };
}

/** Neurons that multiply two potentials, wherever they may fire; the syops-counter convention knows no products by element. */
function gateProducts(network: Network): SnnOperations['macs'] {
  const gates = neuronLayers(network).filter(({ product }) => product === true);
  const perStep = gates.reduce((sum, { potentialShape }) => sum + sizeOf(potentialShape), 0);
  return { fanOut: network.coding.T * perStep, syopsCounter: 0 };
}

/** What is computed once an image on decoded values; the syops-counter convention knows no products by element. */
function decodedProducts(network: Network): SnnOperations['macs'] {
  let dense = 0;
  let elementwise = 0;
  for (const node of network.nodes) {
    if (node.kind !== 'analog') continue;
    dense += denseProducts(network, node);
    if (node.op === 'Mul' || opNamed(node.op)!.role === 'analog') elementwise += sizeOf(node.shape);
  }
  return { fanOut: dense + elementwise, syopsCounter: dense };
}

function biasAdds(network: Network): number {
  let perStep = 0;
  for (const node of network.nodes) {
    if (node.kind === 'neuron' && node.bias !== undefined) perStep += sizeOf(node.potentialShape);
    if (node.kind === 'readout' && node.bias !== undefined) perStep += sizeOf(node.shape);
    if (node.kind !== 'linear') continue;
    const constants = node.sources.filter((source) => 'constant' in source).length;
    const biased = node.op === 'Add' ? constants > 0 : opNamed(node.op)!.role === 'weighted' && constants > 1;
    if (biased) perStep += sizeOf(node.shape);
  }
  return perStep * network.coding.T;
}

function delayLineAccesses(network: Network): number {
  const shapes = shapesOf(network);
  let elements = 0;
  for (const node of network.nodes) {
    // Analog values are held, in no line.
    if (node.kind === 'encoder' || node.kind === 'analog') continue;
    for (const { value, delaySteps } of runningSources(node)) {
      if (delaySteps > 0) elements += sizeOf(shapes.get(value)!);
    }
  }
  return elements * network.coding.T;
}

// What each layer makes both networks do for one image, for energies by layer.
import type { LayerWork } from '../energy/layer-work.ts';
import { opNamed } from '../ops/index.ts';
import { reachOf } from '../ops/synapses.ts';
import {
  type EncoderNode,
  isSpiking,
  type LinearSnnNode,
  type Network,
  type NeuronNode,
  operandFacts,
  shapesOf,
} from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { encoderFanOut } from './fan-out.ts';
import { snnProducts } from './operations.ts';

/** Name of what no layer can be told to have caused: products of currents, of gates, of decoded values. */
export const ELSEWHERE = 'elsewhere';

type Layer = EncoderNode | NeuronNode;

/** Spikes and accumulates of one layer per image. */
export interface LayerSpikes {
  readonly spikes: number;
  readonly synapticOperations: number;
}

/**
 * The work of each encoder and neuron layer, in order, and last what is left to `ELSEWHERE` where there is any. The ANN's
 * products add up to `annOperations.effectiveMacs`: those of a weighted map are shared among the layers that it reads in
 * proportion to their elements, and scaled to that sum where maps were composed.
 * @param spikes of the layers that spike, by name
 */
export function layerWork(network: Network, spikes: ReadonlyMap<string, LayerSpikes>): LayerWork[] {
  const layers = network.nodes.filter(
    (node): node is Layer => node.kind === 'encoder' || node.kind === 'neuron',
  );
  const behind = mapsBehind(network, layers);
  const { T } = network.coding;
  const found = layers.map((node): LayerWork => {
    const { weightWords, targetWords, annProducts } = behind.get(node.name)!;
    const own = spikes.get(node.name);
    return {
      name: node.name,
      neurons: sizeOf(node.shape),
      spikes: own?.spikes ?? 0,
      accumulates: own?.synapticOperations ?? 0,
      products: isSpiking(node) ? 0 : encoderFanOut(network, node as EncoderNode).reduce((a, b) => a + b, 0),
      annProducts,
      stateWords:
        node.kind === 'neuron' ? node.sources.length * sizeOf(node.potentialShape) + sizeOf(node.shape) : 0,
      updateSteps: node.kind === 'neuron' ? T + node.Ts : 0,
      weightWords,
      targetWords,
    };
  });
  return withRest(network, found);
}

/** Scales the ANN's products to their sum, or adds what is missing of either network's. */
function withRest(network: Network, found: readonly LayerWork[]): LayerWork[] {
  const total = (of: 'products' | 'annProducts' | 'weightWords') =>
    found.reduce((sum, work) => sum + work[of], 0);
  const { effectiveMacs } = network.annOperations;
  const excess = total('annProducts') > effectiveMacs ? effectiveMacs / total('annProducts') : 1;
  const scaled = found.map((work) => ({ ...work, annProducts: work.annProducts * excess }));
  const products = snnProducts(network).fanOut - total('products');
  const annProducts = excess < 1 ? 0 : effectiveMacs - total('annProducts');
  if (products === 0 && annProducts === 0) return scaled;
  // Which memories these meet is not told apart: those of the whole network.
  const none = { neurons: 0, spikes: 0, accumulates: 0, stateWords: 0, updateSteps: 0, targetWords: 0 };
  return [...scaled, { ...none, name: ELSEWHERE, products, annProducts, weightWords: total('weightWords') }];
}

interface Behind {
  weightWords: number;
  targetWords: number;
  annProducts: number;
}

/** Weights and membranes that each layer's values meet before the next neurons, and the ANN's products with them. */
function mapsBehind(network: Network, layers: readonly Layer[]): ReadonlyMap<string, Behind> {
  const sizes = new Map(layers.map((node) => [node.name, sizeOf(node.shape)]));
  const behind = new Map<string, Behind>(
    layers.map(({ name }) => [name, { weightWords: 0, targetWords: 0, annProducts: 0 }]),
  );
  /** The layers that each value is made of. */
  const made = new Map<string, ReadonlySet<string>>();
  const of = (sources: readonly { readonly value: string }[]) =>
    new Set(sources.flatMap(({ value }) => [...(made.get(value) ?? [])]));
  for (const node of network.nodes) {
    if (node.kind === 'linear') {
      const from = of(node.sources.filter((source) => 'value' in source));
      made.set(node.output, from);
      const { words, products } = weightsOf(network, node);
      const elements = [...from].reduce((sum, name) => sum + sizes.get(name)!, 0);
      for (const name of from) {
        behind.get(name)!.weightWords += words;
        behind.get(name)!.annProducts += (products * sizes.get(name)!) / elements;
      }
    } else if (node.kind === 'encoder') made.set(node.output, new Set([node.name]));
    else {
      if (node.kind !== 'analog') {
        const words = node.kind === 'neuron' ? sizeOf(node.potentialShape) : sizeOf(node.shape);
        for (const name of of(node.sources)) behind.get(name)!.targetWords += words;
      }
      if (node.kind === 'neuron') made.set(node.output, new Set([node.name]));
    }
  }
  return behind;
}

/** Words of a weighted map, without its bias, and its products that are no padding and no zero weight. */
function weightsOf(
  network: Network,
  node: LinearSnnNode,
): { readonly words: number; readonly products: number } {
  const op = opNamed(node.op)!;
  if (op.role !== 'weighted') return { words: 0, products: 0 };
  const shapes = shapesOf(network);
  const operands = operandFacts(network, node, (value) => shapes.get(value)!);
  const weights = operands[1]?.value;
  if (weights === undefined) return { words: 0, products: 0 };
  const products = reachOf(op, node.attributes, operands).reduce((sum, reached) => sum + reached, 0);
  return { words: sizeOf(weights.shape), products };
}

// The quantized ANN that an integer network converts: every layer at once, without spikes or time. Whole-number sums,
// scales combined in float64 in the order of the sources, rounded half to even: what the spikes must decode to.

import { quantized } from '../../encoders/input-grid.ts';
import { kappa } from '../../encoders/kappa.ts';
import { track } from '../../neurons/tsa.ts';
import { membraneSum } from '../../neurons/tsa-integer.ts';
import {
  type EncoderNode,
  isSpiking,
  type Network,
  type NeuronNode,
  type ReadoutNode,
} from '../../snn/network/network.ts';
import { membraneSumOf, tsaParameters } from '../../snn/network/population.ts';
import { roundHalfEven } from '../../tensor/grid.ts';
import { type FloatTensor, sizeOf, tensor } from '../../tensor/tensor.ts';
import { applyLinear, encoderOver, type Running } from './parts.ts';

/** One pass of the quantized ANN. */
export interface QuantizedRun {
  /** The integer of every element of every spiking layer, in units of theta: [images, ...shape]. */
  readonly integers: ReadonlyMap<string, Float64Array>;
  /** Outputs in the ANN's units: [images, ...shape]. */
  readonly logits: ReadonlyMap<string, Float64Array>;
}

/**
 * Computes the integers of an integer network's layers.
 * @param images [N, ...], normalised as the ANN expects them
 * @param given integers that readers of a layer are fed instead of the layer's own: each layer on its own inputs
 */
export function runQuantizedAnn(
  network: Network,
  images: FloatTensor,
  given: ReadonlyMap<string, ArrayLike<number>> = new Map(),
): QuantizedRun {
  const count = images.shape[0]!;
  const values = new Map<string, Running>();
  const integers = new Map<string, Float64Array>();
  const logits = new Map<string, Float64Array>();
  const layer = (
    node: Extract<Network['nodes'][number], { readonly output: string }>,
    found: Float64Array,
  ) => {
    integers.set(node.name, found);
    const data = given.has(node.name) ? Float64Array.from(given.get(node.name)!) : found;
    values.set(node.output, tensor('float64', [count, ...node.shape], data) as Running);
  };
  for (const node of network.nodes) {
    switch (node.kind) {
      case 'encoder': {
        layer(node, encodedIntegers(network, node, images.data));
        break;
      }
      case 'linear':
        values.set(
          node.output,
          applyLinear(network, node, (value) => values.get(value)!),
        );
        break;
      case 'neuron':
        layer(node, integersOf(network, node, count, values));
        break;
      case 'readout':
        logits.set(node.name, summed(network, node, count, values));
    }
  }
  return { integers, logits };
}

/**
 * The input in units of theta: its quantizer's integers where they are those of the code, else what the encoder's output
 * decodes to.
 */
export function encodedIntegers(network: Network, node: EncoderNode, pixels: Float32Array): Float64Array {
  if (isSpiking(node) && node.grid !== undefined && node.grid.scale === node.theta) {
    return Float64Array.from(quantized(pixels, node.grid));
  }
  const encoder = encoderOver(network, node, pixels);
  const decoded = new Float64Array(pixels.length);
  const out = new Float32Array(pixels.length);
  for (let t = 0; t < network.coding.T; t++) {
    encoder.step(out);
    for (let i = 0; i < decoded.length; i++) decoded[i] = network.coding.beta * decoded[i]! + out[i]!;
  }
  return decoded;
}

/** min(max(round(f(u)), -K), K): what a code of T steps can say of a neuron's potential. */
function integersOf(
  network: Network,
  node: NeuronNode,
  images: number,
  values: ReadonlyMap<string, Running>,
): Float64Array {
  const reach = kappa(network.coding.T, network.coding.beta);
  const tracked = new Float64Array(images * sizeOf(node.shape));
  const potential = summed(network, node, images, values);
  track(tracked, potential, network.coding.T, tsaParameters(network, node, images));
  return tracked.map((u) => Math.min(Math.max(roundHalfEven(u), -reach), reach));
}

/** u: the sources at the end of a window, each with its scale, and the bias. */
function summed(
  network: Network,
  node: NeuronNode | ReadoutNode,
  images: number,
  values: ReadonlyMap<string, Running>,
): Float64Array {
  const sums = node.sources.map(({ value }) => values.get(value)!.data as Float64Array);
  const out = new Float64Array(sums[0]!.length);
  membraneSum(out, membraneSumOf(network, node, images), sums, 1);
  return out;
}

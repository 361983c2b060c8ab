// The pieces that the layer-by-layer and the stepped run share, so that both compute the same numbers.
import { encoderNamed } from '../../encoders/index.ts';
import { quantized } from '../../encoders/input-grid.ts';
import { DirectInput, SpikeEncoder } from '../../encoders/spike-encoder.ts';
import { biasShare, TsaPopulation, type WindowEnd } from '../../neurons/tsa.ts';
import { IntegerTsaPopulation, membraneSum } from '../../neurons/tsa-integer.ts';
import { opNamed } from '../../ops/index.ts';
import {
  type AnalogSnnNode,
  type DecoderNode,
  type EncoderNode,
  type LinearSnnNode,
  membraneType,
  type Network,
  type NeuronNode,
  type ReadoutNode,
} from '../../snn/network/network.ts';
import { membraneSumOf, tsaParameters } from '../../snn/network/population.ts';
import { type Shape, sizeOf, type Tensor, tensor } from '../../tensor/tensor.ts';
import type { LayerTrace } from '../engine.ts';

/** Spikes or currents: float32, or whole numbers in float64. */
export interface Running extends Tensor {
  readonly data: Float32Array | Float64Array;
}

/** Silence, in the arithmetic of the network. */
export function silence(network: Network, shape: Shape): Running {
  return tensor(membraneType(network), shape) as Running;
}

/** Applies a linear or analog node to running values [N, ...shape]; constants are filled in. */
export function applyLinear(
  network: Network,
  node: LinearSnnNode | AnalogSnnNode,
  running: (value: string) => Running,
): Running {
  const operands = node.sources.map((source) =>
    'constant' in source ? network.constants.get(source.constant)! : running(source.value),
  );
  return opNamed(node.op)!.evaluate(node.attributes, operands)[0] as Running;
}

/** The encoder over the pixels of some images; on the grid of the input's quantizer where there is one. */
export function encoderOver(network: Network, node: EncoderNode, pixels: Float32Array): InputEncoder {
  const { grid, theta } = node;
  const encoder = encoderNamed(node.encoder);
  const values = grid === undefined ? pixels : quantized(pixels, grid);
  return encoder.spikes
    ? new SpikeEncoder(encoder, network.coding, theta / (grid?.scale ?? 1), values)
    : new DirectInput(values);
}

/** What an encoder puts out, step by step. */
export interface InputEncoder {
  step(out: Float32Array | Float64Array): void;
}

/** A layer's neurons in either arithmetic. */
export interface Population {
  step(t: number, z: readonly (Float32Array | Float64Array)[], spikes: Float32Array | Float64Array): void;
  atEnd(): WindowEnd;
  /** Integer networks: the largest |h| of each source so far. */
  readonly largest?: readonly number[];
}

/** The neurons of a layer for a batch of images. */
export function populationOf(network: Network, node: NeuronNode, images: number): Population {
  const parameters = tsaParameters(network, node, images);
  const potentials = images * sizeOf(node.potentialShape);
  const neurons = images * sizeOf(node.shape);
  if (network.arithmetic === 'integer') {
    return new IntegerTsaPopulation(parameters, membraneSumOf(network, node, images), potentials, neurons);
  }
  const population = new TsaPopulation(parameters, potentials, neurons, node.product === true);
  return {
    step: (t, [z, second], spikes) =>
      population.step(t, z as Float32Array, spikes as Float32Array, second as Float32Array | undefined),
    atEnd: () => population.atEnd(),
  };
}

/** The accumulator of a decoder, h = beta h + z in the ANN's units: after T steps it is the value. */
export class DecoderAccumulator {
  readonly h: Float32Array;
  private readonly beta: number;

  constructor(network: Network, node: DecoderNode, images: number) {
    this.h = new Float32Array(images * sizeOf(node.shape));
    this.beta = Math.fround(network.coding.beta);
  }

  /** Advances by one step. */
  step(z: ArrayLike<number>): void {
    const { h, beta } = this;
    for (let i = 0; i < h.length; i++) h[i] = Math.fround(beta * h[i]!) + z[i]!;
  }
}

/** The accumulator of a readout, h = beta h + z, with the answer that it gives after each step. */
export class Accumulator {
  private readonly network: Network;
  private readonly node: ReadoutNode;
  private readonly images: number;
  private readonly h: readonly (Float32Array | Float64Array)[];

  constructor(network: Network, node: ReadoutNode, images: number) {
    const size = images * sizeOf(node.shape);
    this.network = network;
    this.node = node;
    this.images = images;
    this.h = node.sources.map(() => silence(network, [size]).data);
  }

  /** Advances to step t (1-based) and writes the logits in float32. */
  step(t: number, z: readonly (Float32Array | Float64Array)[], logits: Float32Array): void {
    const { T, beta } = this.network.coding;
    const integer = this.network.arithmetic === 'integer';
    const factor = integer ? beta : Math.fround(beta);
    this.h.forEach((h, k) => {
      for (let i = 0; i < h.length; i++) {
        h[i] = integer ? factor * h[i]! + z[k]![i]! : Math.fround(factor * h[i]!) + z[k]![i]!;
      }
    });
    if (!integer) {
      logits.set(this.h[0]!);
      return;
    }
    const sum = new Float64Array(logits.length);
    const inputs = membraneSumOf(this.network, this.node, this.images);
    membraneSum(sum, inputs, this.h as readonly Float64Array[], biasShare(t, T, beta));
    logits.set(sum);
  }
}

/** Counts a spike train [T, images, ...shape], `size` neurons an image. */
export function countSpikes(
  spikes: ArrayLike<number>,
  T: number,
  size: number,
): Pick<LayerTrace, 'perStep' | 'perNeuron'> {
  const perStep = new Float64Array(T);
  const perNeuron = new Float64Array(size);
  const stepLength = spikes.length / T;
  for (let i = 0; i < spikes.length; i++) {
    if (spikes[i] === 0) continue;
    perStep[Math.floor(i / stepLength)]!++;
    perNeuron[i % size]!++;
  }
  return { perStep, perNeuron };
}

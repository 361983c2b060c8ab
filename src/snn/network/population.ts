// From a network's neuron layer to the parameters of its dynamics.
import { neuronNamed } from '../../neurons/index.ts';
import type { Potentials } from '../../neurons/neuron.ts';
import type { TsaParameters } from '../../neurons/tsa.ts';
import type { MembraneSum } from '../../neurons/tsa-integer.ts';
import { opNamed } from '../../ops/index.ts';
import { broadcastIndex } from '../../tensor/broadcast.ts';
import { type Shape, sizeOf } from '../../tensor/tensor.ts';
import type { Network, NeuronNode, ReadoutNode } from './network.ts';

/** The TSA parameters of a layer for a batch of `images`. */
export function tsaParameters(network: Network, node: NeuronNode, images: number): TsaParameters {
  const { T, beta } = network.coding;
  const { pool, affine, parameters, potentialShape } = node;
  const array = network.arithmetic === 'integer' ? Float64Array : Float32Array;
  const perNeuron = (name: string): Potentials => array.from(repeated(network, name, node.shape, images));
  return {
    neuron: neuronNamed(node.neuron),
    T,
    Ts: node.Ts,
    beta,
    phi: node.phi,
    ...(node.lastPhi === undefined ? {} : { lastPhi: node.lastPhi }),
    ...(node.negativeSpikes === undefined ? {} : { negativeSpikes: node.negativeSpikes }),
    ...(node.forecast === undefined ? {} : { forecast: node.forecast }),
    ...(pool === undefined
      ? {}
      : {
          pool: (h) =>
            opNamed('MaxPool')!.evaluate(pool, [
              {
                dtype: h instanceof Float32Array ? 'float32' : 'float64',
                shape: [images, ...potentialShape],
                data: h,
              },
            ])[0]!.data as Potentials,
        }),
    ...(affine === undefined
      ? {}
      : { affine: { scale: perNeuron(affine.scale), shift: perNeuron(affine.shift) } }),
    ...(parameters === undefined
      ? {}
      : {
          parameters: Object.fromEntries(
            Object.entries(parameters).map(([name, constant]) => [name, perNeuron(constant)]),
          ),
        }),
  };
}

/** What a neuron layer or a readout of an integer network sums, for a batch of `images`. */
export function membraneSumOf(network: Network, node: NeuronNode | ReadoutNode, images: number): MembraneSum {
  const shape = node.kind === 'neuron' ? node.potentialShape : node.shape;
  const perPotential = (name: string) => repeated(network, name, shape, images);
  return {
    scales: node.sources.map((source) => perPotential(source.scale!)),
    ...(node.bias === undefined ? {} : { bias: perPotential(node.bias) }),
    ahead: node.sources.map(({ aheadSteps = 0 }) => aheadSteps),
  };
}

/** A constant for every element of `images` images of `shape`: its own shape, one for each channel, or a scalar. */
function repeated(network: Network, name: string, shape: Shape, images: number): Float64Array {
  const constant = network.constants.get(name)!;
  const perImage = broadcastIndex(channelsFirst(constant.shape, shape), shape);
  const size = sizeOf(shape);
  return Float64Array.from({ length: images * size }, (_, i) => constant.data[perImage[i % size]!]!);
}

/** [C] as [C, 1, ...], so that it is broadcast over the channels of an image. */
export function channelsFirst(constant: Shape, shape: Shape): Shape {
  return constant.length === 1 ? [constant[0]!, ...shape.slice(1).map(() => 1)] : constant;
}

// From a network's neuron layer to the parameters of its dynamics.
import { neuronNamed } from '../neurons/index.ts';
import type { TsaParameters } from '../neurons/tsa.ts';
import { opNamed } from '../ops/index.ts';
import { floatTensor, type Shape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { Network, NeuronNode } from './network.ts';

/** The TSA parameters of a layer for a batch of `images`. */
export function tsaParameters(network: Network, node: NeuronNode, images: number): TsaParameters {
  const { T, beta } = network.coding;
  const { pool, affine, potentialShape } = node;
  return {
    neuron: neuronNamed(node.neuron),
    T,
    Ts: node.Ts,
    beta,
    phi: node.phi,
    ...(pool === undefined
      ? {}
      : {
          pool: (h) =>
            opNamed('MaxPool')!.evaluate(pool, [floatTensor([images, ...potentialShape], h)])[0]!
              .data as Float32Array,
        }),
    ...(affine === undefined
      ? {}
      : {
          affine: {
            scale: perNeuron(network.constants.get(affine.scale)!, node.shape, images),
            shift: perNeuron(network.constants.get(affine.shift)!, node.shape, images),
          },
        }),
  };
}

function perNeuron(channels: Tensor, shape: Shape, images: number): Float32Array {
  const area = sizeOf(shape.slice(1));
  const size = sizeOf(shape);
  return Float32Array.from(
    { length: images * size },
    (_, i) => channels.data[Math.floor((i % size) / area)]!,
  );
}

// What a network is given for one image: its one input, or all elements of several side by side.
import { packedShape, unpackImages } from '../../tensor/packed.ts';
import type { FloatTensor, Shape } from '../../tensor/tensor.ts';
import { inputEncoders, type Network } from './network.ts';

/** Shape of one image. */
export function imageShapeOf(network: Pick<Network, 'nodes'>): Shape {
  return packedShape(inputEncoders(network).map(({ shape }) => shape));
}

/** Every input of images [N, ...image], by its encoder's name. */
export function inputsOf(
  network: Pick<Network, 'nodes'>,
  images: FloatTensor,
): ReadonlyMap<string, FloatTensor> {
  const encoders = inputEncoders(network);
  const inputs = unpackImages(
    encoders.map(({ shape }) => shape),
    images,
  );
  return new Map(encoders.map(({ name }, i) => [name, inputs[i]!]));
}

// Several inputs as one image: all elements side by side, in the order of the inputs.
import { type FloatTensor, floatTensor, type Shape, sizeOf } from './tensor.ts';

/** Shape of one image of inputs of these shapes: that of the one input, or [F] for all elements of several. */
export function packedShape(inputs: readonly Shape[]): Shape {
  return inputs.length === 1 ? inputs[0]! : [inputs.reduce((sum, shape) => sum + sizeOf(shape), 0)];
}

/** Every input of images [N, ...image]: [N, ...shape], in order. */
export function unpackImages(inputs: readonly Shape[], images: FloatTensor): FloatTensor[] {
  if (inputs.length === 1) return [images];
  const count = images.shape[0]!;
  const total = images.data.length / count;
  let from = 0;
  return inputs.map((shape) => {
    const size = sizeOf(shape);
    const input = floatTensor([count, ...shape]);
    for (let n = 0; n < count; n++) {
      input.data.set(images.data.subarray(n * total + from, n * total + from + size), n * size);
    }
    from += size;
    return input;
  });
}

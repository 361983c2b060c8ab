// An average in front of weights is a convolution with a larger window: a convolution behind a pool of k x k has a kernel
// k times as large and strides k times as wide. Written out synapse by synapse, LeNet's took 1.8 of its 2.4 ms an image.
import type { Window } from '../../ops/window.ts';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.ts';

/** A convolution's window and its weights [C_out, C_in / group, ...kernel]. */
export interface Windowed {
  readonly window: Window;
  readonly weights: Tensor;
}

/** The convolution over what `pool` averages as one over what the pool sees; null where no window describes that. */
export function behindPool(pool: Window, { window, weights }: Windowed): Windowed | null {
  const axes = [0, 1] as const;
  const padded = (w: Window) => [...w.padsBegin, ...w.padsEnd].some((pad) => pad !== 0);
  // Where a convolution is padded, its padding must be whole windows of the pool.
  const tiled = axes.every(
    (axis) =>
      pool.kernel[axis] === pool.strides[axis] &&
      pool.output[axis]! * pool.strides[axis]! === pool.input[axis],
  );
  const partial = axes.some(
    (axis) => (pool.output[axis]! - 1) * pool.strides[axis]! + pool.kernel[axis]! > pool.input[axis]!,
  );
  if (padded(pool) || partial || (padded(window) && !tiled)) return null;
  const apart = axes.map((axis) => window.dilations[axis]! * pool.strides[axis]!) as [number, number];
  const kernel = axes.map((axis) => (window.kernel[axis]! - 1) * apart[axis]! + pool.kernel[axis]!);
  const times = (numbers: readonly number[]) => numbers.map((n, axis) => n * pool.strides[axis]!);
  return {
    window: {
      input: pool.input,
      output: window.output,
      kernel,
      strides: times(window.strides),
      dilations: [1, 1],
      padsBegin: times(window.padsBegin),
      padsEnd: times(window.padsEnd),
    },
    weights: spread(weights, apart, pool.kernel, kernel),
  };
}

/** Each weight as an equal share to every element of its pool's window, float64. */
function spread(
  { shape, data }: Tensor,
  [apartY, apartX]: readonly [number, number],
  pool: readonly number[],
  kernel: readonly number[],
): Tensor {
  const [outputs, inputs, height, width] = shape as [number, number, number, number];
  const [poolHeight, poolWidth] = pool as [number, number];
  const out = tensor('float64', [outputs, inputs, ...kernel]);
  const area = sizeOf(kernel);
  for (let i = 0; i < data.length; i++) {
    const x = (i % width) * apartX;
    const y = (Math.floor(i / width) % height) * apartY;
    const filter = Math.floor(i / (width * height)) * area;
    for (let dy = 0; dy < poolHeight; dy++) {
      for (let dx = 0; dx < poolWidth; dx++) {
        out.data[filter + (y + dy) * kernel[1]! + x + dx]! += data[i]! / (poolHeight * poolWidth);
      }
    }
  }
  return out;
}

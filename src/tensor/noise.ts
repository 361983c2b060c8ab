// Seeded noise: the same numbers every time, for checks that have no data to run on.
import { type FloatTensor, floatTensor, type Shape } from './tensor.ts';

/** Uniform values in [-reach, reach), from a linear congruential generator (Numerical Recipes' constants). */
export function noise(shape: Shape, reach: number, seed = 1): FloatTensor {
  const out = floatTensor(shape);
  let state = seed >>> 0;
  for (let i = 0; i < out.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out.data[i] = reach * (state / 2 ** 31 - 1);
  }
  return out;
}

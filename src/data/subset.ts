// Some images of a data set as a data set: the halves and samples on which a search decides.
import type { Tensor } from '../tensor/tensor.ts';
import { tensor } from '../tensor/tensor.ts';
import type { Dataset } from './dataset-reader.ts';

/**
 * The images of these indices, in this order. File and SHA-256 stay those of the whole set.
 * @param indices of images of `dataset`
 */
export function subset(dataset: Dataset, indices: readonly number[]): Dataset {
  const { labels } = dataset;
  return {
    ...dataset,
    count: indices.length,
    labels: labels === null ? null : Int32Array.from(indices, (i) => labels[i]!),
    read: async (from, to) => joined(dataset, indices.slice(from, to)),
  };
}

async function joined(dataset: Dataset, indices: readonly number[]): Promise<Tensor> {
  const parts: Tensor[] = [];
  for (const i of indices) parts.push(await dataset.read(i, i + 1));
  const [, ...image] = parts[0]?.shape ?? [0, ...dataset.shape];
  const all = tensor(dataset.dtype, [parts.length, ...image]);
  let at = 0;
  for (const { data } of parts) {
    (all.data as Float32Array).set(data as Float32Array, at);
    at += data.length;
  }
  return all;
}

/**
 * The numbers 0 to `count` - 1 in an order that looks random and is always the same, so that halves of a set sorted by class
 * hold all classes: Fisher and Yates's shuffle with a linear congruential generator (Numerical Recipes' constants).
 */
export function shuffledIndices(count: number, seed = 1): number[] {
  const indices = Array.from({ length: count }, (_, i) => i);
  let state = seed >>> 0;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  return indices;
}

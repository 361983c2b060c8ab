// Spikes and synaptic operations of a step, counted inside the model: one product of the step's spikes with two columns, a
// 1 and the fan-out of each neuron.

import type { GraphBuilder } from '../snn/onnx/builder.ts';
import { type Shape, sizeOf, tensor } from '../tensor/tensor.ts';

/** Columns of what is counted. */
export const COUNTED = { spikes: 0, syops: 1 } as const;

/**
 * Adds the counting of a layer's spikes [N, ...shape].
 * @returns the name of [N, 2]
 */
export function countSpikes(
  b: GraphBuilder,
  layer: string,
  {
    spikes,
    shape,
    fanOut,
  }: { readonly spikes: string; readonly shape: Shape; readonly fanOut: Float64Array },
): string {
  const size = sizeOf(shape);
  const columns = tensor('float32', [size, 2]);
  for (let i = 0; i < size; i++) {
    columns.data[2 * i + COUNTED.spikes] = 1;
    columns.data[2 * i + COUNTED.syops] = fanOut[i]!;
  }
  const flat = b.node('Reshape', [spikes, b.indices([-1, size])]);
  return b.node('MatMul', [flat, b.constant(`coding:${layer}/synapses`, columns)]);
}

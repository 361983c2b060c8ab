// Float weights on grids of their own, for chips that hold integers: one scale for each output channel, symmetric, rounded
// to the nearest.
import { type CanonicalGraph, consumersOf, type ValueId } from '../../graph/graph.ts';
import { ownConstantId, rewrite, withInputs } from '../../graph/rewrite.ts';
import { type Grid, roundHalfEven } from '../../tensor/grid.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Widths that weights can be quantized to. */
export const WEIGHT_BITS = [8, 4] as const;

export type WeightBits = (typeof WEIGHT_BITS)[number];

/** Quantizes the weights of every Conv and Gemm that are not on a grid already; biases stay as they are. */
export function quantizeWeights(graph: CanonicalGraph, bits: WeightBits): CanonicalGraph {
  const consumers = consumersOf(graph);
  const quantized = rewrite(graph, (node) => {
    if (node.op !== 'Conv' && node.op !== 'Gemm') return null;
    const weights = graph.constants.get(node.inputs[1]!);
    if (weights === undefined || weights.grid !== undefined) return null;
    const id = ownConstantId(graph, consumers, node.inputs[1], node.name, 'weight');
    return {
      nodes: [withInputs(node, node.inputs.with(1, id))],
      constants: new Map<ValueId, Tensor>([[id, onGrid(weights, bits)]]),
    };
  });
  return quantized as CanonicalGraph;
}

/** scale_c = max|w_c| / (2^(bits-1) - 1), w = scale_c * round(w / scale_c), c along axis 0. */
function onGrid(weights: Tensor, bits: WeightBits): Tensor {
  const levels = 2 ** (bits - 1) - 1;
  const fan = weights.data.length / weights.shape[0]!;
  const scale = Array.from({ length: weights.shape[0]! }, (_, c) => {
    const row = Float64Array.from(weights.data.subarray(c * fan, (c + 1) * fan), Math.abs);
    const largest = row.reduce((most, w) => Math.max(most, w), 0);
    // A channel of zeros lies on any grid.
    return Math.fround(largest / levels) || 1;
  });
  const data = Float32Array.from(weights.data, (w, i) => {
    const step = scale[Math.floor(i / fan)]!;
    return step * Math.min(Math.max(roundHalfEven(w / step), -levels), levels);
  });
  const grid: Grid = { scale, axis: 0, low: -levels, high: levels };
  return { dtype: 'float32', shape: weights.shape, data, grid };
}

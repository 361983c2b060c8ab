// The pieces that the layer-by-layer and the stepped run share, so that both compute the same numbers.
import { opNamed } from '../../ops/index.ts';
import type { LinearSnnNode, Network } from '../../snn/network.ts';
import type { FloatTensor } from '../../tensor/tensor.ts';

/** Applies a linear node to running values [N, ...shape]; constants are filled in. */
export function applyLinear(
  network: Network,
  node: LinearSnnNode,
  running: (value: string) => FloatTensor,
): FloatTensor {
  const operands = node.sources.map((source) =>
    'constant' in source ? network.constants.get(source.constant)! : running(source.value),
  );
  return opNamed(node.op)!.evaluate(node.attributes, operands)[0] as FloatTensor;
}

/** Adds one step's spikes to the counts of a layer: counts[step, element] over all images. */
export function countSpikes(counts: Float64Array, step: number, spikes: Float32Array, size: number): void {
  const offset = step * size;
  for (let i = 0; i < spikes.length; i++) {
    if (spikes[i] !== 0) counts[offset + (i % size)]!++;
  }
}

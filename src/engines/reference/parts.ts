// The pieces that the layer-by-layer and the stepped run share, so that both compute the same numbers.
import { opNamed } from '../../ops/index.ts';
import type { LinearSnnNode, Network } from '../../snn/network.ts';
import type { FloatTensor } from '../../tensor/tensor.ts';
import type { LayerTrace } from '../engine.ts';

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

/** Counts a spike train [T, images, ...shape], `size` neurons an image. */
export function countSpikes(
  spikes: ArrayLike<number>,
  T: number,
  size: number,
): Pick<LayerTrace, 'perStep' | 'perNeuron'> {
  const perStep = new Float64Array(T);
  const perNeuron = new Float64Array(size);
  const stepLength = spikes.length / T;
  for (let i = 0; i < spikes.length; i++) {
    if (spikes[i] === 0) continue;
    perStep[Math.floor(i / stepLength)]!++;
    perNeuron[i % size]!++;
  }
  return { perStep, perNeuron };
}

// The network that all codings of a comparison share: its plan, its synapses, and the statistics of its layers.
import type { Calibration } from '../calibration/calibration.ts';
import type { CanonicalGraph } from '../graph/graph.ts';
import { classCount } from '../metrics/accuracy.ts';
import { encoderFanOut, fanOuts } from '../metrics/fan-out.ts';
import { latencyOf } from '../metrics/latency.ts';
import { inputEncoders, type Network } from '../snn/network/network.ts';
import type { PlannedNeuron, PlannedReadout, SpikingPlan } from '../snn/plan/planned.ts';
import type { FloatTensor } from '../tensor/tensor.ts';

export interface CodingSubject {
  readonly plan: SpikingPlan;
  /** The ANN, with everything that the file computes. */
  readonly ann: CanonicalGraph;
  readonly calibration: Calibration;
  /** Calibration images as the network wants them: [n, ...image]. Some threshold rules run on them. */
  readonly images: FloatTensor;
  /** Synapses of every neuron, by layer: arrays of the layer's shape. */
  readonly fanOut: ReadonlyMap<string, Float64Array>;
  /** What the first weights multiply when the image enters once. */
  readonly inputMacs: number;
  /** Neuron layers on the longest path. */
  readonly depth: number;
}

/**
 * What codings are run on.
 * @param network a conversion of the same plan, for its synapses: they are the same whatever the coding
 */
export function codingSubject(
  given: Pick<CodingSubject, 'plan' | 'ann' | 'calibration' | 'images'>,
  network: Network,
): CodingSubject {
  const reached = inputEncoders(network).flatMap((encoder) => [...encoderFanOut(network, encoder)]);
  return {
    ...given,
    fanOut: fanOuts(network),
    inputMacs: reached.reduce((sum, targets) => sum + targets, 0),
    depth: latencyOf(network).tsaLayers,
  };
}

/** The layers of neurons of a plan. */
export function neuronsOf({ plan }: Pick<CodingSubject, 'plan'>): PlannedNeuron[] {
  return plan.nodes.filter((node) => node.kind === 'neuron');
}

/** The output that is read as class scores: the first that is a vector. Null where there is none. */
export function scoresOf({ plan }: Pick<CodingSubject, 'plan'>): PlannedReadout | null {
  const readouts = plan.nodes.filter((node) => node.kind === 'readout');
  return readouts.find(({ shape }) => classCount(shape) !== null) ?? null;
}

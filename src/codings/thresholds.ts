// Amplitudes that follow from the statistics of each layer alone: its largest value, or a percentile.
import { Ann2SnnError } from '../errors.ts';
import { type Unit, unitAt, unitProduct } from '../ops/unit.ts';
import type { PlannedNeuron } from '../snn/plan/planned.ts';
import type { LayerAmplitudes } from './baseline-coding.ts';
import { type CodingSubject, neuronsOf } from './subject.ts';

/**
 * The value of each layer that a full code stands for: the percentile of |activation| (100: the largest), no more than the
 * layer's clip lets through; the largest integer of a quantizer where it has one. A layer that never was active gets 1.
 * @param factor of all of them
 */
export function topsAt(subject: CodingSubject, percent: number, factor = 1): LayerAmplitudes {
  return new Map(
    neuronsOf(subject).map((node) => [node.output, unitProduct(topOf(subject, node, percent), factor)]),
  );
}

function topOf({ calibration }: CodingSubject, node: PlannedNeuron, percent: number): Unit {
  if (node.quantizer !== undefined) {
    const { scale, high } = node.quantizer;
    return scale.length === 1 ? scale[0]! * high : scale.map((one) => one * high);
  }
  const layer = calibration.layers[node.output];
  if (layer === undefined) {
    throw new Ann2SnnError('invalid-calibration', {
      where: `layer "${node.output}"`,
      message: 'expected its statistics, the calibration has none',
    });
  }
  if ('amplitude' in layer) return layer.amplitude;
  const top = percent === 100 ? layer.max : layer.percentiles[String(percent)];
  if (top === undefined) {
    throw new Ann2SnnError('invalid-calibration', {
      where: `layer "${node.output}"`,
      message: `expected percentile ${percent}, the calibration holds ${Object.keys(layer.percentiles).join(', ')}`,
    });
  }
  return atMost(node, (top > 0 ? top : layer.max) || 1);
}

/** The amplitude, but no more than the neuron's clip lets through. */
export function atMost({ parameters: { high } }: Pick<PlannedNeuron, 'parameters'>, top: Unit): Unit {
  if (high === undefined) return top;
  if (high.length === 1 && typeof top === 'number') return Math.min(top, high[0]!);
  const channels = typeof top === 'number' ? high.length : top.length;
  return Array.from({ length: channels }, (_, c) =>
    Math.min(unitAt(top, c), high.length === 1 ? high[0]! : high[c]!),
  );
}

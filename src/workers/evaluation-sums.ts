import { scoredReadout } from '../metrics/accuracy.ts';
import type { EvaluationSums } from '../report/build-report.ts';
import type { Network } from '../snn/network/network.ts';
import type { ShardSums } from './shard-sums.ts';

/** The sums that a report is made of: what was not compared is null there, not 0. */
export function evaluationSums(
  network: Network,
  sums: ShardSums,
  has: { readonly ann: boolean; readonly labels: boolean },
): EvaluationSums {
  const scored = scoredReadout(network) !== null;
  const hasAnn = has.ann && scored;
  const hasLabels = has.labels && scored;
  return {
    tally: sums.tally,
    diagnosis: sums.diagnosis,
    diagnosedImages: sums.diagnosed,
    outputs: sums.outputs,
    perStep: hasLabels ? sums.perStep : null,
    ann: hasAnn && hasLabels ? sums.ann : null,
    agreeing: hasAnn ? sums.agreeing : null,
  };
}

// What one shard measured, as plain sums that cross threads, and their addition.
import { addHistogram } from '../calibration/histogram.ts';
import { type AccuracyCount, emptyAccuracy } from '../metrics/accuracy.ts';
import type { DiagnosisSums } from '../metrics/diagnosis.ts';
import type { OutputsSums } from '../metrics/output-errors.ts';
import { emptyTally, type SpikeTally } from '../metrics/tally.ts';

export interface ShardSums {
  readonly tally: SpikeTally;
  readonly diagnosis: DiagnosisSums;
  /** Images in `diagnosis`. */
  diagnosed: number;
  readonly outputs: OutputsSums;
  /** Right answers after each readout step, 1 to T; zeros without labels or scores. */
  readonly perStep: readonly AccuracyCount[];
  readonly ann: AccuracyCount;
  agreeing: number;
  /** Images with labels that only one of ANN and SNN has right. */
  readonly discordant: { onlyAnn: number; onlySnn: number };
  readonly seconds: { ann: number; snn: number };
}

export function emptySums(T: number): ShardSums {
  return {
    tally: emptyTally(),
    diagnosis: new Map(),
    diagnosed: 0,
    outputs: new Map(),
    perStep: Array.from({ length: T }, emptyAccuracy),
    ann: emptyAccuracy(),
    agreeing: 0,
    discordant: { onlyAnn: 0, onlySnn: 0 },
    seconds: { ann: 0, snn: 0 },
  };
}

/** Adds `other`, which may become part of `sums`. */
export function addSums(sums: ShardSums, other: ShardSums): void {
  sums.tally.images += other.tally.images;
  for (const [name, layer] of other.tally.layers) {
    const sum = sums.tally.layers.get(name);
    if (sum === undefined) sums.tally.layers.set(name, layer);
    else {
      addArray(sum.perStep, layer.perStep);
      addArray(sum.perNeuron, layer.perNeuron);
    }
  }
  addDiagnoses(sums.diagnosis, other.diagnosis);
  addOutputs(sums.outputs, other.outputs);
  sums.perStep.forEach((count, t) => {
    addCount(count, other.perStep[t]!);
  });
  addCount(sums.ann, other.ann);
  sums.diagnosed += other.diagnosed;
  sums.agreeing += other.agreeing;
  sums.discordant.onlyAnn += other.discordant.onlyAnn;
  sums.discordant.onlySnn += other.discordant.onlySnn;
  sums.seconds.ann += other.seconds.ann;
  sums.seconds.snn += other.seconds.snn;
}

/** The large arrays of a shard's sums, to be handed to another thread without a copy. */
export function buffersOf({ tally, diagnosis }: ShardSums): ArrayBuffer[] {
  const arrays = [
    ...[...tally.layers.values()].flatMap(({ perStep, perNeuron }) => [perStep, perNeuron]),
    ...[...diagnosis.values()].map(({ residuals }) => residuals.counts),
  ];
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))];
}

function addDiagnoses(sums: DiagnosisSums, others: DiagnosisSums): void {
  for (const [name, layer] of others) {
    const sum = sums.get(name);
    if (sum === undefined) {
      sums.set(name, layer);
      continue;
    }
    addHistogram(sum.residuals, layer.residuals);
    sum.absoluteResiduals += layer.absoluteResiduals;
    sum.membrane = Math.max(sum.membrane, layer.membrane);
    sum.values += layer.values;
    sum.saturated += layer.saturated;
    sum.squaredError += layer.squaredError;
    sum.squaredAnn += layer.squaredAnn;
    sum.compared ||= layer.compared;
    sum.own.saturation += layer.own.saturation;
    sum.own.residual += layer.own.residual;
    sum.own.rounding += layer.own.rounding;
  }
}

function addOutputs(sums: OutputsSums, others: OutputsSums): void {
  for (const [name, output] of others) {
    const sum = sums.get(name);
    if (sum === undefined) {
      sums.set(name, output);
      continue;
    }
    sum.images += output.images;
    sum.squaredAnn += output.squaredAnn;
    addArray(sum.squaredError, output.squaredError);
    sum.worst = Math.max(sum.worst, output.worst);
    sum.pixels += output.pixels;
    sum.agreeing += output.agreeing;
  }
}

function addCount(sum: AccuracyCount, other: AccuracyCount): void {
  sum.images += other.images;
  sum.top1 += other.top1;
  sum.top5 += other.top5;
}

function addArray(sum: Float64Array, other: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += other[i]!;
}

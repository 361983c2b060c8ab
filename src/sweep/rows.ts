// What a sweep says of one network: its setting and its figures. docs/sweep.md describes every field.
import { z } from 'zod';
import { classCount } from '../metrics/accuracy.ts';
import { pairedInterval, wilsonInterval } from '../metrics/confidence.ts';
import type { NetworkFigures } from '../workers/network-run.ts';
import type { JobSetting } from './job-key.ts';

const fraction = z.number().nullable();
const interval = z.object({ low: z.number(), high: z.number() }).nullable();

/** Accuracies, losses and agreements are fractions; counts are per image. Null where labels or scores are missing. */
export const figuresSchema = z.object({
  T: z.number(),
  beta: z.number(),
  Ts: z.number(),
  phi: z.number(),
  encoder: z.string(),
  percentile: z.number(),
  images: z.number(),
  accuracy: fraction,
  accuracyInterval: interval,
  annAccuracy: fraction,
  annAccuracyInterval: interval,
  loss: fraction,
  lossInterval: interval,
  agreement: fraction,
  agreementInterval: interval,
  logitError: fraction,
  latency: z.number(),
  interval: z.number(),
  spikesPerNeuron: z.number(),
  opf: z.number(),
  opfWithEncoder: z.number(),
  syops: z.number(),
  macs: z.number(),
  energyMj: z.number(),
  annEnergyMj: z.number(),
  energyModel: z.string(),
  residual: z
    .object({
      mean: z.number(),
      median: z.number(),
      p999: z.number(),
      worstLayer: z.string(),
      worstLayerP999: z.number(),
    })
    .nullable(),
  arithmetic: z.enum(['float32', 'integer']),
});

export type RowFigures = z.infer<typeof figuresSchema>;

/** One line of the journal. */
export const rowSchema = z.object({ key: z.string(), figures: figuresSchema });

export type MeasuredRow = z.infer<typeof rowSchema>;

/** The figures of one network. */
export function figuresOf({ coding, percentile }: JobSetting, measured: NetworkFigures): RowFigures {
  const { report, residuals, discordant } = measured;
  const { images, ann, snn, operations, energy, outputs } = report;
  const wilson = (share: number | null) =>
    share === null ? null : wilsonInterval(Math.round(share * images), images);
  const scores = outputs.find(({ shape }) => classCount(shape) !== null) ?? outputs[0];
  return {
    T: coding.T,
    beta: coding.beta,
    Ts: coding.Ts,
    phi: coding.phi,
    encoder: coding.encoder,
    percentile,
    images,
    accuracy: snn.accuracy,
    accuracyInterval: wilson(snn.accuracy),
    annAccuracy: ann.accuracy,
    annAccuracyInterval: wilson(ann.accuracy),
    loss: report.conversionLoss,
    lossInterval: discordant === null ? null : pairedInterval(discordant, images),
    agreement: snn.agreement,
    agreementInterval: wilson(snn.agreement),
    // What is no number would come back from the journal as null.
    logitError: Number.isFinite(scores?.relativeError) ? scores!.relativeError : null,
    latency: report.latency.steps,
    interval: report.latency.interval,
    spikesPerNeuron: report.spikes.perNeuron,
    opf: operations.opf,
    opfWithEncoder: operations.opfWithEncoder,
    syops: operations.syops.fanOut,
    macs: operations.macs.fanOut,
    energyMj: energy.snnMj,
    annEnergyMj: energy.annMj,
    energyModel: energy.model,
    residual:
      residuals === null
        ? null
        : {
            mean: residuals.mean,
            median: residuals.median,
            p999: residuals.p999,
            worstLayer: residuals.worst.layer,
            worstLayerP999: residuals.worst.p999,
          },
    arithmetic: report.arithmetic,
  };
}

// What calibration measures, as a file: statistics of every tensor that will be carried by spikes, or amplitudes
// given by hand. Reusable at any T and beta.
import { z } from 'zod';
import { preprocessingSchema } from '../data/preprocessing-schema.ts';
import { kappa } from '../encoders/kappa.ts';
import { Ann2SnnError, messageOf, type Problem, throwIfAny } from '../errors.ts';
import { checkedBy } from '../schema.ts';
import { type Histogram, PERCENTILE_ERROR_BOUND, percentile } from './histogram.ts';

/** Percentiles that a calibration file holds besides the one asked for. */
export const STORED_PERCENTILES = [99, 99.5, 99.9, 99.95, 99.99, 99.999] as const;

/** How percentiles are taken; printed into every calibration file. */
const PERCENTILE_DEFINITION =
  'of |x| over all images and elements, zeros included, linear interpolation between order statistics; ' +
  `each order statistic within a relative ${PERCENTILE_ERROR_BOUND} (one-pass histogram)`;

const FORMAT = 'ann2snn-calibration/1';

/** A layer measured: statistics of the tensor that it emits. */
const measuredSchema = z.object({
  max: z.number().nonnegative(),
  zeroFraction: z.number().min(0).max(1),
  count: z.number().int().nonnegative(),
  /** Magnitude at each percentile, by the percentile's number as text. */
  percentiles: z.record(z.string(), z.number().nonnegative()),
});

/** A layer given by hand: theta itself, for the layer or for each channel. */
const givenSchema = z.object({ amplitude: z.union([z.number().positive(), z.array(z.number().positive())]) });

const calibrationSchema = z.object({
  format: z.literal(FORMAT),
  model: z.object({ file: z.string(), sha256: z.string() }).nullable().default(null),
  data: z.object({ file: z.string(), sha256: z.string(), images: z.number().int() }).nullable().default(null),
  preprocessing: preprocessingSchema,
  percentileDefinition: z.string().default(PERCENTILE_DEFINITION),
  layers: z.record(
    z.string(),
    z.union([givenSchema, measuredSchema], {
      error: 'expected { amplitude } or { max, zeroFraction, count, percentiles }',
    }),
  ),
});

/** A calibration file. `layers` is keyed by the value that the layer emits; the input by its own name. */
export type Calibration = z.infer<typeof calibrationSchema>;
export type MeasuredLayer = z.infer<typeof measuredSchema>;

/** The statistics of one observed tensor, with `extra` percentiles besides STORED_PERCENTILES. */
export function measuredLayer(histogram: Histogram, extra: readonly number[] = []): MeasuredLayer {
  const wanted = [...new Set([...STORED_PERCENTILES, ...extra])].sort((a, b) => a - b);
  return {
    max: histogram.max,
    zeroFraction: histogram.count === 0 ? 0 : histogram.zeros / histogram.count,
    count: histogram.count,
    percentiles: Object.fromEntries(wanted.map((p) => [String(p), percentile(histogram, p)])),
  };
}

/** Builds a calibration file's content. */
export function calibrationOf(parts: Omit<Calibration, 'format' | 'percentileDefinition'>): Calibration {
  return { format: FORMAT, percentileDefinition: PERCENTILE_DEFINITION, ...parts };
}

/**
 * Reads a calibration file's text.
 * @throws Ann2SnnError `invalid-calibration` naming every field that is wrong.
 */
export function parseCalibration(text: string, where: string): Calibration {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Ann2SnnError('invalid-calibration', {
      where,
      message: `expected JSON: ${messageOf(error)}`,
    });
  }
  return checkedBy(calibrationSchema, json, { code: 'invalid-calibration', where, root: 'file' });
}

/**
 * Spike amplitudes theta of every layer: p / K with p the chosen percentile of the layer (full precision: CSS
 * section 4.2.1), max|x| / K for the input, or the amplitude given by hand. A layer that never was active gets 1:
 * it stays silent at any amplitude.
 * @throws Ann2SnnError `invalid-calibration` naming every layer that the calibration does not hold, and
 * `invalid-option` where it does not hold the percentile.
 */
export function amplitudesOf(
  calibration: Calibration,
  names: { readonly inputs: readonly string[]; readonly layers: readonly string[] },
  coding: { readonly T: number; readonly beta: number },
  percent: number,
): ReadonlyMap<string, number | readonly number[]> {
  if (!(percent > 0 && percent <= 100)) {
    const message = `expected a number above 0 and at most 100, found ${percent}`;
    throw new Ann2SnnError('invalid-option', { where: 'percentile', message });
  }
  const K = kappa(coding.T, coding.beta);
  const problems: Problem[] = [];
  const amplitudes = new Map<string, number | readonly number[]>();
  for (const name of [...names.inputs, ...names.layers]) {
    const layer = Object.hasOwn(calibration.layers, name) ? calibration.layers[name] : undefined;
    if (layer === undefined) {
      problems.push({
        where: `layer "${name}"`,
        message: 'expected its statistics or amplitude, the calibration has none',
      });
      continue;
    }
    if ('amplitude' in layer) {
      amplitudes.set(name, layer.amplitude);
      continue;
    }
    const largest = percent === 100 || names.inputs.includes(name);
    const top = largest ? layer.max : layer.percentiles[String(percent)];
    if (top === undefined) {
      problems.push({
        where: `layer "${name}"`,
        message: `expected percentile ${percent}, the calibration holds ${Object.keys(layer.percentiles).join(', ')}`,
      });
      continue;
    }
    amplitudes.set(name, (top > 0 ? top : layer.max) / K || 1);
  }
  throwIfAny('invalid-calibration', problems, {
    help: 'calibrate this very model (`calibrate --percentile` stores a further percentile), or give every amplitude by hand',
  });
  return amplitudes;
}

// The JSON beside a spike file: all that decoding takes, and what was measured. docs/signals.md describes it.
import { z } from 'zod';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { checkedBy } from '../schema.ts';
import { TOOL } from '../tool.ts';
import { type EncodingSettings, layoutOf } from './encoding.ts';
import { signalEncoderNamed } from './index.ts';
import type { MeasuredEncoding } from './measure.ts';
import { valuesOf } from './parameter.ts';

/** Where the record is from. */
export interface EncodingOrigin {
  /** Base name of the file, or `synthetic vibration`. */
  readonly source: string;
  /** Encodings that were tried for each feature; 0 where nothing was optimised. */
  readonly trials: number;
}

const finite = z.number();
const record = z.object({
  method: z.string(),
  behaviour: z.enum(['reference', 'corrected']),
  time: z.int().positive(),
  flat: z.boolean(),
  features: z
    .array(
      z.object({
        name: z.string(),
        low: finite,
        high: finite,
        first: finite,
        parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
      }),
    )
    .min(1),
});

/** The record as plain data. It holds no times, so that the same input gives the same bytes. */
export function encodingRecord(measured: MeasuredEncoding, origin: EncodingOrigin) {
  const { encoding, metrics, mseOfFeatures } = measured;
  const { encoder, behaviour, time, flat, features } = encoding;
  return {
    tool: TOOL,
    signal: origin.source,
    method: encoder.name,
    behaviour,
    time,
    flat,
    ...layoutOf(encoding),
    features: features.map(({ name, low, high, first, values }, f) => ({
      name,
      low,
      high,
      first,
      parameters: values,
      mse: mseOfFeatures[f]!,
    })),
    trials: origin.trials,
    metrics,
  };
}

/**
 * Reads what decoding takes back from a record.
 * @throws Ann2SnnError `invalid-data`, `unknown-name` or `invalid-option`, naming every field that is wrong.
 */
export function parseEncodingRecord(bytes: Uint8Array, where: string): EncodingSettings {
  const context = { code: 'invalid-data', where, root: 'the record' } as const;
  const { method, features, ...rest } = checkedBy(record, parsed(bytes, where), context);
  const encoder = signalEncoderNamed(method);
  const settings: EncodingSettings = {
    ...rest,
    encoder,
    features: features.map(({ parameters, ...feature }) => ({
      ...feature,
      values: valuesOf(encoder.parameters, parameters, `${where}: ${feature.name}`),
    })),
  };
  const layouts = settings.features.map(({ values }) => JSON.stringify(encoder.layout(values)));
  if (new Set(layouts).size > 1) {
    const message = `expected equal channels and steps of all features, found ${layouts.join(', ')}`;
    throw new Ann2SnnError('invalid-data', { where, message });
  }
  if (rest.flat && features.length > 1) {
    const message = `expected one feature of a flat signal, found ${features.length}`;
    throw new Ann2SnnError('invalid-data', { where, message });
  }
  return settings;
}

function parsed(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    const message = `expected the JSON that encode --json writes, found other text (${messageOf(error)})`;
    throw new Ann2SnnError('invalid-data', { where, message }, { cause: error });
  }
}

// Trade-off curves from a file: what `sweep --json` wrote, or the data of another page.
import { z } from 'zod';
import type { TradeOffCurve } from './metrics/trade-off.ts';
import { checkedBy } from './schema.ts';
import { figuresSchema } from './sweep/rows.ts';
import { tradeOffCurves } from './sweep/trade-off-curves.ts';

const point = z.object({
  label: z.string(),
  steps: z.number(),
  latency: z.number(),
  accuracy: z.number(),
  images: z.number(),
  agreement: z.number().nullable(),
  spikesPerNeuron: z.number(),
  syops: z.number(),
  macs: z.number(),
  energyMj: z.number(),
});

const curveFile = z.object({
  curves: z.array(z.object({ name: z.string(), label: z.string(), points: z.array(point).min(1) })).min(1),
});

const sweepFile = z.object({ coding: z.string(), rows: z.array(figuresSchema).min(1) });

/** The curves of a sweep, or those of an object with `curves`. @throws Ann2SnnError `invalid-option`, naming every field that is wrong */
export function parseCurves(text: string, file: string): readonly TradeOffCurve[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // No JSON: the schema refuses it as it refuses any other thing.
  }
  const refusal = { code: 'invalid-option', where: file, root: 'the file' } as const;
  const isSweep = typeof value === 'object' && value !== null && 'rows' in value;
  if (!isSweep) return checkedBy(curveFile, value, refusal).curves;
  const { coding, rows } = checkedBy(sweepFile, value, refusal);
  return tradeOffCurves(rows, coding);
}

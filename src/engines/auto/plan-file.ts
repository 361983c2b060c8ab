// A plan as a JSON file, to be looked at, changed and used again.
import { z } from 'zod';
import { Ann2SnnError } from '../../errors.ts';
import { readWhole, writeWhole } from '../../files.ts';
import { checkedBy } from '../../schema.ts';
import type { EnginePlan } from '../engine-plan.ts';

const PLAN_FORMAT = 'ann2snn-engine-plan/1';

const choice = z.enum(['event', 'dense']);
const milliseconds = z.number().nonnegative();
const planSchema = z.object({
  format: z.literal(PLAN_FORMAT),
  neurons: choice,
  layers: z
    .array(z.object({ kind: z.enum(['neuron', 'decoder', 'readout']), name: z.string(), currents: choice }))
    .nonempty(),
  expected: z.object({ plan: milliseconds, event: milliseconds, dense: milliseconds }).nullable(),
  assumed: z.number().int().nonnegative(),
});

/** A plan as JSON text. */
export function planText(plan: EnginePlan): string {
  return `${JSON.stringify({ format: PLAN_FORMAT, ...plan }, null, 2)}\n`;
}

/**
 * Reads a plan. What a file brings along as expected is dropped: it may have been changed since.
 * @throws Ann2SnnError `invalid-plan` naming the fields that are wrong.
 */
export function parsePlan(text: string, where: string): EnginePlan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Ann2SnnError('invalid-plan', { where, message: 'expected an engine plan as JSON' });
  }
  const checked = checkedBy(planSchema, json, { code: 'invalid-plan', where, root: 'engine plan' });
  const { format: _, ...plan } = checked;
  return { ...plan, expected: null };
}

/** Reads a plan's file. Throws `file-not-readable` or `invalid-plan`. */
export async function loadPlan(path: string): Promise<EnginePlan> {
  return parsePlan(new TextDecoder().decode(await readWhole(path)), path);
}

/** Writes a plan's file. Throws `file-not-writable`. */
export async function savePlan(path: string, plan: EnginePlan): Promise<void> {
  await writeWhole(path, planText(plan));
}

// Every constant that the energy columns use, and a file that puts others in their place.
import { z } from 'zod';
import { checkedBy } from '../schema.ts';
import { compute45nm, compute45nmInt8 } from './compute-45nm.ts';
import { memory45nm } from './memory-45nm.ts';

const energy = z.number().nonnegative();
const arithmetic = z.strictObject({
  name: z.string(),
  source: z.string(),
  macPj: energy,
  acPj: energy,
});

const schema = z.strictObject({
  float32: arithmetic,
  int8: arithmetic,
  memory: z.strictObject({
    name: z.string(),
    source: z.string(),
    accessPj: z
      .array(z.strictObject({ bytes: z.number().positive(), pj: energy }))
      .min(1)
      .refine((points) => points.every(({ bytes }, i) => i === 0 || bytes > points[i - 1]!.bytes), {
        error: 'expected ascending sizes (bytes)',
      }),
  }),
});

/** Arithmetic in float32 and of 8-bit integers, and memory accesses: picojoules, each with its source. */
export type EnergyConstants = z.infer<typeof schema>;

export const ENERGY_CONSTANTS: EnergyConstants = {
  float32: compute45nm,
  int8: compute45nmInt8,
  memory: { ...memory45nm, accessPj: [...memory45nm.accessPj] },
};

/**
 * Constants from JSON: any of `float32`, `int8` and `memory`, each whole with its name and source; what is left out stays.
 * @throws Ann2SnnError `invalid-option`, naming every field that is wrong
 */
export function parseEnergyConstants(text: string, file: string): EnergyConstants {
  const given = checkedBy(schema.partial(), parsed(text), {
    ...{ code: 'invalid-option', where: file, root: 'the file' },
  });
  return { ...ENERGY_CONSTANTS, ...(given as Partial<EnergyConstants>) };
}

/** The JSON's value; undefined, which the schema refuses, where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

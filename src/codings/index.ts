// The codings that CSS and SWS can be compared with, in the order of help texts and tables.
import { byName } from '../registry.ts';
import type { BaselineCoding } from './baseline-coding.ts';
import { burst } from './burst.ts';
import { fs } from './fs.ts';
import { phase } from './phase.ts';
import { rateCodings } from './rate.ts';
import { tsc } from './tsc.ts';
import { ttfs } from './ttfs.ts';

export const baselineCodings = [
  ...rateCodings,
  fs,
  ttfs,
  tsc,
  phase,
  burst,
] as const satisfies readonly BaselineCoding[];

/** The coding of that name. @throws Ann2SnnError `unknown-name`, with the names there are. */
export function baselineCodingNamed(name: string): BaselineCoding {
  return byName('coding', baselineCodings, name);
}

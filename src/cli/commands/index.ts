// The list of commands, in the order of --help.
import type { CommandFile } from '../command.ts';
import { calibrate } from './calibrate.ts';
import { convert } from './convert.ts';
import { demo } from './demo.ts';
import { evaluate } from './evaluate.ts';
import { exportNetwork } from './export.ts';
import { inspect } from './inspect.ts';
import { predict } from './predict.ts';
import { trace } from './trace.ts';
import { tune } from './tune.ts';

export const commands = [
  demo,
  inspect,
  calibrate,
  convert,
  tune,
  evaluate,
  predict,
  trace,
  exportNetwork,
] as const satisfies readonly CommandFile[];

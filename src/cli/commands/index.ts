// The list of commands, in the order of --help.
import type { CommandFile } from '../command.ts';
import { calibrate } from './calibrate.ts';
import { convert } from './convert.ts';
import { decode } from './decode.ts';
import { demo } from './demo.ts';
import { encode } from './encode.ts';
import { evaluate } from './evaluate.ts';
import { exportNetwork } from './export.ts';
import { inspect } from './inspect.ts';
import { predict } from './predict.ts';
import { trace } from './trace.ts';
import { transfer } from './transfer.ts';

export const commands = [
  demo,
  inspect,
  calibrate,
  convert,
  evaluate,
  predict,
  trace,
  exportNetwork,
  encode,
  decode,
  transfer,
] as const satisfies readonly CommandFile[];

// The list of commands, in the order of --help.
import type { CommandFile } from '../command.ts';
import { ablate } from './ablate.ts';
import { calibrate } from './calibrate.ts';
import { compare } from './compare.ts';
import { convert } from './convert.ts';
import { decode } from './decode.ts';
import { demo } from './demo.ts';
import { encode } from './encode.ts';
import { evaluate } from './evaluate.ts';
import { exportNetwork } from './export.ts';
import { inspect } from './inspect.ts';
import { plot } from './plot.ts';
import { predict } from './predict.ts';
import { report } from './report.ts';
import { sweep } from './sweep.ts';
import { trace } from './trace.ts';
import { transfer } from './transfer.ts';
import { tune } from './tune.ts';

export const commands = [
  demo,
  inspect,
  calibrate,
  convert,
  tune,
  evaluate,
  report,
  plot,
  sweep,
  compare,
  ablate,
  predict,
  trace,
  exportNetwork,
  encode,
  decode,
  transfer,
] as const satisfies readonly CommandFile[];

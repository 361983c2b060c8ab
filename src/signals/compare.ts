// Encoders side by side on one signal: error, sparsity and energy with the given and with optimised parameters.
import type { Progress } from '../progress.ts';
import { encodeSignal } from './encoding.ts';
import { signalEncoders } from './index.ts';
import { type MeasuredEncoding, measureEncoding } from './measure.ts';
import { DEFAULT_TRIALS, isSearchable, type OptimiseOptions, optimiseSignalEncoder } from './optimise.ts';
import type { Signal } from './signal.ts';
import type { SignalEncoder } from './signal-encoder.ts';

export interface CompareOptions extends Omit<OptimiseOptions, 'values' | 'fixed' | 'progress'> {
  /** Default: all. */
  readonly encoders?: readonly SignalEncoder[];
  /** Encoders done, of how many. */
  readonly progress?: Progress;
}

export interface ComparedEncoder {
  readonly encoder: SignalEncoder;
  /** With default parameters. */
  readonly defaults: MeasuredEncoding;
  /** With optimised parameters; null where there are none to optimise or no trials. */
  readonly optimised: MeasuredEncoding | null;
}

/** Encodes the signal with every encoder, its parameters at their defaults and optimised with equal budgets. */
export function compareSignalEncoders(
  signal: Signal,
  options: CompareOptions = {},
): readonly ComparedEncoder[] {
  const { encoders = signalEncoders, progress, ...each } = options;
  return encoders.map((encoder, i) => {
    const defaults = measureEncoding(signal, encodeSignal(encoder, signal, each));
    const searches = isSearchable(encoder) && (each.trials ?? DEFAULT_TRIALS) > 0;
    const optimised = searches
      ? measureEncoding(
          signal,
          encodeSignal(encoder, signal, { ...each, values: optimiseSignalEncoder(encoder, signal, each) }),
        )
      : null;
    progress?.(i + 1, encoders.length);
    return { encoder, defaults, optimised };
  });
}

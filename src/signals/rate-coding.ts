// Firing rates to spikes, shared by the encoders that give each sample a window of steps.
import type { Behaviour, FeatureContext } from './signal-encoder.ts';

export const CONVERSIONS = ['deterministic', 'poisson'] as const;
export type Conversion = (typeof CONVERSIONS)[number];

/** The parameters that such encoders share. */
export const windowParameters = {
  steps: {
    kind: 'number',
    summary: 'steps for each sample (seq_length)',
    default: 10,
    low: 1,
    high: 100_000,
    whole: true,
  },
  maxFiringRate: { kind: 'number', summary: 'factor on every firing rate', default: 1, low: 1e-6, high: 1 },
  seed: {
    kind: 'number',
    summary: 'seed of the poisson conversion',
    default: 42,
    low: 0,
    high: 2 ** 32 - 1,
    whole: true,
  },
} as const;

/**
 * Turns rates in [0, 1] into spikes of a window of T steps each.
 * - `deterministic`: ceil(p T) spikes, the j-th at step trunc(T - j/p) - 1, none before step 0, so that any rate above 0
 *   spikes at the last step; `corrected` takes round(p T) spikes.
 * - `poisson`: at each step a spike with probability p.
 */
export interface RateConverter {
  /** Writes the window that begins at `offset` of `train`. */
  write(train: Int8Array, offset: number, rate: number): void;
}

/** The converter of one feature. Its random numbers depend on the seed and the index of the feature. */
export function rateConverter(
  {
    conversion,
    steps,
    seed,
  }: { readonly conversion: Conversion; readonly steps: number; readonly seed: number },
  { behaviour, index }: Pick<FeatureContext, 'behaviour' | 'index'>,
): RateConverter {
  if (conversion === 'deterministic') {
    return {
      write: (train, offset, rate) => spread(train.subarray(offset, offset + steps), rate, behaviour),
    };
  }
  const draw = uniform(seed, index);
  return {
    write(train, offset, rate) {
      for (let t = 0; t < steps; t++) train[offset + t] = rate > draw() ? 1 : 0;
    },
  };
}

function spread(window: Int8Array, rate: number, behaviour: Behaviour): void {
  const T = window.length;
  const count = behaviour === 'reference' ? Math.ceil(rate * T) : Math.round(rate * T);
  const apart = behaviour === 'reference' ? 1 / rate : T / count;
  for (let j = 0; j < count; j++) window[Math.max(0, Math.trunc(T - j * apart) - 1)] = 1;
}

/** Uniform numbers in [0, 1): a linear congruential generator (Numerical Recipes' constants) whose state is scrambled. */
function uniform(seed: number, stream: number): () => number {
  let state = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 16), 0x45d9f3b);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** The number of spikes of one window. */
export function countSpikes(train: Int8Array, offset: number, steps: number): number {
  let count = 0;
  for (let t = 0; t < steps; t++) count += train[offset + t]!;
  return count;
}

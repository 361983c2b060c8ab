// The parameters of the code: how many steps, how they are weighted, when a neuron may fire.

import type { EncoderName } from '../../encoders/index.ts';
import { type Problem, throwIfAny } from '../../errors.ts';
import { byName } from '../../registry.ts';

/** Parameters of stepwise-weighted ternary coding, as a network is converted with them. */
export interface Coding {
  /** Name of the preset that it started from. */
  readonly name: string;
  /** Coding time steps. */
  readonly T: number;
  /** Amplification factor per step; 1 < beta <= 2. */
  readonly beta: number;
  /** Silent period in steps: how long a neuron listens before it first fires. */
  readonly Ts: number;
  /** Threshold as a fraction of theta, at every step but the last, where it is 1/2. */
  readonly phi: number;
  readonly encoder: EncoderName;
}

/** A coding that has a name of its own. */
interface Preset extends Coding {
  /** What it is for, for help texts. */
  readonly summary: string;
}

/** T of `sws` stands for 8 bits; conversion takes the model's own. */
export const codings = [
  {
    name: 'css',
    summary: "its paper's, for full precision",
    ...{ T: 12, beta: 1.5, Ts: 1, phi: 1 / 2, encoder: 'css' },
  },
  {
    name: 'canonical',
    summary: 'spends about half the spikes of css',
    ...{ T: 8, beta: 2, Ts: 2, phi: 2 / 3, encoder: 'css' },
  },
  {
    name: 'sws',
    summary: 'carries the integers of quantized models, T as many as their bits',
    ...{ T: 8, beta: 2, Ts: 2, phi: 1 / 2, encoder: 'css' },
  },
] as const satisfies readonly Preset[];

/** Above 30 steps beta^T leaves what float32 resolves. */
export const MAX_STEPS = 30;

/** Parameters that replace a preset's; what is undefined stays. */
export type CodingOverrides = { readonly [K in Exclude<keyof Coding, 'name'>]?: Coding[K] | undefined };

/**
 * The preset of that name with some parameters replaced.
 * @throws Ann2SnnError `unknown-name`, or `invalid-option` with every parameter out of range.
 */
export function codingOf(name: string, overrides: CodingOverrides = {}): Coding {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  const { summary: _, ...preset } = byName<Preset>('coding', codings, name);
  const coding: Coding = { ...preset, ...given };
  checkCoding(coding);
  return coding;
}

/** Throws `invalid-option` naming every parameter that is out of range. */
export function checkCoding(coding: Omit<Coding, 'name' | 'encoder'>): void {
  throwIfAny('invalid-option', codingProblems(coding));
}

/** Every parameter that is out of range. */
export function codingProblems({ T, beta, Ts, phi }: Omit<Coding, 'name' | 'encoder'>): Problem[] {
  const problems: Problem[] = [];
  const expect = (holds: boolean, where: string, expected: string, found: number) => {
    if (!holds) problems.push({ where, message: `expected ${expected}, found ${found}` });
  };
  expect(
    Number.isInteger(T) && T >= 1 && T <= MAX_STEPS,
    'steps (T)',
    `a whole number from 1 to ${MAX_STEPS}`,
    T,
  );
  expect(beta > 1 && beta <= 2, 'beta', 'a number above 1 and at most 2', beta);
  // What Ts may be depends on T; while T itself is wrong, on the largest T there is.
  const longest = (problems.some(({ where }) => where === 'steps (T)') ? MAX_STEPS : T) - 1;
  const range = `a whole number from 0 to ${longest} (T - 1)`;
  expect(Number.isInteger(Ts) && Ts >= 0 && Ts <= longest, 'silent period (Ts)', range, Ts);
  expect(phi >= 0.5 && phi <= 1, 'threshold (phi)', 'a fraction of theta from 0.5 to 1', phi);
  return problems;
}

// The settings of a sweep: every combination of the values on its axes that is a coding at all.
import { type Problem, throwIfAny } from '../errors.ts';
import { DEFAULT_PERCENTILE } from '../pipeline.ts';
import { codingFor } from '../snn/conversion/coding-for.ts';
import { type Coding, codingProblems } from '../snn/network/coding.ts';
import type { SpikingPlan } from '../snn/plan/planned.ts';

/** Values to combine; an axis that is not given has the preset's value alone. */
export interface SweepAxes {
  readonly T?: readonly number[];
  readonly beta?: readonly number[];
  readonly Ts?: readonly number[];
  readonly phi?: readonly number[];
  /** Percentiles of |activation|, above 0 and at most 100. */
  readonly percentile?: readonly number[];
}

/** One network of a sweep. */
export interface Setting {
  readonly coding: Coding;
  readonly percentile: number;
}

export interface Settings {
  /** In the order of T, beta, Ts, phi, percentile; each once. */
  readonly settings: readonly Setting[];
  /** Combinations left out because their silent period is no shorter than T. */
  readonly skipped: number;
}

const SILENT = 'silent period (Ts)';

/**
 * The settings of a grid.
 * @param preset name of the coding; the model's own choice unless given (`codingFor`)
 * @throws Ann2SnnError `invalid-option` naming every value that is out of range wherever it stands
 */
export function settingsOf(
  plan: SpikingPlan,
  axes: SweepAxes,
  preset?: string,
  encoder?: Coding['encoder'],
): Settings {
  const base = codingFor(plan, preset, { encoder });
  const largestT = Math.max(...(axes.T ?? [base.T]));
  const problems = new Map<string, Problem>();
  const found = new Map<string, Setting>();
  let skipped = 0;
  for (const { percentile = DEFAULT_PERCENTILE, ...given } of combinations(axes)) {
    // A silent period that is not given is the preset's, or the longest that T allows.
    const wrong = codingProblems({ ...base, Ts: 0, ...defined(given) });
    const fitsElsewhere = given.Ts !== undefined && given.Ts >= 0 && given.Ts < largestT;
    if (wrong.length === 0) {
      const coding = codingFor(plan, preset, { encoder, ...given });
      found.set(JSON.stringify([coding, percentile]), { coding, percentile });
    } else if (fitsElsewhere && Number.isInteger(given.Ts) && wrong.every(({ where }) => where === SILENT))
      skipped++;
    else for (const problem of wrong) problems.set(`${problem.where}: ${problem.message}`, problem);
  }
  throwIfAny('invalid-option', [...problems.values(), ...percentileProblems(axes)]);
  return { settings: [...found.values()].sort(inOrder), skipped };
}

function percentileProblems({ percentile = [] }: SweepAxes): Problem[] {
  return percentile
    .filter((value) => !(value > 0 && value <= 100))
    .map((value) => ({
      where: 'percentile',
      message: `expected a number above 0 and at most 100, found ${value}`,
    }));
}

type Given<Axis extends keyof SweepAxes = keyof SweepAxes> = { readonly [axis in Axis]?: number | undefined };

function combinations({ T, beta, Ts, phi, percentile }: SweepAxes): Given[] {
  const all = <A>(values: readonly A[] | undefined): readonly (A | undefined)[] => values ?? [undefined];
  return all(T).flatMap((t) =>
    all(beta).flatMap((b) =>
      all(Ts).flatMap((s) =>
        all(phi).flatMap((f) =>
          all(percentile).map((p) => ({ T: t, beta: b, Ts: s, phi: f, percentile: p })),
        ),
      ),
    ),
  );
}

function defined(given: Given): { readonly [axis in keyof SweepAxes]?: number } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Sorts settings, and what was measured of them. */
export function inOrder(a: Setting, b: Setting): number {
  const keys = ({ coding, percentile }: Setting) => [
    coding.T,
    coding.beta,
    coding.Ts,
    coding.phi,
    percentile,
  ];
  const own = keys(a);
  return keys(b).reduce((order, value, i) => order || own[i]! - value, 0);
}

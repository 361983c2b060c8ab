// Which rows no other row beats.
import type { RowFigures } from './rows.ts';

/** Whether a row is on a Pareto front: none is at least as good and as cheap, and better in one of the two. */
export interface Fronts {
  readonly energy: boolean;
  readonly latency: boolean;
  readonly opf: boolean;
}

/** What is to be as large as possible: accuracy, without labels agreement, without scores the error of the outputs, negated. */
function goodness({ accuracy, agreement, logitError }: RowFigures): number {
  return accuracy ?? agreement ?? -(logitError ?? 0);
}

/** The fronts of goodness against each cost, for every row. */
export function paretoFronts(rows: readonly RowFigures[]): readonly Fronts[] {
  const on = (cost: (row: RowFigures) => number) =>
    rows.map((row) => !rows.some((other) => beats(other, row, cost)));
  const energy = on(({ energyMj }) => energyMj);
  const latency = on((row) => row.latency);
  const opf = on((row) => row.opf);
  return rows.map((_, i) => ({ energy: energy[i]!, latency: latency[i]!, opf: opf[i]! }));
}

function beats(a: RowFigures, b: RowFigures, cost: (row: RowFigures) => number): boolean {
  const better = goodness(a) - goodness(b);
  const cheaper = cost(b) - cost(a);
  return better >= 0 && cheaper >= 0 && (better > 0 || cheaper > 0);
}

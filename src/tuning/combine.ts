// Which of many changes to make at once. Each was tried alone: what it does to the logarithm of the cost, and to the squared
// error of the logits. Both nearly add up where changes are small. For a price lambda of squared error, every layer takes the
// change with the least
//
//   (ln cost)' + lambda (squared error)'
//
// or none where that is above 0. From lambda = 0 on, which takes whatever lowers the cost, selections become more accurate and
// more expensive; the cheapest that holds is found by bisection.
//
// Errors tried on few images are noisy. Of many cheaper changes some seem to mend the error as well, and taken together they
// do not. So as much is added to every error as the luckiest of the cheaper changes seems to mend: the order of changes stays,
// and selections go down to the luckiest alone.

/** A change tried alone, relative to the network without it. */
export interface Effect {
  readonly layer?: string;
  /** Difference of ln cost. */
  readonly cost: number;
  /** Difference of the squared error, in units of what it was. */
  readonly error: number;
}

/** An error that a change has at least: with none it would be in every selection. */
const LEAST = 1e-6;

/**
 * The different selections of effects, by their indices, from the cheapest to the most accurate; none is empty.
 */
export function selections(tried: readonly Effect[]): readonly (readonly number[])[] {
  const luckiest = Math.min(0, ...tried.filter(({ cost }) => cost < 0).map(({ error }) => error));
  const effects = tried.map((effect) => ({ ...effect, error: effect.error - luckiest + LEAST }));
  // Selections change where a layer's best changes: at the crossings of two effects' lines, or of one with none.
  const lines = [...effects, { cost: 0, error: 0 }];
  const crossings = lines.flatMap((a, i) =>
    lines.slice(i + 1).flatMap((b) => {
      const lambda = (b.cost - a.cost) / (a.error - b.error);
      return Number.isFinite(lambda) && lambda > 0 ? [lambda] : [];
    }),
  );
  const sorted = [...new Set(crossings)].sort((a, b) => a - b);
  const between = sorted.map((lambda, i) => (i === 0 ? lambda / 2 : (lambda + sorted[i - 1]!) / 2));
  const lambdas = [...between, 2 * (sorted.at(-1) ?? 1)];
  const found = new Map<string, readonly number[]>();
  for (const lambda of lambdas) {
    const selected = selectedAt(effects, lambda);
    if (selected.length > 0) found.set(selected.join(' '), selected);
  }
  return [...found.values()];
}

function selectedAt(effects: readonly Effect[], lambda: number): number[] {
  const best = new Map<string, { readonly index: number; readonly merit: number }>();
  effects.forEach(({ layer, cost, error }, index) => {
    const merit = cost + lambda * error;
    const of = layer ?? `#${index}`;
    if (merit < (best.get(of)?.merit ?? 0)) best.set(of, { index, merit });
  });
  return [...best.values()].map(({ index }) => index).sort((a, b) => a - b);
}

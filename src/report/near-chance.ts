// Where the ANN itself guesses, no comparison with it says anything: its input is made otherwise than in its training, or the
// labels are of something else.
import { percent } from './table.ts';

/** An accuracy below so many times that of guessing is called near chance. */
const NEAR = 1.5;

/**
 * A note where the ANN's own accuracy is next to chance; nothing for two classes, of which a fair network may have as few
 * right, and nothing where there are no labels or no class scores.
 * @param accuracy of the ANN, top-1, a fraction
 */
export function nearChance(accuracy: number | null, classes: number | null): string[] {
  if (accuracy === null || classes === null || classes <= 2 || accuracy >= NEAR / classes) return [];
  return [
    `note: the ANN itself is near chance (${percent(accuracy)} of ${classes} classes): check --scale, --mean, --std, --channels, --layout and the labels; agreement says nothing then`,
  ];
}

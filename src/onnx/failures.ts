// Reading on after a failure, so that one error can name every offender and not only the first.
import { Ann2SnnError } from '../errors.ts';

/** Failures that are kept; a hostile file may have a hundred thousand, and no message spells out as many. */
const KEPT = 1000;

export interface Failures {
  /** Runs `work`; a user's error is kept for later and undefined returned. */
  attempt<T>(work: () => T): T | undefined;
  /** Throws what was kept: every problem that has the code of the first one. */
  rethrow(): void;
}

export function collectFailures(): Failures {
  const kept: Ann2SnnError[] = [];
  let dropped = 0;
  return {
    attempt(work) {
      try {
        return work();
      } catch (thrown) {
        if (!(thrown instanceof Ann2SnnError)) throw thrown;
        if (kept.length < KEPT) kept.push(thrown);
        else dropped++;
        return undefined;
      }
    },
    rethrow() {
      const first = kept[0];
      if (first === undefined) return;
      const alike = kept.filter((failure) => failure.code === first.code);
      throw new Ann2SnnError(
        first.code,
        alike.flatMap((failure) => failure.problems),
        { cause: first, more: dropped, ...(first.help === undefined ? {} : { help: first.help }) },
      );
    },
  };
}

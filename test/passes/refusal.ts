// The refusal that some work must end in.
import { Ann2SnnError } from '../../src/errors.ts';

/** Runs `work` and returns the error that it throws; anything else fails the test. */
export async function refusalOf(work: () => unknown): Promise<Ann2SnnError> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof Ann2SnnError) return thrown;
    throw thrown;
  }
  throw new Error('expected a refusal, found none');
}

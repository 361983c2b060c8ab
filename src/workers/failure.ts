// Errors on their way between threads, where an Error would arrive without its code and problems.
import { Ann2SnnError, type ErrorCode, type Problem } from '../errors.ts';

/** An error as plain data. */
export interface Failure {
  readonly message: string;
  readonly stack: string | undefined;
  /** What a user can mend; null for a bug. */
  readonly known: {
    readonly code: ErrorCode;
    readonly problems: readonly Problem[];
    readonly help: string | undefined;
  } | null;
}

/** What a thread answers a task with: a rejection would be the end of the thread. */
export type Outcome<Answer> = { readonly answer: Answer } | { readonly failure: Failure };

export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { message: String(thrown), stack: undefined, known: null };
  const { message, stack } = thrown;
  if (!(thrown instanceof Ann2SnnError)) return { message, stack, known: null };
  const { code, problems, help } = thrown;
  return { message, stack, known: { code, problems, help } };
}

/** The same error again, with the stack of the thread that it comes from. */
export function errorOf({ message, stack, known }: Failure): Error {
  const error =
    known === null
      ? new Error(message)
      : new Ann2SnnError(known.code, known.problems, known.help === undefined ? {} : { help: known.help });
  if (stack !== undefined) error.stack = stack;
  return error;
}

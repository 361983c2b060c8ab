// The one error class of the toolkit. Everything a user can cause ends here; anything else is a bug.

/** What went wrong, as a closed set that scripts can switch on. */
export type ErrorCode =
  | 'file-not-readable'
  | 'file-not-writable'
  | 'not-onnx'
  | 'external-data'
  | 'unsupported-opset'
  | 'unsupported-operator'
  | 'unsupported-attribute'
  | 'unsupported-type'
  | 'invalid-graph'
  | 'invalid-weights'
  | 'dynamic-shape'
  | 'batch-dependence'
  | 'shape-mismatch'
  | 'not-equivalent'
  | 'not-attainable'
  | 'invalid-data'
  | 'invalid-calibration'
  | 'invalid-network'
  | 'invalid-plan'
  | 'invalid-option'
  | 'unknown-name'
  | 'missing-dependency'
  | 'runtime-failed';

/** One offending node, file or value: *where*: what was expected, what was found. */
export interface Problem {
  readonly where: string;
  readonly message: string;
}

/** How many offenders a message spells out before it only counts the rest. */
const SHOWN_PROBLEMS = 20;

/**
 * An error that a user can cause and can mend. The message names every offender, what was expected
 * and what was found, and closes with one line of help where there is any.
 */
export class Ann2SnnError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  readonly help: string | undefined;

  /** @param options `more` counts problems that are not in the list, of files with too many to keep */
  constructor(
    code: ErrorCode,
    problems: readonly Problem[] | Problem,
    options: { readonly help?: string; readonly cause?: unknown; readonly more?: number } = {},
  ) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(
      describe(list, options.help, options.more),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'Ann2SnnError';
    this.code = code;
    this.problems = list;
    this.help = options.help;
  }
}

/** Throws one error for everything collected, or returns when nothing was. */
export function throwIfAny(
  code: ErrorCode,
  problems: readonly Problem[],
  options: { readonly help?: string } = {},
): void {
  if (problems.length > 0) throw new Ann2SnnError(code, problems, options);
}

/** The text of an unknown throwable, for messages that quote a library. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function describe(problems: readonly Problem[], help: string | undefined, more = 0): string {
  const lines = problems.slice(0, SHOWN_PROBLEMS).map((p) => `${p.where}: ${p.message}`);
  const hidden = problems.length - lines.length + more;
  if (hidden > 0) lines.push(`... and ${hidden} more`);
  if (help !== undefined) lines.push(`help: ${help}`);
  return lines.join('\n');
}

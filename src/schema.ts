// What zod found wrong with a file, in the words of the toolkit: where, what was expected, what was found.
import type { z } from 'zod';
import { Ann2SnnError, type ErrorCode, type Problem } from './errors.ts';

/**
 * Checks a parsed file against its schema.
 * @param where the file's name; `root` names what stands for the file as a whole
 * @throws Ann2SnnError with `code`, naming every field that is wrong.
 */
export function checkedBy<S extends z.ZodType>(
  schema: S,
  value: unknown,
  { code, where, root }: { readonly code: ErrorCode; readonly where: string; readonly root: string },
): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Ann2SnnError(code, problemsIn(parsed.error, { where, separator: ': ', root }));
}

/** Every field of a value that is not as its schema has it. @param place `separator` stands between `where` and a field */
export function problemsOfSchema(schema: z.ZodType, value: unknown, place: Place): readonly Problem[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : problemsIn(parsed.error, place);
}

interface Place {
  readonly where: string;
  readonly separator: string;
  readonly root: string;
}

function problemsIn({ issues }: z.ZodError, { where, separator, root }: Place): Problem[] {
  return issues.map((issue) => {
    const field = issue.path.join('.') || root;
    return { where: field === '' ? where : `${where}${separator}${field}`, message: plain(issue.message) };
  });
}

/** zod's own phrases: "Invalid input: expected a, received b", "Too small: expected number to be >0". */
function plain(message: string): string {
  return message
    .replace(/^Invalid (input|option): /, '')
    .replace(/^Too (small|big): /, '')
    .replace(', received ', ', found ');
}

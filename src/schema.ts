// What zod found wrong with a file, in the words of the toolkit: where, what was expected, what was found.
import type { z } from 'zod';
import { Ann2SnnError, type ErrorCode } from './errors.ts';

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
  throw new Ann2SnnError(
    code,
    parsed.error.issues.map((issue) => ({
      where: `${where}: ${issue.path.join('.') || root}`,
      message: plain(issue.message),
    })),
  );
}

/** zod's own phrases: "Invalid input: expected a, received b", "Too small: expected number to be >0". */
function plain(message: string): string {
  return message
    .replace(/^Invalid (input|option): /, '')
    .replace(/^Too (small|big): /, '')
    .replace(', received ', ', found ');
}

// Where the real models and data lie, beside the project. Tests that need them skip where they are absent.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** True where there is no shared folder; suites say so in their titles. */
export const withoutShared = !existsSync(fileURLToPath(new URL('../../shared/models', import.meta.url)));

/** What a skipped title ends with. */
export const NEEDS_SHARED = '(needs ../shared, skipped where it is absent)';

/** A file of the shared folder. */
export function shared(path: string): string {
  return fileURLToPath(new URL(`../../shared/${path}`, import.meta.url));
}

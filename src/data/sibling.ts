// Labels in a file of their own: the one that is given, or the one whose name goes with the images' name.
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * The file of the labels, or null where there is none: `given`, else the first of the names that
 * `candidates` makes of the images' file name that lies beside it.
 */
export async function labelsFile(
  images: string,
  given: string | undefined,
  candidates: (name: string) => readonly string[],
): Promise<string | null> {
  if (given !== undefined) return given;
  const name = basename(images);
  for (const candidate of candidates(name)) {
    if (candidate === name) continue;
    const path = join(dirname(images), candidate);
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) return path;
  }
  return null;
}

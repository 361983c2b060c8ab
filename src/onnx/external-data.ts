// Files of external tensors, looked up beside the model and nowhere else: a model from a stranger must not
// make us read the rest of the disk.
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep, win32 } from 'node:path';
import { Ann2SnnError, messageOf } from '../errors.ts';
import type { ExternalFiles } from './read-external.ts';

/**
 * Returns the reader of files that lie in the folder of the model at `modelPath`; each is read once.
 * It throws Ann2SnnError `external-data` for a location that is absolute, leaves the folder (by "..",
 * or as a symbolic link) or cannot be read.
 */
export function externalLoader(modelPath: string): ExternalFiles {
  const folder = dirname(resolve(modelPath));
  const files = new Map<string, Uint8Array>();
  return (location) => {
    const known = files.get(location);
    if (known !== undefined) return known;
    const bytes = readInside(folder, location);
    files.set(location, bytes);
    return bytes;
  };
}

function readInside(folder: string, location: string): Uint8Array {
  if (location === '') refuse(location, 'expected the name of a file beside the model, found none');
  // Windows reads both kinds of path, and a file made there may hold either.
  if (isAbsolute(location) || win32.isAbsolute(location)) {
    refuse(location, "expected a path relative to the model's folder, found an absolute one");
  }
  const path = resolve(folder, location);
  if (leaves(folder, path))
    refuse(location, "expected a file in the model's folder, found a path that leaves it");
  try {
    if (!statSync(path).isFile()) refuse(location, 'expected a file');
    if (leaves(realpathSync(folder), realpathSync(path))) {
      refuse(location, "expected a file in the model's folder, found a symbolic link that leaves it");
    }
    return readFileSync(path);
  } catch (thrown) {
    if (thrown instanceof Ann2SnnError) throw thrown;
    return refuse(location, `cannot be read (${messageOf(thrown)})`, thrown);
  }
}

function leaves(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

function refuse(location: string, message: string, cause?: unknown): never {
  throw new Ann2SnnError('external-data', { where: `external data "${location}"`, message }, { cause });
}

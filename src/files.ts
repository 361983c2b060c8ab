// Output files appear whole or not at all: written beside their place, then renamed.
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Ann2SnnError, messageOf } from './errors.ts';

/** Writes a file atomically. Throws `file-not-writable`, leaving nothing behind. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    await writeFile(beside, content);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw new Ann2SnnError('file-not-writable', { where: path, message: messageOf(error) }, { cause: error });
  }
}

/** Reads a file. Throws `file-not-readable`. */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Ann2SnnError('file-not-readable', { where: path, message: messageOf(error) }, { cause: error });
  }
}

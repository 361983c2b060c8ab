// Output files appear whole or not at all: written beside their place, then renamed.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Ann2SnnError, messageOf } from './errors.ts';

/** Files beside their place that are being written. */
const unfinished = new Set<string>();

/** Removes what is half written: for a process that is told to end. */
export function discardUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}

/** Writes a file atomically. Throws `file-not-writable`, leaving nothing behind. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.part`;
  unfinished.add(beside);
  try {
    await writeFile(beside, content);
    await rename(beside, path);
  } catch (error) {
    // What cannot be removed was never written; that must not hide why.
    await rm(beside, { force: true }).catch(() => {});
    const message = await reason(path, error);
    throw new Ann2SnnError('file-not-writable', { where: path, message }, { cause: error });
  } finally {
    unfinished.delete(beside);
  }
}

/** Throws `file-not-writable` where `path` cannot become a file: asked before a long job, not after it. */
export async function expectWritable(path: string): Promise<void> {
  const message = await obstacle(path);
  if (message !== null) throw new Ann2SnnError('file-not-writable', { where: path, message });
}

/** Throws `file-not-writable` where `path` cannot become a file or is one, with `help` on what to do then. */
export async function expectFree(path: string, help: string): Promise<void> {
  await expectWritable(path);
  if ((await stat(path).catch(() => null)) === null) return;
  const message = 'expected no file of this name, found one';
  throw new Ann2SnnError('file-not-writable', { where: path, message }, { help });
}

/** Why `path` cannot be written, without the name of the file beside it where that can be said. */
async function reason(path: string, error: unknown): Promise<string> {
  return (await obstacle(path)) ?? messageOf(error);
}

/** What stands in the way of a file at `path`, or null. */
async function obstacle(path: string): Promise<string | null> {
  const isFolder = async (place: string) => (await stat(place).catch(() => null))?.isDirectory() === true;
  const folder = dirname(path);
  if (!(await isFolder(folder))) return `expected a file in a folder, found no folder "${folder}"`;
  if (await isFolder(path)) return 'expected a file, found a folder';
  return null;
}

/** Reads a file. Throws `file-not-readable`. */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const message = `expected a file that can be read, found none (${messageOf(error)})`;
    throw new Ann2SnnError('file-not-readable', { where: path, message }, { cause: error });
  }
}

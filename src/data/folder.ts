// What lies in a folder, in an order that does not depend on the file system.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Ann2SnnError, messageOf } from '../errors.ts';

/**
 * Names of the folders and files in a folder, each sorted by code units. Links count as what they lead to;
 * hidden entries are passed over.
 * @throws Ann2SnnError `file-not-readable`
 */
export async function listFolder(path: string): Promise<{ folders: string[]; files: string[] }> {
  try {
    const folders: string[] = [];
    const files: string[] = [];
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const kind = entry.isSymbolicLink() ? await stat(join(path, entry.name)) : entry;
      (kind.isDirectory() ? folders : files).push(entry.name);
    }
    return { folders: folders.sort(), files: files.sort() };
  } catch (error) {
    throw new Ann2SnnError('file-not-readable', { where: path, message: messageOf(error) }, { cause: error });
  }
}

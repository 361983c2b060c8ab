// A folder for the fixtures of one test file, removed afterwards.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** Call at the top of a test file; `put` writes a file below the folder and returns its path. */
export function tempFolder() {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ann2snn-data-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  return {
    path: (name: string) => join(root, name),
    async put(name: string, content: Uint8Array | string): Promise<string> {
      const path = join(root, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return path;
    },
  };
}

// The library compiled into a folder of its own: worker threads run compiled files only.
import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll } from 'vitest';
import { tempFolder } from '../data/temp-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A busy machine compiles for longer than vitest waits for a hook. */
const COMPILING_MS = 120_000;

/** Call at the top of a test file; afterwards `path` names a compiled file and `module` imports it. */
export function builtLibrary() {
  const folder = tempFolder();
  beforeAll(async () => {
    await folder.put('package.json', '{ "type": "module" }');
    await symlink(`${root}node_modules`, folder.path('node_modules'), 'junction');
    try {
      execFileSync(
        process.execPath,
        [
          ...['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
          ...['--outDir', folder.path('dist'), '--declaration', 'false', '--sourceMap', 'false'],
          ...['--inlineSources', 'false'],
        ],
        { cwd: root, stdio: 'pipe' },
      );
    } catch {
      // Types are `npm run typecheck`'s business; what tsc could emit is there.
    }
    const target = relative(root, folder.path('dist'));
    execFileSync(process.execPath, ['scripts/copy-generated.mjs', target], { cwd: root });
  }, COMPILING_MS);
  const path = (file: string) => folder.path(`dist/${file}`);
  return {
    path,
    module: async <M>(file: string): Promise<M> => (await import(pathToFileURL(path(file)).href)) as M,
  };
}

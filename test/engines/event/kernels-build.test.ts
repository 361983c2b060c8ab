// What is committed is what the sources give.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { it } from 'vitest';

it('kernels.generated.ts was built from assembly/', { timeout: 60_000 }, () => {
  const script = fileURLToPath(new URL('../../../scripts/build-kernels.mjs', import.meta.url));
  execFileSync(process.execPath, [script, '--check']);
});

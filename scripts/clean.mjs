// Empties an output folder, so that nothing is shipped whose source is gone.
import { rmSync } from 'node:fs';

rmSync(new URL(`../${process.argv[2]}/`, import.meta.url), { recursive: true, force: true });

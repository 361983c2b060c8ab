// Copies what tsc does not emit: the generated ONNX codec and its declarations. Where to is an argument: dist
// unless it says otherwise.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';

const source = new URL('../src/onnx/generated/', import.meta.url);
const target = new URL(`../${process.argv[2] ?? 'dist'}/onnx/generated/`, import.meta.url);

mkdirSync(target, { recursive: true });
for (const file of readdirSync(source)) {
  if (file.endsWith('.js') || file.endsWith('.d.ts'))
    copyFileSync(new URL(file, source), new URL(file, target));
}

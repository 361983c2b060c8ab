// Copies what tsc does not emit into dist: the generated ONNX codec and its declarations.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';

const source = new URL('../src/onnx/generated/', import.meta.url);
const target = new URL('../dist/onnx/generated/', import.meta.url);

mkdirSync(target, { recursive: true });
for (const file of readdirSync(source)) {
  if (file.endsWith('.js') || file.endsWith('.d.ts'))
    copyFileSync(new URL(file, source), new URL(file, target));
}

// Compiles assembly/ with AssemblyScript into src/engines/event/kernels.generated.ts, which is committed: the library
// needs no toolchain. Run it after editing assembly/. With --check nothing is written: it fails where the file is not
// what the sources give.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const target = new URL('../src/engines/event/kernels.generated.ts', import.meta.url);
const flags = [
  '--noAssert',
  '--importMemory',
  '--noExportMemory',
  '-O3',
  ...['--runtime', 'stub'],
  ...['--memoryBase', '16'],
  ...['--enable', 'simd'],
];

let binary;
const { error, stderr } = await asc.main(
  [
    'assembly/index.ts',
    '--baseDir',
    fileURLToPath(new URL('..', import.meta.url)),
    ...flags,
    '--outFile',
    'out.wasm',
  ],
  {
    writeFile: (_name, contents) => {
      binary = contents;
    },
  },
);
if (error) {
  console.error(`assembly/ does not compile:\n${stderr}`);
  process.exit(1);
}

const base64 = Buffer.from(binary).toString('base64');
const text = `// Generated from assembly/ by scripts/build-kernels.mjs. Do not edit.\nexport const KERNELS =\n  '${base64}';\n`;

if (process.argv[2] !== '--check') writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('kernels.generated.ts is not what assembly/ gives: npm run build:kernels');
  process.exit(1);
}

// Regenerates src/onnx/generated/onnx.js from src/onnx/onnx-subset.proto. Run it after editing the schema,
// and bring src/onnx/generated/onnx.d.ts, which is written by hand, into line.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const flags = [
  '--no-service',
  '--no-delimited',
  '--no-convert',
  '--no-verify',
  '--no-typeurl',
  '--no-comments',
];

execFileSync(
  'npx',
  // A root of our own: onnx-proto registers its full schema under the default one, in the same namespace.
  [
    '--yes',
    '-p',
    'protobufjs-cli@2.7.1',
    'pbjs',
    '-t',
    'static-module',
    '-w',
    'esm',
    '-r',
    'ann2snn',
    ...flags,
  ].concat('-o', 'src/onnx/generated/onnx.js', 'src/onnx/onnx-subset.proto'),
  { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' },
);

// Makes the plots that README shows, docs/images: the report of the embedded network, of which two figures are kept.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEPT = ['accuracy-energy.svg', 'spike-raster.svg'];

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ann2snn-plots-'));
const digits = ['models/digits.onnx', '--calibration', 'calibration/digits-calibration.npz', '--scale', '16'];
const measured = [
  '--data',
  'calibration/digits-test.npz',
  '--curve',
  '2,3,4,5,6,8,10,12,14',
  '--workers',
  '1',
];
const written = ['-o', join(folder, 'digits.html'), '--plots', folder];
const { status } = spawnSync(
  process.execPath,
  ['dist/cli/main.js', 'report', ...digits, ...measured, ...written],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (status === 0) {
  mkdirSync(join(root, 'docs/images'), { recursive: true });
  for (const name of KEPT) copyFileSync(join(folder, name), join(root, 'docs/images', name));
}
rmSync(folder, { recursive: true });
process.exitCode = status ?? 1;

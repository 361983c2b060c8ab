// Makes the plots of README and docs, docs/images, by commands of the toolkit: two figures of the report on the embedded
// network; an encoded signal for each method; what a neuron of each coding emits.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codingFigures } from '../dist/coding-figures.js';
import { paperSvg } from '../dist/report/plot-files.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'ann2snn-plots-'));

try {
  const digits = [
    'models/digits.onnx',
    '--calibration',
    'calibration/digits-calibration.npz',
    '--scale',
    '16',
  ];
  const data = ['--data', 'calibration/digits-test.npz', '--curve', '2,3,4,5,6,8,10,12,14', '--workers', '1'];
  const report = join(scratch, 'report');
  run('report', ...digits, ...data, '-o', join(scratch, 'digits.html'), '--plots', report);
  keep(report, 'docs/images', ['accuracy-energy.svg', 'spike-raster.svg']);

  const signals = join(scratch, 'signals');
  run('encode', '--compare', '--plots', signals);
  keep(
    signals,
    'docs/images/signals',
    readdirSync(signals).filter((name) => name.endsWith('.svg')),
  );

  const codings = join(scratch, 'codings');
  mkdirSync(codings);
  for (const figure of await codingFigures())
    writeFileSync(join(codings, `${figure.name}.svg`), paperSvg(figure));
  keep(codings, 'docs/images/codings', readdirSync(codings));
} finally {
  rmSync(scratch, { recursive: true });
}

/** Runs a command of the toolkit; what it could not do ends the script. */
function run(...args) {
  const { status } = spawnSync(process.execPath, ['dist/cli/main.js', ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${args[0]}: exit code ${status}`);
}

function keep(from, folder, names) {
  mkdirSync(join(root, folder), { recursive: true });
  for (const name of names) copyFileSync(join(from, name), join(root, folder, name));
}

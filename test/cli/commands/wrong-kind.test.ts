// Files of the toolkit's own kinds in each other's place: the error says what the file is and what to do with it.
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { writeNpz } from '../../../src/tensor/npz.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL, TEST_SET } from '../digits.ts';
import { refused, succeed } from '../invoke.ts';

const folder = tempFolder();
let net = '';

beforeAll(async () => {
  net = folder.path('digits.snn');
  await succeed(...CONVERT_DIGITS, '-o', net);
});

it('tells an ONNX model in the place of a network', async () => {
  expect(await refused('invalid-network', 'evaluate', MODEL, '--data', TEST_SET)).toContain(
    'help: this is an ONNX model: convert it first',
  );
});

it('tells a network in the place of an ONNX model', async () => {
  const help = 'help: this is a spiking network of ann2snn, not an ONNX model';
  expect(await refused('not-onnx', 'inspect', net)).toContain(help);
  expect(await refused('not-onnx', 'evaluate', net, '--data', TEST_SET, '--ann', net)).toContain(help);
});

it('tells a network that was cut off, in its header or behind it', async () => {
  const bytes = await readFile(net);
  for (const length of [1000, bytes.length - 100]) {
    const cut = await folder.put('cut.snn', bytes.subarray(0, length));
    expect(await refused('invalid-network', 'evaluate', cut, '--data', TEST_SET)).toContain(
      'help: the header announces more bytes than the file has: cut off?',
    );
  }
});

it('tells a data set in the place of a picture', async () => {
  const help = `help: this is a data set: --data ${TEST_SET}`;
  expect(await refused('invalid-data', 'predict', net, TEST_SET)).toContain(help);
  const output = folder.path('t.npz');
  expect(await refused('invalid-data', 'trace', net, '--image', TEST_SET, '-o', output)).toContain(help);
});

it('tells a calibration file in the place of images', async () => {
  const file = folder.path('cal.json');
  await succeed('calibrate', MODEL, '--data', CALIBRATION_SET, '--scale', '16', '-o', file);
  const sets = ['--calibration', file, '--data', TEST_SET];
  for (const command of [['compare'], ['tune'], ['report', '-o', folder.path('page.html')]]) {
    const [name, ...more] = command as [string, ...string[]];
    expect(await refused('invalid-data', name, MODEL, ...sets, ...more)).toContain(
      `${file}: expected images, found a calibration file; this command needs the images`,
    );
  }
});

it('tells images that lie with their channels last', async () => {
  const path = await folder.put('last.npz', writeNpz(new Map([['x', tensor('uint8', [2, 8, 8, 1])]])));
  const text = await refused('invalid-data', 'predict', net, '--data', path);
  expect(text).toContain(`${path}: expected images of shape [1, 8, 8], found [8, 8, 1]`);
  expect(text).toContain('--layout nhwc');
  await succeed('predict', net, '--data', path, '--layout', 'nhwc');
});

it('keeps a file that lies where the data of a page would', async () => {
  const other = await folder.put('page.json', '{"layers":{}}');
  const page = ['--data', TEST_SET, '-o', folder.path('page.html')];
  expect(await refused('file-not-writable', 'report', net, ...page)).toContain(
    `${other}: expected no file or the data of an earlier report, found another; choose another -o`,
  );
  expect(await readFile(other, 'utf8')).toBe('{"layers":{}}');
});

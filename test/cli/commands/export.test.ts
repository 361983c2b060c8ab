import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exporters } from '../../../src/export/index.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { CONVERT_DIGITS, TEST_SET } from '../digits.ts';
import { misused, refused, succeed } from '../invoke.ts';

const folder = tempFolder();
let net = '';

beforeAll(async () => {
  net = folder.path('digits.snn');
  await succeed(...CONVERT_DIGITS, '-o', net);
});

describe('export', () => {
  it.each(exporters)('writes $name and says what is lost', async ({ name, ending, fidelity }) => {
    const output = folder.path(`given${ending}`);
    const text = await succeed('export', net, '--format', name, '-o', output);
    expect(text).toContain(`wrote ${output} (${name}, ${(await readFile(output)).length} bytes)\n`);
    expect(text).toContain(
      `\nfidelity ${fidelity.kind}${fidelity.kind === 'lossless' ? '' : '; left out: '}`,
    );
    const again = folder.path(`again${ending}`);
    const json = await succeed('export', net, '--format', name, '-o', again, '--json');
    expect(JSON.parse(json)).toMatchObject({ network: net, output: again, format: name, fidelity });
    expect(await readFile(again)).toEqual(await readFile(output));
  });

  it('tells how images become the input of an ONNX model', async () => {
    const text = await succeed('export', net, '--format', 'onnx', '-o', folder.path('told.onnx'));
    expect(text).toContain(
      'input "image": float32 [N, 1, 8, 8], normalised images: (pixel / 16 - [0]) / [1]',
    );
    expect(text).toContain('output "logits": float32 [N, 10], decoded after the last step');
  });

  it('writes every time step out where it is told to', async () => {
    const output = folder.path('unrolled.onnx');
    await succeed('export', net, '--format', 'onnx', '--unroll', '-o', output);
    expect((await readFile(output)).includes('Scan')).toBe(false);
    await succeed('export', net, '--format', 'onnx', '-o', folder.path('scans.onnx'));
    expect((await readFile(folder.path('scans.onnx'))).includes('Scan')).toBe(true);
  });

  it('writes safetensors that are the .snn file, which every command reads', async () => {
    const output = folder.path('same.safetensors');
    await succeed('export', net, '--format', 'safetensors', '-o', output);
    expect(await readFile(output)).toEqual(await readFile(net));
    const args = ['--data', TEST_SET, '--limit', '3', '--json'];
    expect(await succeed('predict', output, ...args)).toBe(await succeed('predict', net, ...args));
  });

  it('writes npz that every command reads', async () => {
    const output = folder.path('arrays.npz');
    await succeed('export', net, '--format', 'npz', '-o', output);
    const args = ['--data', TEST_SET, '--limit', '3', '--json'];
    expect(await succeed('predict', output, ...args)).toBe(await succeed('predict', net, ...args));
    const back = folder.path('back.safetensors');
    await succeed('export', output, '--format', 'safetensors', '-o', back);
    expect(await readFile(back)).toEqual(await readFile(net));
  });

  it('goes beside the network unless told, and over no file that is there', async () => {
    const beside = folder.path('digits.onnx');
    await succeed('export', net, '--format', 'onnx');
    await writeFile(beside, 'the ANN');
    expect(await refused('file-not-writable', 'export', net, '--format', 'onnx')).toContain(
      `${beside}: expected no file of this name`,
    );
    expect(await readFile(beside, 'utf8')).toBe('the ANN');
  });

  it('refuses wrong usage, and leaves nothing behind', async () => {
    expect(await misused('export', net, '--format', 'hdf5')).toMatch(/onnx, safetensors, npz, nir, json/);
    expect(await misused('export', net)).toMatch(/--format <name>' not specified/);
    expect(await misused('export', net, '--format', 'onnx', '-o', 'a.snn')).toMatch(/ends in \.onnx/);
    const same = folder.path('same.safetensors');
    expect(await misused('export', same, '--format', 'safetensors', '-o', same)).toMatch(/another file/);
    expect(await misused('export', net, '--format', 'onnx', '--outputs', 'q')).toMatch(/among logits, steps/);
    expect(await misused('export', net, '--format', 'safetensors', '--outputs', 'steps')).toMatch(/none of/);
    expect(await misused('export', net, '--format', 'npz', '--unroll')).toMatch(
      /--unroll: expected none of npz/,
    );
    const bad = await folder.put('bad.snn', 'no network');
    await refused('invalid-network', 'export', bad, '--format', 'onnx', '-o', folder.path('bad.onnx'));
    const files = await readdir(dirname(net));
    expect(files.filter((file) => file.startsWith('bad') || file.endsWith('.part'))).toEqual(['bad.snn']);
  });
});

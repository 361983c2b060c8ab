import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { loadOnnx } from '../../src/onnx/load.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { addRelu, encode, failureOf } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'ann2snn-onnx-'));
const home = join(folder, 'home');
const path = join(home, 'm.onnx');
const secret = join(folder, 'secret.bin');
const weights = new Uint8Array(Float32Array.of(9, 1, -2, 8).buffer);

beforeEach(() => {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'sub'), { recursive: true });
  for (const file of [secret, join(home, 'w.bin'), join(home, 'sub', 'w.bin')]) writeFileSync(file, weights);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes the model with w = [1, -2] kept at `entries` of an external file. */
function writeModel(entries: Record<string, string>): Uint8Array {
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  const initializer = [{ name: 'w', dims: [2], dataType: 1, dataLocation: 1, externalData }];
  const bytes = encode({ ...addRelu, initializer });
  writeFileSync(path, bytes);
  return bytes;
}

async function loadFailure(file = path): Promise<Ann2SnnError> {
  const thrown: unknown = await loadOnnx(file).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof Ann2SnnError) return thrown;
  throw new Error(`expected a failure of the user's making, got ${String(thrown)}`);
}

describe('loadOnnx', () => {
  it('returns the model, its bytes and their digest', async () => {
    const bytes = encode(addRelu);
    writeFileSync(path, bytes);
    const loaded = await loadOnnx(path);
    expect(loaded.model).toEqual(readOnnx(bytes, { where: path }));
    expect(Uint8Array.from(loaded.bytes)).toEqual(Uint8Array.from(bytes));
    expect(loaded.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(loaded.path).toBe(path);
  });

  it.each([
    ['a file that is not there', 'none.onnx', 'no such file'],
    ['a folder', 'sub', 'found a folder'],
  ])('refuses %s', async (_, name, message) => {
    const failure = await loadFailure(join(home, name));
    expect(failure.code).toBe('file-not-readable');
    expect(failure.problems[0]!.where).toBe(join(home, name));
    expect(failure.message).toContain(message);
  });
});

describe('external data', () => {
  it.each([
    ['an offset and a length', { location: 'w.bin', offset: '4', length: '8' }],
    ['an offset alone', { location: 'w.bin', offset: '4' }],
    ['a folder below', { location: 'sub/w.bin', offset: '4', length: '8' }],
    ['a way round inside the folder', { location: 'sub/../w.bin', offset: '4', length: '8' }],
  ])('is read by %s', async (_, entries) => {
    writeModel(entries);
    const { model } = await loadOnnx(path);
    expect(model.initializers.get('w')!.data).toEqual(Float32Array.of(1, -2));
  });

  it('follows a symbolic link that stays in the folder', async () => {
    symlinkSync(join(home, 'w.bin'), join(home, 'link.bin'));
    writeModel({ location: 'link.bin', offset: '4', length: '8' });
    expect((await loadOnnx(path)).model.initializers.get('w')!.data).toEqual(Float32Array.of(1, -2));
  });

  it.each([
    ['a way out', '../secret.bin', 'a path that leaves it'],
    ['a hidden way out', 'sub/../../secret.bin', 'a path that leaves it'],
    ['an absolute path', secret, 'an absolute one'],
    ['an absolute path of Windows', 'C:\\w.bin', 'an absolute one'],
    ['no location', '', 'found none'],
    ['a missing file', 'gone.bin', 'no such file'],
    ['a folder', 'sub', 'expected a file'],
  ])('refuses %s, naming tensor and location', async (_, location, message) => {
    writeModel({ location, offset: '4', length: '8' });
    const failure = await loadFailure();
    expect(failure.code).toBe('external-data');
    expect(failure.problems[0]!.where).toContain(`initializer "w", external data "${location}"`);
    expect(failure.message).toContain(message);
  });

  it('refuses symbolic links out of the folder, of files and of folders', async () => {
    symlinkSync(secret, join(home, 'link.bin'));
    symlinkSync(folder, join(home, 'up'));
    for (const location of ['link.bin', 'up/secret.bin']) {
      writeModel({ location, offset: '4', length: '8' });
      const failure = await loadFailure();
      expect(failure.code).toBe('external-data');
      expect(failure.message).toContain('a symbolic link that leaves it');
    }
  });

  it.each([
    [{ offset: '12', length: '8' }, 'bytes 12 to 20 in external data "w.bin", found a file of 16 bytes'],
    [{ offset: '99' }, 'found a file of 16 bytes'],
    [{ offset: '-4', length: '8' }, 'as the offset of its external data, found "-4"'],
    [{ offset: '4', length: '1e1' }, 'as the length of its external data, found "1e1"'],
    [{ offset: '9'.repeat(30) }, 'as the offset'],
  ])('refuses the range %o', async (range, message) => {
    writeModel({ location: 'w.bin', ...range });
    const failure = await loadFailure();
    expect(failure.code).toBe('external-data');
    expect(failure.message).toContain(message);
  });

  it('refuses a length that does not fit the shape', async () => {
    writeModel({ location: 'w.bin', length: '12' });
    expect((await loadFailure()).message).toContain(
      'expected 8 bytes of float32 for shape [2], found 12 bytes',
    );
  });

  it('is refused where only the bytes of the model are known', () => {
    const bytes = writeModel({ location: 'w.bin' });
    const failure = failureOf(() => readOnnx(bytes, { where: 'm' }));
    expect(failure.code).toBe('external-data');
    expect(failure.message).toContain('"w.bin"');
    expect(failure.help).toContain('path');
  });
});

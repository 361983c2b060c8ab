import { mkdir, readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../src/errors.ts';
import { discardUnfinished, readWhole, writeWhole } from '../src/files.ts';
import { tempFolder } from './data/temp-folder.ts';

const folder = tempFolder();

async function refusal(work: Promise<unknown>): Promise<Ann2SnnError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Ann2SnnError);
  return error as Ann2SnnError;
}

describe('writeWhole', () => {
  it('writes bytes and text, over what was there, and leaves nothing beside it', async () => {
    const path = await folder.put('here/file', 'a longer text that was there');
    await writeWhole(path, 'text');
    expect(await readFile(path, 'utf8')).toBe('text');
    await writeWhole(path, Uint8Array.of(0, 255));
    expect([...(await readWhole(path))]).toEqual([0, 255]);
    expect(await readdir(folder.path('here'))).toEqual(['file']);
  });

  it.each([
    ['a folder that does not exist', 'none/out', /expected a file in a folder, found no folder ".*none"/],
    ['a path below a file', 'plain/out', /expected a file in a folder, found no folder ".*plain"/],
    ['a folder', 'taken', /expected a file, found a folder/],
  ])('refuses %s and leaves nothing behind', async (_, name, message) => {
    await folder.put('plain', 'kept');
    await mkdir(folder.path('taken'), { recursive: true });
    const before = await readdir(folder.path(''), { recursive: true });
    const error = await refusal(writeWhole(folder.path(name), 'x'));
    expect(error).toMatchObject({ code: 'file-not-writable', problems: [{ where: folder.path(name) }] });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('.part');
    expect(await readdir(folder.path(''), { recursive: true })).toEqual(before);
    expect(await readFile(folder.path('plain'), 'utf8')).toBe('kept');
  });
});

it('a write that is broken off leaves nothing, and the file as it was', async () => {
  const path = await folder.put('broken/file', 'kept');
  const writing = refusal(writeWhole(path, new Uint8Array(64 * 2 ** 20)));
  while ((await readdir(folder.path('broken'))).length === 1);
  discardUnfinished();
  // What the writer holds open has no name any more, so that it cannot become the file.
  expect((await writing).code).toBe('file-not-writable');
  expect(await readdir(folder.path('broken'))).toEqual(['file']);
  expect(await readFile(path, 'utf8')).toBe('kept');
});

describe('readWhole', () => {
  it('refuses what is not there and what is a folder, naming it', async () => {
    for (const path of [folder.path('missing'), folder.path('')]) {
      const error = await refusal(readWhole(path));
      expect(error).toMatchObject({ code: 'file-not-readable', problems: [{ where: path }] });
    }
  });
});

import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { png, sharp } from './sharp-present.ts';
import { tempFolder } from './temp-folder.ts';

const folder = tempFolder();

/** A 1x1 grey picture, so that the first pixel tells which it is. */
async function put(name: string, value: number): Promise<string> {
  return folder.put(name, await png(1, 1, 1, [value]));
}

describe.skipIf(sharp === null)('image folders (skipped where the optional package sharp is absent)', () => {
  it('numbers class folders in the order of their names', async () => {
    await put('pets/dog/2.png', 4);
    await put('pets/dog/1.png', 3);
    await put('pets/cat/b.png', 2);
    await put('pets/cat/a.png', 1);
    await folder.put('pets/cat/notes.txt', 'no picture');
    await put('pets/.hidden/x.png', 9);
    const dataset = await openDataset(folder.path('pets'));
    expect(dataset).toMatchObject({ reader: 'image-folder', count: 4, shape: [3, 1, 1], dtype: 'uint8' });
    expect(dataset.labels).toEqual(Int32Array.of(0, 0, 1, 1));
    expect(dataset.classNames).toEqual(['cat', 'dog']);
    expect([...(await dataset.read(0, 4)).data]).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
    expect([...(await dataset.read(2, 3)).data]).toEqual([3, 3, 3]);
    expect((await dataset.read(1, 1)).shape).toEqual([0, 3, 1, 1]);
  });

  it('takes whole numbers as class indices', async () => {
    await put('numbered/0002/a.png', 1);
    await put('numbered/10/a.png', 2);
    const dataset = await openDataset(folder.path('numbered'));
    expect(dataset.labels).toEqual(Int32Array.of(2, 10));
    expect(dataset.classNames).toBeNull();
  });

  it('numbers classes by a given list and names folders that it has not', async () => {
    await put('listed/dog/a.png', 1);
    await put('listed/cat/a.png', 2);
    const classes = await folder.put('classes.txt', 'horse\ndog\ncat\n');
    const dataset = await openDataset(folder.path('listed'), { classes });
    expect(dataset.labels).toEqual(Int32Array.of(2, 1));
    expect(dataset.classNames).toEqual(['horse', 'dog', 'cat']);
    const others = await folder.put('others.txt', 'horse\n');
    await expect(openDataset(folder.path('listed'), { classes: others })).rejects.toMatchObject({
      code: 'invalid-data',
      problems: [{ where: folder.path('listed/cat') }, { where: folder.path('listed/dog') }],
    });
  });

  it('is a set without labels when the pictures lie in the folder itself', async () => {
    await put('flat/b.png', 2);
    await put('flat/a.png', 1);
    const dataset = await openDataset(folder.path('flat'));
    expect(dataset.labels).toBeNull();
    expect([...(await dataset.read(0, 2)).data]).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('refuses pictures beside class folders', async () => {
    await put('loose/cat/a.png', 1);
    const where = await put('loose/b.png', 1);
    await expect(openDataset(folder.path('loose'))).rejects.toMatchObject({
      code: 'invalid-data',
      problems: [{ where }],
    });
  });

  it('reads only the first pictures with a limit', async () => {
    await put('some/a/1.png', 1);
    await put('some/b/1.png', 2);
    await folder.put('some/c/broken.png', 'text');
    const dataset = await openDataset(folder.path('some'), { limit: 2 });
    expect([...dataset.labels!]).toEqual([0, 1]);
    await expect(openDataset(folder.path('some'))).rejects.toMatchObject({
      problems: [{ where: folder.path('some/c/broken.png') }],
    });
  });

  it('names pictures of another size when opened', async () => {
    await put('sizes/a/1.png', 1);
    const where = await folder.put('sizes/b/1.png', await png(2, 2, 1, [0, 0, 0, 0]));
    await expect(openDataset(folder.path('sizes'))).rejects.toMatchObject({
      code: 'invalid-data',
      problems: [{ where }],
    });
  });

  it('follows links to class folders', async () => {
    await put('target/a.png', 8);
    await put('links/a/1.png', 7);
    await symlink(folder.path('target'), folder.path('links/b'));
    expect((await openDataset(folder.path('links'))).labels).toEqual(Int32Array.of(0, 1));
  });

  it('hashes contents, classes and names', async () => {
    const hash = async (name: string) => (await openDataset(folder.path(name))).sha256;
    await put('h1/cat/a.png', 1);
    await put('h2/cat/a.png', 1);
    await put('h3/dog/a.png', 1);
    await put('h4/cat/a.png', 2);
    expect(await hash('h2')).toBe(await hash('h1'));
    expect(await hash('h3')).not.toBe(await hash('h1'));
    expect(await hash('h4')).not.toBe(await hash('h1'));
  });
});

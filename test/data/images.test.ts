import { describe, expect, it } from 'vitest';
import { readImages } from '../../src/data/images.ts';
import { png, sharp } from './sharp-present.ts';
import { tempFolder } from './temp-folder.ts';

const folder = tempFolder();

describe.skipIf(sharp === null)('readImages (skipped where the optional package sharp is absent)', () => {
  it('gives RGB planes, drops alpha and spreads grey', async () => {
    const rgb = await folder.put('rgb.png', await png(2, 1, 3, [10, 20, 30, 40, 50, 60]));
    const rgba = await folder.put('rgba.png', await png(2, 1, 4, [1, 2, 3, 0, 4, 5, 6, 128]));
    const grey = await folder.put('grey.png', await png(2, 1, 1, [7, 200]));
    const read = await readImages([rgb, rgba, grey]);
    expect(read.dtype).toBe('uint8');
    expect(read.shape).toEqual([3, 3, 1, 2]);
    expect([...read.data]).toEqual([10, 40, 20, 50, 30, 60, 1, 4, 2, 5, 3, 6, 7, 200, 7, 200, 7, 200]);
  });

  it('brings 16-bit and palette pictures to 8-bit RGB', async () => {
    const raw = { width: 1, height: 1 };
    const wide = await sharp!(Uint16Array.of(0x1234, 0xffff, 0), { raw: { ...raw, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const wideGrey = await sharp!(Uint16Array.of(0x4321), { raw: { ...raw, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    expect((await sharp!(wide).metadata()).depth).toBe('ushort');
    expect((await sharp!(wideGrey).metadata()).depth).toBe('ushort');
    const palette = await sharp!(Uint8Array.of(255, 0, 0), { raw: { width: 1, height: 1, channels: 3 } })
      .png({ palette: true })
      .toBuffer();
    const read = await readImages([
      await folder.put('wide.png', wide),
      await folder.put('wide-grey.png', wideGrey),
      await folder.put('palette.png', palette),
    ]);
    expect([...read.data]).toEqual([0x12, 255, 0, 0x43, 0x43, 0x43, 255, 0, 0]);
  });

  it('does not turn a picture by its orientation tag', async () => {
    const turned = await sharp!(Uint8Array.of(0, 0, 0, 255, 255, 255), {
      raw: { width: 2, height: 1, channels: 3 },
    })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    expect((await readImages([await folder.put('turned.png', turned)])).shape).toEqual([1, 3, 1, 2]);
  });

  it('names every picture of another size', async () => {
    const first = await folder.put('a.png', await png(2, 1, 1, [0, 0]));
    const tall = await folder.put('b.png', await png(1, 2, 1, [0, 0]));
    const large = await folder.put('c.png', await png(3, 1, 1, [0, 0, 0]));
    await expect(readImages([first, tall, first, large])).rejects.toMatchObject({
      code: 'invalid-data',
      problems: [
        { where: tall, message: `expected 2x1 pixels like ${first}, found 1x2` },
        { where: large, message: `expected 2x1 pixels like ${first}, found 3x1` },
      ],
    });
  });

  it('names every picture that cannot be decoded', async () => {
    const good = await png(
      8,
      8,
      1,
      Array.from({ length: 64 }, (_, i) => (i * 37) % 256),
    );
    const jpeg = await sharp!(good).jpeg().toBuffer();
    const paths = [
      await folder.put('good.png', good),
      await folder.put('text.png', 'this is text'),
      await folder.put('cut.png', good.subarray(0, good.length - 30)),
      await folder.put('cut.jpg', jpeg.subarray(0, jpeg.length - 40)),
    ];
    await expect(readImages(paths)).rejects.toMatchObject({
      code: 'invalid-data',
      problems: paths.slice(1).map((where) => ({ where })),
    });
  });

  it('names a missing picture', async () => {
    const where = folder.path('missing.png');
    await expect(readImages([where])).rejects.toMatchObject({
      code: 'file-not-readable',
      problems: [{ where }],
    });
  });
});

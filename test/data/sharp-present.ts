// Whether the optional package sharp is installed; tests of pictures are skipped without it.
export const sharp = await import('sharp').then(
  (module) => module.default,
  () => null,
);

/** A PNG of the given channels (1 grey, 3 RGB, 4 RGBA), pixel by pixel. */
export async function png(
  width: number,
  height: number,
  channels: 1 | 3 | 4,
  pixels: readonly number[],
): Promise<Uint8Array> {
  const image = sharp!(Uint8Array.from(pixels), { raw: { width, height, channels } });
  return (channels === 1 ? image.toColourspace('b-w') : image).png().toBuffer();
}

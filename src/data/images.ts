// Pictures decoded to pixels by the optional package sharp, which is loaded only when a picture is read or written.
import type { SharpOptions } from 'sharp';
import { Ann2SnnError, messageOf, type Problem, throwIfAny } from '../errors.ts';
import { readWhole } from '../files.ts';
import { type Tensor, tensor } from '../tensor/tensor.ts';

const CHANNELS = 3;

/** Pictures read and decoded at once. */
const AT_ONCE = 16;

/** Colour profiles are ignored and a damaged picture is refused: what training pipelines do. */
const DECODING: SharpOptions = { ignoreIcc: true, failOn: 'error' };

/** [height, width] of a picture, from its header. */
export type PictureSize = readonly [number, number];

/**
 * Decodes pictures of one size to RGB: uint8 [n, 3, H, W]. Grey pictures get three equal channels, an
 * alpha channel is dropped, pixels lie as stored (an orientation tag turns nothing).
 * @throws Ann2SnnError `file-not-readable`, `missing-dependency`, or `invalid-data` naming every picture
 *   that cannot be decoded or is not of the first one's size
 */
export async function readImages(paths: readonly string[]): Promise<Tensor> {
  const decoded = await eachPicture(paths, decode);
  checkSizes(
    paths,
    decoded.map(({ size }) => size),
  );
  const [height, width] = decoded[0]?.size ?? [0, 0];
  const pixels = height * width;
  const out = new Uint8Array(paths.length * CHANNELS * pixels);
  decoded.forEach(({ data }, image) => {
    for (let channel = 0; channel < CHANNELS; channel++) {
      const start = (image * CHANNELS + channel) * pixels;
      for (let i = 0; i < pixels; i++) out[start + i] = data[i * CHANNELS + channel]!;
    }
  });
  return tensor('uint8', [paths.length, CHANNELS, height, width], out);
}

/**
 * Reads each picture's file and its size, decoding nothing; `visit` sees the bytes in the order of `paths`.
 * @throws Ann2SnnError as `readImages` does
 */
export async function inspectImages(
  paths: readonly string[],
  visit: (path: string, bytes: Uint8Array) => void,
): Promise<PictureSize> {
  const sizes = await eachPicture(paths, measure, visit);
  checkSizes(paths, sizes);
  return sizes[0]!;
}

async function decode(bytes: Uint8Array): Promise<{ size: PictureSize; data: Uint8Array }> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(bytes, DECODING)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== CHANNELS) throw new Error(`decoded to ${info.channels} channels, not ${CHANNELS}`);
  return { size: [info.height, info.width], data };
}

async function measure(bytes: Uint8Array): Promise<PictureSize> {
  const sharp = await loadSharp();
  const { height, width } = await sharp(bytes, DECODING).metadata();
  return [height, width];
}

/** Reads and treats the pictures some at a time; all that fail are reported in one error. */
async function eachPicture<R>(
  paths: readonly string[],
  treat: (bytes: Uint8Array) => Promise<R>,
  visit: (path: string, bytes: Uint8Array) => void = () => {},
): Promise<R[]> {
  await loadSharp();
  const results: R[] = [];
  const problems: Problem[] = [];
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const some = paths.slice(from, from + AT_ONCE);
    const files = await Promise.all(some.map(readWhole));
    for (const [i, path] of some.entries()) visit(path, files[i]!);
    const settled = await Promise.allSettled(files.map(treat));
    for (const [i, result] of settled.entries()) {
      if (result.status === 'fulfilled') results.push(result.value);
      else {
        problems.push({
          where: some[i]!,
          message: `expected a picture that can be decoded, found otherwise (${messageOf(result.reason)})`,
        });
      }
    }
  }
  throwIfAny('invalid-data', problems);
  return results;
}

function checkSizes(paths: readonly string[], sizes: readonly PictureSize[]): void {
  const [height, width] = sizes[0] ?? [0, 0];
  const problems = sizes.flatMap(([h, w], i) =>
    h === height && w === width
      ? []
      : [
          {
            where: paths[i]!,
            message: `expected ${width}x${height} pixels like ${paths[0]}, found ${w}x${h}`,
          },
        ],
  );
  throwIfAny('invalid-data', problems, {
    help: 'scale or crop the pictures to the size that the model takes',
  });
}

/** The package that reads and writes pictures. @throws Ann2SnnError `missing-dependency` */
export async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    throw new Ann2SnnError(
      'missing-dependency',
      {
        where: 'sharp',
        message: `expected the optional package that reads and writes pictures, found none (${messageOf(error)})`,
      },
      { help: 'install it with: npm install sharp', cause: error },
    );
  }
}

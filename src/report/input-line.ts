// How pixels become the network's input, in words: the file cannot say it, so people must be able to see it.
import type { Preprocessing } from '../data/preprocessing.ts';

/**
 * "x' = (pixel / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]"; "x' = pixel / 255" where nothing is normalised, and
 * "x' = pixel, as it is" where nothing is done at all.
 */
export function inputLine({ scale, mean, std, channels }: Preprocessing): string {
  const order = channels === 'as-is' ? '' : `, ${channels}`;
  const pixel = scale === 1 ? 'pixel' : `pixel / ${scale}`;
  const centred = mean.every((value) => value === 0) ? pixel : `${pixel} ${difference(mean)}`;
  const spread = std.every((value) => value === 1) ? '' : ` / ${show(std)}`;
  if (centred === 'pixel' && spread === '') return `x' = pixel, as it is${order}`;
  const grouped = centred !== pixel || (spread !== '' && scale !== 1) ? `(${centred})` : centred;
  return `x' = ${grouped}${spread}${order}`;
}

/** The line with what to think of where nothing is normalised: for commands that have the options. */
export function inputLineWithRemark(preprocessing: Preprocessing): string {
  const { mean, std } = preprocessing;
  const plain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  const remark = plain ? '   (no --mean, no --std: right only for a network trained so)' : '';
  return `${inputLine(preprocessing)}${remark}`;
}

/** "- 0.5", "+ 0.1" or "- [0.1, -0.2]" */
function difference(mean: readonly number[]): string {
  const [first] = mean;
  return mean.length === 1 && first! < 0 ? `+ ${-first!}` : `- ${show(mean)}`;
}

function show(values: readonly number[]): string {
  return values.length === 1 ? String(values[0]) : `[${values.join(', ')}]`;
}

/** Largest pixels below this were hardly meant to be divided by 255. */
const FAINT = 64;

/**
 * A note on 8-bit images that fill little of their range and are divided by all of it.
 * @param largest pixel of images that are divided by a scale that nobody gave; null where somebody did
 */
export function scaleNote(largest: number | null, { scale }: Pick<Preprocessing, 'scale'>): string[] {
  if (largest === null || largest === 0 || largest >= FAINT) return [];
  return [
    `note: the largest pixel is ${largest}, and pixels are divided by ${scale}; give --scale ${largest} if the network was trained on pixel / ${largest}`,
  ];
}

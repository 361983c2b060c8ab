// How pixels become the network's input, in words: the file cannot say it, so people must be able to see it.
import type { Preprocessing } from '../data/preprocessing.ts';

/** "x' = (pixel / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]", or "x' = pixel / 255" with a remark where nothing is normalised. */
export function inputLine({ scale, mean, std, channels }: Preprocessing): string {
  const show = (values: readonly number[]) =>
    values.length === 1 ? String(values[0]) : `[${values.join(', ')}]`;
  const order = channels === 'as-is' ? '' : `, ${channels}`;
  const plain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  const remark = plain ? '   (no --mean, no --std: right only for a network trained so)' : '';
  const pixel = `pixel / ${scale}`;
  const input = plain ? pixel : `(${pixel} - ${show(mean)}) / ${show(std)}`;
  return `x' = ${input}${order}${remark}`;
}

// What a model of memory accesses is, and the energy of an access by it.

/** A word whose access the constants are for. */
const WORD_BITS = 32;

export interface MemoryModel {
  readonly name: string;
  readonly source: string;
  /** Picojoules of one 32-bit access to a memory of so many bytes, by ascending size. */
  readonly accessPj: readonly { readonly bytes: number; readonly pj: number }[];
}

/**
 * Picojoules of one access to a word of `bits` in a memory of `words` of these: linear in the size between the model's
 * points, constant outside them, and in proportion to the width of the word.
 */
export function accessPj({ accessPj: points }: MemoryModel, words: number, bits: number): number {
  const bytes = (words * bits) / 8;
  const share = bits / WORD_BITS;
  const next = points.findIndex((point) => point.bytes >= bytes);
  if (next === -1) return share * points.at(-1)!.pj;
  const [from, to] = [points[next - 1], points[next]!];
  if (from === undefined) return share * to.pj;
  return share * (from.pj + ((to.pj - from.pj) * (bytes - from.bytes)) / (to.bytes - from.bytes));
}

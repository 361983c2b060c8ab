// Which outputs an input element reaches, turned around from which input each output reads.

/** Pairs grouped by their source: those of source `s` are `pairs[starts[s]]` up to `pairs[starts[s + 1]]`. */
export interface FanOut {
  readonly starts: Int32Array;
  /** Indices into the list of pairs, ascending within a source. */
  readonly pairs: Int32Array;
}

/** Groups pairs by source; `sources[p]` is the source of pair `p`, below `size`. */
export function fanOut(sources: Int32Array, size: number): FanOut {
  const starts = new Int32Array(size + 1);
  for (const source of sources) starts[source + 1]! += 1;
  for (let s = 0; s < size; s++) starts[s + 1]! += starts[s]!;
  const next = starts.slice();
  const pairs = new Int32Array(sources.length);
  for (let p = 0; p < pairs.length; p++) pairs[next[sources[p]!]!++] = p;
  return { starts, pairs };
}

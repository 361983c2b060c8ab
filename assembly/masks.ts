// Spikes as neurons write them: a byte for each four neurons, which of them fired in its low four bits and which of those
// with -1 in its high ones. Whoever wants all spikes alike (counts, skips) reads these; lists.ts makes rows of them.

/** For each set of four lanes, all bits of its lanes. */
const LANES = memory.data<i32>([
  0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0, -1, -1, 0, 0, 0, 0, -1, 0, -1, 0, -1, 0, 0, -1, -1, 0, -1, -1, -1, 0,
  0, 0, 0, -1, -1, 0, 0, -1, 0, -1, 0, -1, -1, -1, 0, -1, 0, 0, -1, -1, -1, 0, -1, -1, 0, -1, -1, -1, -1, -1,
  -1, -1,
]);

/** The byte of four neurons, of which those that fired did so with the sign of `o`. */
export function maskOf(fired: v128, o: v128): i32 {
  return i32x4.bitmask(fired) | (i32x4.bitmask(v128.and(o, fired)) << 4);
}

/** All bits of the lanes that fired. */
export function firedLanes(mask: i32): v128 {
  return v128.load(LANES + ((mask & 15) << 4));
}

/** All bits of the lanes that fired with -1. */
export function negativeLanes(mask: i32): v128 {
  return v128.load(LANES + (mask & 240));
}

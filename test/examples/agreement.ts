// How far two simulations of one float32 network agree, where rounding makes single spikes differ.

/**
 * Compares final logits.
 * @param found, expected [T, N, classes], row-major
 * @returns the share of images with the same answer, and the largest difference over the largest |logit|
 */
export function agreementOf(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  T: number,
  classes: number,
): { readonly agreement: number; readonly largestDifference: number } {
  const images = expected.length / T / classes;
  const first = expected.length - images * classes;
  let [same, difference, largest] = [0, 0, 0];
  for (let n = 0; n < images; n++) {
    const from = first + n * classes;
    let [a, b] = [from, from];
    for (let i = from; i < from + classes; i++) {
      if (found[i]! > found[a]!) a = i;
      if (expected[i]! > expected[b]!) b = i;
      difference = Math.max(difference, Math.abs(found[i]! - expected[i]!));
      largest = Math.max(largest, Math.abs(expected[i]!));
    }
    if (a === b) same++;
  }
  return { agreement: same / images, largestDifference: difference / largest };
}

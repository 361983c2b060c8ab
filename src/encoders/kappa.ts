// K, the weight of a full spike train: what one unit of constant input adds up to.

/** K = sum over t = 1..T of beta^(T-t). The largest value that T spikes of amplitude theta carry is theta * K. */
export function kappa(T: number, beta: number): number {
  let sum = 0;
  for (let t = 0; t < T; t++) sum = sum * beta + 1;
  return sum;
}

// Constants of operators whose values are carried in units (op.ts, `rescale`).
import { floatTensor, type Tensor } from '../tensor/tensor.ts';
import type { UnitChange } from './op.ts';
import { unitAt } from './unit.ts';

/** W from / to (SWS Eq. 18); `channelsOf` names the channels that the i-th weight connects. */
export function rescaledWeights(
  weights: Tensor,
  { from, to }: UnitChange,
  channelsOf: (i: number) => { readonly input: number; readonly output: number },
): Tensor {
  const scaled = new Float32Array(weights.data.length);
  for (let i = 0; i < scaled.length; i++) {
    const { input, output } = channelsOf(i);
    scaled[i] = (weights.data[i]! * unitAt(from, input)) / unitAt(to, output);
  }
  return floatTensor(weights.shape, scaled);
}

/** b / (K to), one for each output channel (SWS Eq. 19). */
export function rescaledBias(bias: Tensor, { to, K }: UnitChange): Tensor {
  return floatTensor(
    bias.shape,
    Float32Array.from(bias.data, (value, channel) => value / (K * unitAt(to, channel))),
  );
}

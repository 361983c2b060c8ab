// Refusing weights that are not numbers: one NaN makes every spike after it meaningless.
import { type Problem, throwIfAny } from '../errors.ts';
import { isFloat, showShape, type Tensor } from '../tensor/tensor.ts';

/**
 * Checks all tensors, given with what to call them.
 * @throws Ann2SnnError `invalid-weights`, naming every tensor that holds NaN or Infinity.
 */
export function requireFinite(tensors: Iterable<readonly [where: string, tensor: Tensor]>): void {
  const problems: Problem[] = [];
  for (const [where, tensor] of tensors) {
    if (!isFloat(tensor.dtype) || allFinite(tensor)) continue;
    const values = Array.from(tensor.data);
    const bad = values.flatMap((value, index) => (Number.isFinite(value) ? [] : [index]));
    const more = bad.length > 1 ? ` and ${bad.length - 1} more like it` : '';
    const found = `${values[bad[0]!]} at flat index ${bad[0]}${more}, in shape ${showShape(tensor.shape)}`;
    problems.push({ where, message: `expected finite weights, found ${found}` });
  }
  throwIfAny('invalid-weights', problems, { help: 'the training may have diverged, or the file is damaged' });
}

/** Zero times anything is zero, unless it is NaN or Infinity; a sum has no branch to mispredict. */
function allFinite(tensor: Tensor): boolean {
  const { data } = tensor;
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * 0;
  return sum === 0;
}

// Class labels: from an array of any number type to checked class indices.
import { Ann2SnnError } from '../errors.ts';
import { showShape, type Tensor } from '../tensor/tensor.ts';

/** How many offending labels a message spells out. */
const SHOWN = 5;

/** The largest class index that Int32Array holds. */
const LARGEST = 2 ** 31 - 1;

/** Class indices from a [N] or [N, 1] array. @throws Ann2SnnError `invalid-data` */
export function readLabels(source: Tensor, where: string): Int32Array {
  const { shape, data } = source;
  if (!(shape.length === 1 || (shape.length === 2 && shape[1] === 1))) {
    throw new Ann2SnnError('invalid-data', {
      where,
      message: `expected one class index per image, shape [N], found shape ${showShape(shape)}`,
    });
  }
  refuseLabels(
    data,
    where,
    'whole numbers from 0',
    (label) => Number.isInteger(label) && label >= 0 && label <= LARGEST,
  );
  return Int32Array.from(data);
}

/** Throws `invalid-data` saying how many labels are not `valid`, and which the first of them are. */
export function refuseLabels(
  labels: ArrayLike<number>,
  where: string,
  expected: string,
  valid: (label: number) => boolean,
): void {
  let wrong = 0;
  const first: string[] = [];
  for (let i = 0; i < labels.length; i++) {
    if (valid(labels[i]!)) continue;
    if (wrong++ < SHOWN) first.push(`${labels[i]} (image ${i})`);
  }
  if (wrong === 0) return;
  const rest = wrong > SHOWN ? ', ...' : '';
  throw new Ann2SnnError('invalid-data', {
    where,
    message: `expected labels to be ${expected}, found ${wrong} of ${labels.length} that are not: ${first.join(', ')}${rest}`,
  });
}

// Images in batches that fit a cache.
import { feedsOf } from '../runtime/activations.ts';
import type { Session } from '../runtime/session.ts';
import { type FloatTensor, sizeOf } from '../tensor/tensor.ts';
import { type CodingSubject, neuronsOf } from './subject.ts';

/** Elements of all layers of the images that a model is given at once, at most. */
const MOST_NEURONS = 2 ** 20;

/** The inputs of a coding's model for all images, batch by batch, and the index of each batch's first image. */
export function* inBatches(subject: CodingSubject, session: Session, images: FloatTensor) {
  const neurons = neuronsOf(subject).reduce((sum, { inputShape }) => sum + sizeOf(inputShape), 1);
  const most = Math.max(1, Math.floor(MOST_NEURONS / neurons));
  const [count = 0, ...shape] = images.shape;
  const size = sizeOf(shape);
  for (let first = 0; first < count; first += most) {
    const taken = Math.min(most, count - first);
    const data = images.data.subarray(first * size, (first + taken) * size);
    const batch: FloatTensor = { dtype: 'float32', shape: [taken, ...shape], data };
    yield { feeds: feedsOf(session, batch), first, count: taken };
  }
}

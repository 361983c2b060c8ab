import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { errorOf, failureOf } from '../../src/workers/failure.ts';

/** As an error arrives from another thread. */
const sent = (error: unknown) => errorOf(structuredClone(failureOf(error)));

describe('an error from another thread', () => {
  it('is the one that a user can mend, whole', () => {
    const error = new Ann2SnnError('invalid-data', [{ where: 'x.npz', message: 'found NaN' }], {
      help: 'mend it',
    });
    const { code, problems, help, message, stack } = error;
    const own = sent(error);
    expect(own).toBeInstanceOf(Ann2SnnError);
    expect(own).toMatchObject({ code, problems, help, message, stack });
  });

  it('is a bug with its stack where it is one', () => {
    const error = new RangeError('activations hold NaN');
    expect(sent(error)).not.toBeInstanceOf(Ann2SnnError);
    expect(sent(error)).toMatchObject({ message: error.message, stack: error.stack });
    expect(sent('text').message).toBe('text');
  });
});

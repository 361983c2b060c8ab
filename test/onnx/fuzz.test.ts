// Damaged files: whatever happens to the bytes, only the one error of the toolkit may come out.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { exposeValues } from '../../src/onnx/expose.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import { addRelu, encode } from './fixtures.ts';

const value = { name: 'value', type: 4, t: { dims: [1, 2], dataType: 10, int32Data: [0, 15360] } };
const bytes = encode({
  ...addRelu,
  node: [
    ...addRelu.node!,
    { name: 'k', opType: 'Constant', output: ['k'], attribute: [value] },
    {
      name: 'p',
      opType: 'Pad',
      input: ['y'],
      output: ['p'],
      attribute: [{ name: 'pads', type: 7, ints: [0, 1] }],
    },
  ],
});

/** One edit of the file: a byte set, a stretch cut out, or a stretch repeated. */
const edit = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'cut', 'repeat'),
  at: fc.nat(bytes.length - 1),
  length: fc.integer({ min: 1, max: 20 }),
  byte: fc.nat(255),
});

function apply(
  file: Buffer,
  { kind, at, length, byte }: { kind: string; at: number; length: number; byte: number },
) {
  if (kind === 'set') {
    const copy = Buffer.from(file);
    copy[at % file.length] = byte;
    return copy;
  }
  const end = kind === 'cut' ? at + length : at;
  const start = kind === 'cut' ? at : at + length;
  return Buffer.concat([file.subarray(0, start), file.subarray(end)]);
}

it('answers every damaged file with a model or one Ann2SnnError', () => {
  const seen = { model: 0, failure: 0 };
  const attempt = (work: () => unknown) => {
    try {
      work();
      seen.model++;
    } catch (thrown) {
      if (!(thrown instanceof Ann2SnnError)) throw thrown;
      expect(thrown.problems.length).toBeGreaterThan(0);
      seen.failure++;
    }
  };
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 2 }), (edits) => {
      const damaged = edits.reduce(apply, Buffer.from(bytes));
      attempt(() => writeOnnx(readOnnx(damaged, { where: 'm.onnx' })));
      attempt(() => exposeValues(damaged, ['s']));
    }),
    { numRuns: 1500, seed: 20 },
  );
  // Neither outcome may be so rare that the test says nothing.
  expect(Math.min(seen.model, seen.failure)).toBeGreaterThan(200);
});

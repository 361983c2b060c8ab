// The check before conversion, on seeded random images instead of a data set.
import { type PreparedModel, type PrepareOptions, prepare } from '../../src/pipeline.ts';
import { checkEquivalence } from '../../src/runtime/equivalence.ts';
import type { OutputDifference } from '../../src/runtime/relative-difference.ts';
import { plannedInputs } from '../../src/snn/plan/planned.ts';
import { floatTensor, sizeOf } from '../../src/tensor/tensor.ts';
import { randomNumbers } from '../engines/dyadic-network.ts';

/** Prepares a file and compares the normalised graph with it. */
export async function checkFile(
  path: string,
  images: number,
  options: PrepareOptions = {},
): Promise<{ readonly model: PreparedModel; readonly differences: readonly OutputDifference[] }> {
  const model = await prepare(path, options);
  const random = randomNumbers(7);
  const shape = [images, ...plannedInputs(model.plan)[0]!.shape];
  const values = Float32Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1);
  const differences = await checkEquivalence(
    model.file,
    model.graph,
    floatTensor(shape, values),
    model.fixedBatch,
  );
  return { model, differences };
}

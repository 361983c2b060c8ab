// Every operator against the outputs stored by the ONNX project. A case that is left out stands in LEFT_OUT.
// `npx vitest run test/ops/backend-cases.test.ts test/passes/backend-cases.test.ts --reporter=verbose` lists every case.
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { opNamed } from '../../src/ops/index.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import {
  type BackendCase,
  backendCaseNames,
  backendCasesPresent,
  readBackendCase,
  readBackendModel,
} from './backend-case.ts';
import { relativeError, runNode } from './single-node.ts';

/** Cases that are not run, by the words in which `whyNot` must give the reason. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'an input is an optional value, no tensor': ['node/test_identity_opt'],
  'the largest of all images together (axis 0 is the batch)': [
    'node/test_dynamicquantizelinear_max_adjusted_expanded',
    'node/test_dynamicquantizelinear_min_adjusted_expanded',
    'node/test_logsoftmax_axis_0_expanded',
    'node/test_softmax_axis_0_expanded',
  ],
  'normalisation by the statistics of the batch (statistics are only updated in training)': [
    'node/test_batchnorm_epsilon_training_mode',
  ],
  'a second output (the indices of the maxima are not computed)': [
    'node/test_maxpool_with_argmax_2d_precomputed_strides',
  ],
  'Clip of integers (expects floating point operands of one type, found int8)': [
    'node/test_clip_default_int8_inbounds',
    'node/test_clip_default_int8_max',
    'node/test_clip_default_int8_min',
  ],
};

const leftOut = Object.entries(LEFT_OUT).flatMap(([reason, names]) => names.map((name) => [name, reason]));
const isLeftOut = (name: string) => leftOut.some(([other]) => other === name);

describe.skipIf(!backendCasesPresent)('cases of the ONNX project (skipped where ../shared is absent)', () => {
  it('runs every case or says why not', () => {
    const names = backendCaseNames();
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => whyNot(name) !== undefined)).toEqual(leftOut.map(([name]) => name).sort());
  });

  it.each(leftOut)('%s is left out: %s', (name, reason) => {
    const [, words] = /\((.*)\)$/.exec(reason!) ?? [reason, reason];
    expect(whyNot(name!)).toContain(words);
  });

  it.each(backendCaseNames().filter((name) => !isLeftOut(name)))('%s', (name) => {
    const backendCase = readBackendCase(name);
    const { values, tolerance } = evaluate(backendCase);
    for (const [output, expected] of backendCase.outputs) {
      const actual = values.get(output)!;
      expect(actual.dtype, output).toBe(expected.dtype);
      expect(actual.shape, output).toEqual(expected.shape);
      expect(relativeError(actual, expected), output).toBeLessThanOrEqual(tolerance);
    }
  });
});

/** What keeps a case from running: an operator, a type, or the error that refuses it. */
function whyNot(name: string): string | undefined {
  try {
    const model = readBackendModel(name);
    const missing = model.nodes.map((node) => node.opType).filter((op) => opNamed(op) === undefined);
    if (missing.length > 0) return `no operator ${[...new Set(missing)].sort().join(', ')}`;
    if (model.inputs.some((input) => input.dtype === null)) return 'an input is an optional value, no tensor';
    evaluate(readBackendCase(name));
    return undefined;
  } catch (error) {
    if (error instanceof Ann2SnnError) return error.message;
    throw error;
  }
}

/** Runs a model node by node; checks that inferred types and shapes come true. */
function evaluate({ model, inputs }: Pick<BackendCase, 'model' | 'inputs'>) {
  const values = new Map<string, Tensor>([...model.initializers, ...inputs]);
  let tolerance = 0;
  for (const node of model.nodes) {
    const operands = node.inputs.map((name) => (name === '' ? null : values.get(name)!));
    const { op, facts, outputs } = runNode(node, operands, model.opset);
    node.outputs.forEach((output, i) => {
      expect({ dtype: facts[i]!.dtype, shape: facts[i]!.shape }).toEqual({
        dtype: outputs[i]!.dtype,
        shape: outputs[i]!.shape,
      });
      values.set(output, outputs[i]!);
    });
    tolerance += op.tolerance;
  }
  return { values, tolerance };
}

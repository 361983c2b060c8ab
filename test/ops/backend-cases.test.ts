// Every operator against the outputs stored by the ONNX project. A case that is left out stands in LEFT_OUT.
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

/** Cases that are not run, by the reason that `whyNot` must find for them. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'an input is no tensor': ['node/test_identity_opt'],
  'no operator Max, Min, ReduceMax, ReduceMin, Round': [
    'node/test_dynamicquantizelinear_max_adjusted_expanded',
    'node/test_dynamicquantizelinear_min_adjusted_expanded',
  ],
  'no operator ConvTranspose': ['pytorch-operator/test_operator_convtranspose'],
  'no operator Exp, Log, ReduceMax, ReduceSum': [
    'node/test_logsoftmax_axis_0_expanded',
    'node/test_logsoftmax_default_axis_expanded',
    'node/test_logsoftmax_negative_axis_expanded',
  ],
  'no operator Exp, ReduceMax, ReduceSum': [
    'node/test_softmax_axis_0_expanded',
    'node/test_softmax_axis_1_expanded',
    'node/test_softmax_axis_2_expanded',
    'node/test_softmax_default_axis_expanded',
  ],
  'no operator GatherElements': ['node/test_gather_elements_0'],
  'no operator HardSigmoid': ['node/test_hardsigmoid_example'],
  'no operator LeakyRelu': [
    'node/test_leakyrelu',
    'node/test_leakyrelu_default',
    'node/test_leakyrelu_example',
  ],
  'no operator ReduceSum': ['node/test_reduce_sum_default_axes_keepdims_random'],
  'no operator Sigmoid': ['node/test_sigmoid', 'node/test_sigmoid_example'],
  // Training mode, and the indices of the maxima.
  'refused: unsupported-attribute': [
    'node/test_batchnorm_epsilon_training_mode',
    'node/test_maxpool_with_argmax_2d_precomputed_strides',
  ],
  // Clip of integers.
  'refused: unsupported-type': [
    'node/test_clip_default_int8_inbounds',
    'node/test_clip_default_int8_max',
    'node/test_clip_default_int8_min',
  ],
  'refused: unsupported-opset': [
    'node/test_globalaveragepool_precomputed',
    'node/test_globalmaxpool',
    'node/test_globalmaxpool_precomputed',
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
    expect(whyNot(name!)).toBe(reason);
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

/** What keeps a case from running: an operator, a type, or the code of the error that refuses it. */
function whyNot(name: string): string | undefined {
  try {
    const model = readBackendModel(name);
    const missing = model.nodes.map((node) => node.opType).filter((op) => opNamed(op) === undefined);
    if (missing.length > 0) return `no operator ${[...new Set(missing)].sort().join(', ')}`;
    if (model.inputs.some((input) => input.dtype === null)) return 'an input is no tensor';
    evaluate(readBackendCase(name));
    return undefined;
  } catch (error) {
    if (error instanceof Ann2SnnError) return `refused: ${error.code}`;
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

// The ONNX project's cases through our own eyes: read, imported, rewritten by every pass, written back and run in
// ONNX Runtime. The original file never runs.
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { type Graph, valueId } from '../../src/graph/graph.ts';
import { importGraph } from '../../src/graph/import.ts';
import { graphToOnnx } from '../../src/graph/to-onnx.ts';
import { runPasses } from '../../src/passes/normalise.ts';
import { openSession } from '../../src/runtime/session.ts';
import { castTensor, type Tensor } from '../../src/tensor/tensor.ts';
import {
  type BackendCase,
  backendCaseNames,
  backendCasesPresent,
  readBackendCase,
  readBackendModel,
} from '../ops/backend-case.ts';
import { relativeError } from '../ops/single-node.ts';
import { LEFT_OUT_CASES } from './left-out-cases.ts';

/** Rounding of float32 sums in another order; no case needs more. */
const TOLERANCE = 1e-5;

/** Which of a case's inputs stay inputs; the others become initializers. */
const BINDINGS = {
  'all inputs': (names: readonly string[]) => names,
  'its first input': (names: readonly string[]) => names.slice(0, 1),
  'its last input': (names: readonly string[]) => names.slice(-1),
  'no input': () => [],
};
type Binding = keyof typeof BINDINGS;

const leftOut = Object.entries(LEFT_OUT_CASES).flatMap(([why, names]) => names.map((name) => [name, why]));
const run = backendCaseNames().filter((name) => !leftOut.some(([other]) => other === name));

describe.skipIf(!backendCasesPresent)('cases of the ONNX project (skipped where ../shared is absent)', () => {
  it('runs every case or says why not', () => {
    expect(run.length).toBeGreaterThan(100);
    expect([...run, ...leftOut.map(([name]) => name)].toSorted()).toEqual(backendCaseNames());
  });

  it.each(leftOut)('%s is left out: %s', (name, why) => {
    expect(() => importGraph(readBackendModel(name!))).toThrow(why!);
  });

  it.each(run)('%s', async (name) => {
    const backendCase = readBackendCase(name);
    for (const binding of Object.keys(BINDINGS) as Binding[]) {
      const actual = await runCase(backendCase, binding).catch((error: unknown) => {
        if (mayRefuse(error, backendCase, binding)) return undefined;
        throw error;
      });
      if (actual === undefined) continue;
      [...backendCase.outputs.values()].forEach((stored, i) => {
        const expected = single(stored, actual[i]!);
        expect(actual[i]!.dtype, binding).toBe(expected.dtype);
        expect(actual[i]!.shape, binding).toEqual(expected.shape);
        expect(relativeError(actual[i]!, expected), binding).toBeLessThanOrEqual(TOLERANCE);
      });
    }
  });
});

/**
 * Parameters such as a shape must be constants. They are when the first input alone runs, unless it is one. Integers
 * that stand for other numbers are neither put in nor put out.
 */
function mayRefuse(error: unknown, { model, inputs }: BackendCase, binding: Binding): boolean {
  if (!(error instanceof Ann2SnnError)) return false;
  const quantized = [...model.inputs, ...model.outputs].some(
    ({ dtype }) => dtype === 'int8' || dtype === 'uint8',
  );
  if (quantized && error.code === 'unsupported-type') return binding !== 'no input';
  if (error.code !== 'dynamic-shape') return false;
  return binding === 'its first input' ? inputs.size === 1 : binding !== 'no input';
}

/** What is expected of a model in float64, which we run in float32. */
function single(expected: Tensor, actual: Tensor): Tensor {
  return expected.dtype === 'float64' && actual.dtype === 'float32'
    ? castTensor(expected, 'float32')
    : expected;
}

/** The outputs of a case, computed by ONNX Runtime from what we wrote. */
async function runCase({ model, inputs }: BackendCase, binding: Binding): Promise<Tensor[]> {
  const running = BINDINGS[binding](model.inputs.map((info) => info.name));
  const bound = [...inputs].filter(([name]) => !running.includes(name));
  const { graph: imported } = importGraph({
    ...model,
    inputs: model.inputs.filter((info) => running.includes(info.name)),
    initializers: new Map([...model.initializers, ...bound]),
  });
  const { graph } = runPasses(imported);
  const feeds = new Map(
    graph.inputs.map((input) => [input, castTensor(inputs.get(input)!, graph.facts.get(input)!.dtype)]),
  );
  const known = new Map<string, Tensor>([...graph.constants, ...feeds]);
  const computed = graph.outputs.some((output) => !known.has(output))
    ? await runInRuntime(graph, feeds)
    : known;
  return graph.outputs.map((output) => computed.get(output) ?? known.get(output)!);
}

async function runInRuntime(graph: Graph, feeds: ReadonlyMap<string, Tensor>) {
  const session = await openSession(graphToOnnx(graph, { freeBatch: false }), { where: 'graph' });
  try {
    return await session.run(new Map([...feeds].filter(([name]) => graph.inputs.includes(valueId(name)))));
  } finally {
    await session.release();
  }
}

// One neuron of a coding by itself: what it emits for a range of values, and what that decodes to. It runs the models that
// networks run, on a network of one layer whose neurons each get a value of their own.
import { type CanonicalGraph, valueId } from '../graph/graph.ts';
import { openSession } from '../runtime/session.ts';
import type { SpikingPlan } from '../snn/plan/planned.ts';
import { floatTensor, type Shape } from '../tensor/tensor.ts';
import type { BaselineCoding } from './baseline-coding.ts';
import { codingModel } from './coding-model.ts';
import { imageInput, OUTPUTS } from './model-parts.ts';
import type { CodingSubject } from './subject.ts';

/** The spikes of one value, and what they stand for. */
export interface NeuronResponse {
  readonly value: number;
  /** -1, 0 or 1 at each step. */
  readonly spikes: readonly number[];
  readonly decoded: number;
}

/**
 * The responses of a neuron whose layer reaches up to 1: values enter as an image does, those of layer-wise codings at once.
 * @param values at least two
 * @param shares synchronous codings: what a value is multiplied by at each step; the coding's own unless given
 */
export async function neuronResponses(
  coding: BaselineCoding,
  steps: number,
  values: readonly number[],
  shares: readonly number[] = coding.shares?.(steps) ?? Array.from({ length: steps }, () => 1),
): Promise<NeuronResponse[]> {
  const subject = singleLayer([values.length]);
  const settings = await coding.settings(subject, steps);
  const bytes = codingModel(subject, { ...coding, shares: () => shares }, settings, steps, { spikes: true });
  const session = await openSession(bytes, { where: coding.name });
  try {
    const image = floatTensor([1, values.length], values);
    const outputs = await session.run(new Map([[imageInput('x'), image]]));
    const fired = outputs.get(OUTPUTS.spikes('y'))!.data;
    const sums = outputs.get(OUTPUTS.logits)!.data;
    const n = values.length;
    if (coding.schedule === 'layer-wise') {
      // Their spikes carry values from 0 up.
      return values.map((value, i) => {
        const spikes = Array.from({ length: steps }, (_, t) => Number(fired[t * n + i]!));
        return { value, spikes, decoded: Number(sums[i]!) };
      });
    }
    const whole = shares.reduce((sum, share) => sum + share, 0);
    const sum = (t: number, i: number) => (t < 0 ? 0 : Number(sums[t * n + i]!));
    return values.map((value, i) => ({
      value,
      // The readout of the layer itself grows by what each spike carries.
      spikes: Array.from({ length: steps }, (_, t) => Math.sign(sum(t, i) - sum(t - 1, i))),
      decoded: sum(steps - 1, i) / whole,
    }));
  } finally {
    await session.release();
  }
}

/** x -> Relu -> y, read as it is; the layer reaches up to 1. */
function singleLayer(shape: Shape): CodingSubject {
  const [x, y] = [valueId('x'), valueId('y')];
  const fact = { dtype: 'float32', shape: [1, ...shape] } as const;
  const ann: CanonicalGraph = {
    inputs: [x],
    outputs: [y],
    nodes: [{ name: 'y', op: 'Relu', attributes: {}, inputs: [x], outputs: [y] }],
    constants: new Map(),
    facts: new Map([
      [x, fact],
      [y, fact],
    ]),
  };
  const plan: SpikingPlan = {
    graph: ann,
    nodes: [
      { kind: 'encoder', name: x, source: null, output: x, shape },
      {
        ...{ kind: 'neuron', output: y, input: x, neuron: 'tsa-relu', parameters: {} },
        ...{ integersInFile: false, inputShape: shape, shape, nodes: ['y'] },
      },
      { kind: 'readout', name: 'y', input: y, shape, head: 'none' },
    ],
    fates: [],
  };
  return {
    ...{ plan, ann, images: floatTensor([0, ...shape], []) },
    calibration: {
      ...{ format: 'ann2snn-calibration/1', model: null, data: null, percentileDefinition: '' },
      preprocessing: { scale: 1, mean: [0], std: [1], channels: 'as-is' },
      layers: { y: { amplitude: 1 } },
    },
    fanOut: new Map([['y', new Float64Array(shape.reduce((a, b) => a * b, 1))]]),
    ...{ inputMacs: 0, depth: 1 },
  };
}

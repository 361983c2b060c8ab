// A chain of two neurons with weights of 1, driven by one number: spike times that can be counted by hand.
import type { BaselineCoding } from '../../src/codings/baseline-coding.ts';
import { codingModel } from '../../src/codings/coding-model.ts';
import { imageInput, OUTPUTS } from '../../src/codings/model-parts.ts';
import { type CodingSubject, codingSubject } from '../../src/codings/subject.ts';
import { openSession } from '../../src/runtime/session.ts';
import { planSpiking } from '../../src/snn/plan/plan.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { graphOf, networkOf, type TinyModel } from '../snn/tiny.ts';

/** x -> [1 1] -> a, b (relu) -> two outputs of weight 1 and -1; the bias of the first layer is 0. */
const CHAIN: TinyModel = {
  input: [1],
  nodes: [
    ['Gemm', ['x', 'one'], 'u'],
    ['Relu', ['u'], 'a'],
    ['Gemm', ['a', 'one'], 'z'],
    ['Relu', ['z'], 'b'],
    ['Gemm', ['b', 'out'], 'y'],
  ],
  constants: { one: floatTensor([1, 1], [1]), out: floatTensor([1, 2], [1, -1]) },
};

/** A subject of a tiny model whose layers all reach up to 1. */
export function tinySubject(model: TinyModel = CHAIN): CodingSubject {
  const graph = graphOf(model);
  const plan = planSpiking(graph);
  return codingSubject(
    {
      plan,
      ann: graph,
      calibration: {
        format: 'ann2snn-calibration/1',
        model: null,
        data: null,
        preprocessing: { scale: 1, mean: [0], std: [1], channels: 'as-is' },
        percentileDefinition: '',
        layers: Object.fromEntries(
          plan.nodes.flatMap((node) =>
            node.kind === 'neuron' ? [[node.output, { amplitude: 1 }] as const] : [],
          ),
        ),
      },
      images: floatTensor([1, 1], [1]),
    },
    networkOf(graph),
  );
}

/** What a coding does with one image. */
export interface CodedRun {
  /** Steps, from 1, at which each neuron of a layer spikes. */
  readonly times: (layer: string) => number[][];
  /** The readout's sums: of each step, or the one of layer-wise codings. */
  readonly logits: readonly number[];
  /** Spikes and synaptic operations in all. */
  readonly spikes: number;
  readonly syops: number;
}

/** Runs one image. */
export async function runCoding(
  coding: BaselineCoding,
  steps: number,
  image: readonly number[],
  subject: CodingSubject = tinySubject(),
): Promise<CodedRun> {
  const settings = await coding.settings(subject, steps);
  const session = await openSession(codingModel(subject, coding, settings, steps, { spikes: true }), {
    where: coding.name,
  });
  const outputs = await session.run(
    new Map([
      [
        imageInput('x'),
        floatTensor([1, ...subject.ann.facts.get(subject.ann.inputs[0]!)!.shape.slice(1)], image),
      ],
    ]),
  );
  await session.release();
  const counts = outputs.get(OUTPUTS.counts)!.data;
  const sum = (column: number) =>
    Array.from(counts).reduce((all, count, i) => all + (i % 2 === column ? count : 0), 0);
  return {
    times: (layer) => {
      const train = Array.from(outputs.get(OUTPUTS.spikes(layer))!.data);
      const neurons = train.length / steps;
      return Array.from({ length: neurons }, (_, neuron) =>
        Array.from({ length: steps }, (_, t) => t + 1).filter((t) => train[(t - 1) * neurons + neuron] === 1),
      );
    },
    logits: Array.from(outputs.get(OUTPUTS.logits)!.data),
    spikes: sum(0),
    syops: sum(1),
  };
}

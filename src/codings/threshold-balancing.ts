// Local threshold balancing: thresholds of channels grow from 0 by twice the mean of what lies above them, batch after
// batch, while the layers behind see the activations as clipped so far.
import { writeOnnxGraph } from '../onnx/write.ts';
import { intAttribute as int, intsAttribute as ints } from '../ops/attributes.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../ops/op.ts';
import { openSession } from '../runtime/session.ts';
import { GraphBuilder } from '../snn/onnx/builder.ts';
import { plannedInputs } from '../snn/plan/planned.ts';
import { unpackImages } from '../tensor/packed.ts';
import { type FloatTensor, floatTensor, sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { LayerAmplitudes } from './baseline-coding.ts';
import { imageInput } from './model-parts.ts';
import { emitImage, emitLinear } from './plan-emitter.ts';
import { type CodingSubject, neuronsOf } from './subject.ts';
import { atMost } from './thresholds.ts';

/** Images of a batch, and batches in all; the calibration images are gone through again and again. */
const BATCH = 32;
const BATCHES = 500;

/** No threshold is 0: a channel that never was active gets this. */
const LEAST = 1e-6;

const threshold = (layer: string) => `coding:threshold/${layer}`;
const grown = (layer: string) => `coding:grown/${layer}`;
const mean = (layer: string) => `coding:mean/${layer}`;

/** Thresholds, and the steps that pass before a network of them says anything of worth. */
export interface Balanced {
  readonly amplitudes: LayerAmplitudes;
  readonly delay: number;
}

/**
 * theta += 2 mean(max(x - theta, 0)) for each channel, activations clipped to [0, theta] then (Bu et al. 2025 and their code).
 * The delay adds up, over layers, the largest theta / 2 of a channel, which is what a neuron that begins there lacks, by the
 * largest mean activation of a channel, as the estimate of SpikingJelly does.
 */
export async function balancedThresholds(subject: CodingSubject): Promise<Balanced> {
  const layers = neuronsOf(subject);
  const session = await openSession(balancingModel(subject), { where: 'threshold balancing' });
  const inputs = plannedInputs(subject.plan);
  let thetas = new Map<string, Tensor>(
    layers.map(({ output, shape }) => [output, floatTensor([shape[0]!, ...shape.slice(1).map(() => 1)])]),
  );
  let means = new Map<string, Tensor>();
  try {
    for (let batch = 0; batch < BATCHES; batch++) {
      const images = batchOf(subject.images, batch);
      const unpacked = unpackImages(
        inputs.map(({ shape }) => shape),
        images,
      );
      const outputs = await session.run(
        new Map([
          ...inputs.map(({ name }, i) => [imageInput(name), unpacked[i]!] as const),
          ...layers.map(({ output }) => [threshold(output), thetas.get(output)!] as const),
        ]),
      );
      thetas = new Map(layers.map(({ output }) => [output, outputs.get(grown(output))!]));
      means = new Map(layers.map(({ output }) => [output, outputs.get(mean(output))!]));
    }
  } finally {
    await session.release();
  }
  const amplitudes = new Map(
    layers.map((node) => [
      node.output as string,
      atMost(
        node,
        Array.from(thetas.get(node.output)!.data, (theta) => Math.max(theta, LEAST)),
      ),
    ]),
  );
  const delay = layers.reduce((sum, { output }) => {
    const most = Math.max(...means.get(output)!.data);
    const theta = thetas.get(output)!.data;
    return most > 0 ? sum + Math.max(...theta) / 2 / most : sum;
  }, 0);
  return { amplitudes, delay: Math.ceil(delay) };
}

function balancingModel(subject: CodingSubject): Uint8Array {
  const { plan } = subject;
  const graph = new GraphBuilder('coding:');
  const layers = neuronsOf(subject);
  for (const node of plan.nodes) {
    if (node.kind === 'encoder') emitImage(graph, imageInput(node.name), node, node.output);
    if (node.kind === 'linear') emitLinear(graph, plan, node, (value) => value, true);
    if (node.kind !== 'neuron') continue;
    const { input, output, shape } = node;
    const axes = { axes: ints([0, ...shape.slice(1).map((_, i) => i + 2)]), keepdims: int(1) };
    const perChannel = graph.indices([shape[0]!, ...shape.slice(1).map(() => 1)]);
    const averaged = (value: string, outputs: readonly string[]) =>
      graph.node('Reshape', [graph.node('ReduceMean', [value], axes), perChannel], {}, outputs);
    const x = graph.node('Relu', [input]);
    const above = graph.node('Relu', [graph.node('Sub', [x, threshold(output)])]);
    const growth = graph.node('Mul', [averaged(above, [`coding:above/${output}`]), graph.scalar(2)]);
    const next = graph.node('Add', [threshold(output), growth], {}, [grown(output)]);
    graph.node('Min', [x, next], {}, [output]);
    averaged(output, [mean(output)]);
  }
  const perChannel = (name: string, shape: readonly number[]) => ({
    name,
    dtype: 'float32' as const,
    shape: [shape[0]!, ...shape.slice(1).map(() => 1)],
  });
  return writeOnnxGraph(
    {
      name: 'threshold-balancing',
      inputs: [
        ...plannedInputs(plan).map(({ name, shape }) => ({
          name: imageInput(name),
          dtype: 'float32' as const,
          shape: ['N', ...shape],
        })),
        ...layers.map(({ output, shape }) => perChannel(threshold(output), shape)),
      ],
      outputs: layers.flatMap(({ output, shape }) => [
        perChannel(grown(output), shape),
        perChannel(mean(output), shape),
      ]),
      nodes: graph.nodes,
      initializers: graph.initializers,
    },
    { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' },
  );
}

function batchOf(images: FloatTensor, batch: number): FloatTensor {
  const [count = 0, ...shape] = images.shape;
  const size = sizeOf(shape);
  const taken = Math.min(BATCH, count);
  const first = (batch * taken) % Math.max(1, count - taken + 1);
  return {
    dtype: 'float32',
    shape: [taken, ...shape],
    data: images.data.subarray(first * size, (first + taken) * size),
  };
}

// A layer-wise coding by the clock: all layers in one Scan over all steps of all windows, each integrating what arrives when it
// arrives and firing in its own window. It answers as the layer-wise model does and is slower by the number of layers; it is
// there to measure latency, and to check that nothing depends on when spikes arrive.
import type { ValueInfo } from '../onnx/model.ts';
import { writeOnnxGraph } from '../onnx/write.ts';
import { opNamed } from '../ops/index.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../ops/op.ts';
import { feedsOf } from '../runtime/activations.ts';
import { openSession } from '../runtime/session.ts';
import { GraphBuilder, type ScanSpec } from '../snn/onnx/builder.ts';
import { type PlannedNeuron, plannedInputs, type SpikingPlan } from '../snn/plan/planned.ts';
import { type FloatTensor, sizeOf, tensor } from '../tensor/tensor.ts';
import type { BaselineCoding, BaselineNeuron, CodingSettings } from './baseline-coding.ts';
import { COUNTED, countSpikes } from './counting.ts';
import { imageInput, OUTPUTS, zerosFor } from './model-parts.ts';
import { emitImage, emitLinear, runningInputs, thetaConstant } from './plan-emitter.ts';
import { SpikePaths } from './spike-paths.ts';
import { type CodingSubject, neuronsOf, scoresOf } from './subject.ts';

/** What stepping images measured. */
export interface Stepped {
  /** The last step at which a neuron spiked. */
  readonly latency: number;
  /** The readout when all is over: [images, classes]. */
  readonly logits: Float32Array;
  /** Spikes of all layers and images. */
  readonly spikes: number;
}

/** Steps images through a layer-wise coding. */
export async function runStepped(
  subject: CodingSubject,
  coding: Pick<BaselineCoding, 'neuron'>,
  settings: CodingSettings,
  steps: number,
  images: FloatTensor,
): Promise<Stepped> {
  const session = await openSession(steppedModel(subject, coding, settings, steps), { where: 'stepping' });
  try {
    const outputs = await session.run(feedsOf(session, images));
    const count = images.shape[0]!;
    const logits = outputs.get(OUTPUTS.logits)!.data as Float32Array;
    const counts = outputs.get(OUTPUTS.counts)!.data;
    const perStep = Array.from({ length: counts.length / (2 * count) }, (_, t) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += counts[2 * (t * count + i) + COUNTED.spikes]!;
      return sum;
    });
    return {
      latency: perStep.findLastIndex((sum) => sum > 0) + 1,
      logits: logits.slice(-count * sizeOf(scoresOf(subject)!.shape)),
      spikes: perStep.reduce((all, sum) => all + sum, 0),
    };
  } finally {
    await session.release();
  }
}

/** Neuron layers on the longest path to each layer, itself among them. */
function depths(plan: SpikingPlan): ReadonlyMap<string, number> {
  const depth = new Map<string, number>();
  for (const node of plan.nodes) {
    if (node.kind === 'encoder') depth.set(node.output, 0);
    if (node.kind === 'neuron') depth.set(node.output, depth.get(node.input)! + 1);
    if (node.kind === 'linear') {
      const before = runningInputs(plan, node.node).map((input) => depth.get(input)!);
      depth.set(node.node.outputs[0]!, Math.max(...before));
    }
  }
  return depth;
}

const drive = (value: string) => `coding:drive/${value}`;

/** Names of a layer's states and of its numbers at a step, in the Scan. */
const stateOf = (name: string, layer: string) => `coding:${name}/${layer}`;
const numberOf = (name: string, layer: string) => `coding:at/${name}/${layer}`;

function steppedModel(
  subject: CodingSubject,
  coding: Pick<BaselineCoding, 'neuron'>,
  { amplitudes }: CodingSettings,
  steps: number,
): Uint8Array {
  const { plan, depth } = subject;
  const graph = new GraphBuilder('coding:');
  const inputs = plannedInputs(plan);
  const zeros = zerosFor(graph, imageInput(inputs[0]!.name));
  const layers = neuronsOf(subject);
  const scores = scoresOf(subject)!;
  const neuron = coding.neuron(steps);
  const stateNames = Object.keys(neuron.states ?? {});
  for (const node of plan.nodes) {
    if (node.kind === 'encoder') emitImage(graph, imageInput(node.name), node, drive(node.output));
    if (node.kind === 'neuron') graph.node('Identity', [zeros(node.shape)], {}, [drive(node.output)]);
    if (node.kind === 'linear') emitLinear(graph, plan, node, drive, true);
  }
  const thetas = new Map(
    layers.map(({ output, shape }) => [
      output as string,
      thetaConstant(graph, output, amplitudes.get(output)!, shape),
    ]),
  );
  graph.scan({
    name: 'coding:network',
    states: [
      ...layers.flatMap(({ output, input, inputShape, shape }) => [
        // Image and biases are there from the first step on.
        { name: stateOf('u', output), initial: drive(input), shape: inputShape },
        { name: stateOf('v', output), initial: zeros(shape), shape },
        ...stateNames.map((name) => ({ name: stateOf(name, output), initial: zeros(shape), shape })),
      ]),
      { name: 'coding:sum', initial: drive(scores.input), shape: scores.shape },
    ],
    sequences: sequencesOf(graph, subject, neuron, steps),
    outputs: [
      { stacked: OUTPUTS.logits, shape: scores.shape, perImage: true },
      { stacked: OUTPUTS.counts, shape: [2], perImage: true },
    ],
    body: (b) => {
      const paths = new SpikePaths(b, plan, zeros);
      const next: string[] = [];
      const counts: string[] = [];
      for (const node of plan.nodes) {
        if (node.kind === 'linear') paths.linear(node);
        if (node.kind !== 'neuron') continue;
        const { output, input, shape } = node;
        const fired = fire(b, node, neuron, thetas.get(output)!);
        next.push(paths.addedTo(b.node('Identity', [stateOf('u', output)]), input), ...fired.states);
        paths.spikes(output, fired.value);
        counts.push(
          countSpikes(b, output, { spikes: fired.spikes, shape, fanOut: subject.fanOut.get(output)! }),
        );
      }
      const sum = b.node('Identity', [paths.addedTo('coding:sum', scores.input)]);
      return {
        states: [...next, sum],
        outputs: [b.node('Identity', [sum]), b.node('Sum', counts)],
      };
    },
  });
  const info = (name: string, shape: ValueInfo['shape']): ValueInfo => ({ name, dtype: 'float32', shape });
  const all = steps * depth;
  return writeOnnxGraph(
    {
      name: 'stepped',
      inputs: inputs.map(({ name, shape }) => info(imageInput(name), ['N', ...shape])),
      outputs: [info(OUTPUTS.logits, [all, 'N', ...scores.shape]), info(OUTPUTS.counts, [all, 'N', 2])],
      nodes: graph.nodes,
      initializers: graph.initializers,
    },
    { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' },
  );
}

/** For each layer: whether its window begins, whether it is open, and the neuron's own numbers, at each step of the clock. */
function sequencesOf(
  graph: GraphBuilder,
  subject: CodingSubject,
  neuron: BaselineNeuron,
  steps: number,
): ScanSpec['sequences'] {
  const depth = depths(subject.plan);
  const clock = Array.from({ length: steps * subject.depth }, (_, i) => i + 1);
  return neuronsOf(subject).flatMap(({ output }) => {
    /** The step of the layer's own window: below 1 before it, above `steps` after it. */
    const own = clock.map((t) => t - (depth.get(output)! - 1) * steps);
    const within = own.map((t) => Math.min(Math.max(t, 1), steps));
    const sequence = (name: string, values: readonly number[]) => ({
      name: numberOf(name, output),
      value: graph.constant(`coding:values/${name}/${output}`, tensor('float32', [values.length], values)),
      shape: null,
    });
    return [
      sequence(
        'begins',
        own.map((t) => (t === 1 ? 1 : 0)),
      ),
      sequence(
        'fires',
        own.map((t, i) => (t === within[i] ? 1 : 0)),
      ),
      ...Object.entries(neuron.sequences ?? {}).map(([name, values]) =>
        sequence(
          name,
          within.map((t) => values[t - 1]!),
        ),
      ),
    ];
  });
}

/** One step of a layer's neurons: what they integrated becomes v when their window begins, and nothing happens outside it. */
function fire(b: GraphBuilder, { output, pool }: PlannedNeuron, neuron: BaselineNeuron, theta: string) {
  const own = (name: string) => stateOf(name, output);
  const is = (name: string) => b.node('Greater', [numberOf(name, output), b.scalar(0)]);
  const names = Object.keys(neuron.states ?? {});
  // What arrives in a step is there for the next one: the window begins with what came until then.
  const complete =
    pool === undefined
      ? own('u')
      : b.node('MaxPool', [own('u')], opNamed('MaxPool')!.encode(pool).attributes);
  const raised = b.node('Add', [complete, b.node('Mul', [theta, b.scalar(neuron.initial)])]);
  const v = b.node('Where', [is('begins'), raised, own('v')]);
  const made = neuron.step(b, {
    v,
    theta,
    states: Object.fromEntries(names.map((name) => [name, own(name)])),
    at: Object.fromEntries(Object.keys(neuron.sequences ?? {}).map((name) => [name, numberOf(name, output)])),
  });
  const fires = is('fires');
  const whenOpen = (then: string, otherwise: string) => b.node('Where', [fires, then, otherwise]);
  return {
    states: [whenOpen(made.v, v), ...names.map((name) => whenOpen(made.states![name]!, own(name)))],
    spikes: whenOpen(made.spikes, b.scalar(0)),
    value: whenOpen(made.value, b.scalar(0)),
  };
}

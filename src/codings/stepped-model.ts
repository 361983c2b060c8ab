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
import { type FloatTensor, type Shape, sizeOf, tensor } from '../tensor/tensor.ts';
import type { BaselineCoding, CodingSettings } from './baseline-coding.ts';
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

function steppedModel(
  subject: CodingSubject,
  coding: Pick<BaselineCoding, 'neuron'>,
  { amplitudes }: CodingSettings,
  steps: number,
): Uint8Array {
  const { plan, depth } = subject;
  const outer = new GraphBuilder('coding:');
  const inputs = plannedInputs(plan);
  const zeros = zerosFor(outer, imageInput(inputs[0]!.name));
  const layers = neuronsOf(subject);
  const scores = scoresOf(subject)!;
  const neuron = coding.neuron(steps);
  const stateNames = Object.keys(neuron.states ?? {});
  const layerDepths = depths(plan);
  const T = steps * depth;
  const perStep = (name: string, of: (t: number) => number) => ({
    name: `coding:at/${name}`,
    value: outer.constant(
      `coding:values/${name}`,
      tensor(
        'float32',
        [T],
        Array.from({ length: T }, (_, i) => of(i + 1)),
      ),
    ),
    shape: null,
  });
  /** The step of a layer's window at a step of the clock; below 1 before it, above `steps` after it. */
  const own = ({ output }: PlannedNeuron, t: number) => t - (layerDepths.get(output)! - 1) * steps;
  const clamped = (step: number) => Math.min(Math.max(step, 1), steps);

  for (const node of plan.nodes) {
    if (node.kind === 'encoder') emitImage(outer, imageInput(node.name), node, drive(node.output));
    if (node.kind === 'neuron') outer.node('Identity', [zeros(node.shape)], {}, [drive(node.output)]);
    if (node.kind === 'linear') emitLinear(outer, plan, node, drive, true);
  }
  const thetas = new Map(
    layers.map(({ output, shape }) => [
      output as string,
      thetaConstant(outer, output, amplitudes.get(output)!, shape),
    ]),
  );
  const state = (name: string, initial: string, shape: Shape) => ({ name: `coding:${name}`, initial, shape });
  const states: ScanSpec['states'] = [
    ...layers.flatMap(({ output, input, inputShape, shape }) => [
      // Image and biases are there from the first step on.
      state(`u/${output}`, drive(input), inputShape),
      state(`v/${output}`, zeros(shape), shape),
      ...stateNames.map((name) => state(`${name}/${output}`, zeros(shape), shape)),
    ]),
    state('sum', drive(scores.input), scores.shape),
  ];
  outer.scan({
    name: 'coding:network',
    states,
    sequences: layers.flatMap((layer) => [
      perStep(`begins/${layer.output}`, (t) => (own(layer, t) === 1 ? 1 : 0)),
      perStep(`fires/${layer.output}`, (t) => (own(layer, t) === clamped(own(layer, t)) ? 1 : 0)),
      ...Object.entries(neuron.sequences ?? {}).map(([name, values]) =>
        perStep(`${name}/${layer.output}`, (t) => values[clamped(own(layer, t)) - 1]!),
      ),
    ]),
    outputs: [
      { stacked: OUTPUTS.logits, shape: scores.shape, perImage: true },
      { stacked: OUTPUTS.counts, shape: [2], perImage: true },
    ],
    body: (b) => {
      const next: string[] = [];
      const counts: string[] = [];
      const paths = new SpikePaths(b, plan, zeros);
      for (const node of plan.nodes) {
        if (node.kind === 'linear') paths.linear(node);
        if (node.kind !== 'neuron') continue;
        const { output, input, pool } = node;
        const at = (name: string) => `coding:at/${name}/${output}`;
        const is = (name: string) => b.node('Greater', [at(name), b.scalar(0)]);
        const theta = thetas.get(output)!;
        const full = paths.addedTo(`coding:u/${output}`, input);
        // What arrives in a step is there for the next one: the window begins with what came until then.
        const pooled =
          pool === undefined
            ? `coding:u/${output}`
            : b.node('MaxPool', [`coding:u/${output}`], opNamed('MaxPool')!.encode(pool).attributes);
        const raised = b.node('Add', [pooled, b.node('Mul', [theta, b.scalar(neuron.initial)])]);
        const v = b.node('Where', [is('begins'), raised, `coding:v/${output}`]);
        const made = neuron.step(b, {
          v,
          theta,
          states: Object.fromEntries(stateNames.map((name) => [name, `coding:${name}/${output}`])),
          at: Object.fromEntries(Object.keys(neuron.sequences ?? {}).map((name) => [name, at(name)])),
        });
        const open = is('fires');
        paths.spikes(output, b.node('Where', [open, made.value, b.scalar(0)]));
        const spikes = b.node('Where', [open, made.spikes, b.scalar(0)]);
        counts.push(
          countSpikes(b, output, { spikes, shape: node.shape, fanOut: subject.fanOut.get(output)! }),
        );
        next.push(b.node('Identity', [full]), b.node('Where', [open, made.v, v]));
        for (const name of stateNames) {
          next.push(b.node('Where', [open, made.states![name]!, `coding:${name}/${output}`]));
        }
      }
      const sum = paths.addedTo('coding:sum', scores.input);
      return {
        states: [...next, b.node('Identity', [sum])],
        outputs: [b.node('Identity', [sum]), b.node('Sum', counts)],
      };
    },
  });
  const info = (name: string, shape: ValueInfo['shape']): ValueInfo => ({ name, dtype: 'float32', shape });
  return writeOnnxGraph(
    {
      name: 'stepped',
      inputs: inputs.map(({ name, shape }) => info(imageInput(name), ['N', ...shape])),
      outputs: [info(OUTPUTS.logits, [T, 'N', ...scores.shape]), info(OUTPUTS.counts, [T, 'N', 2])],
      nodes: outer.nodes,
      initializers: outer.initializers,
    },
    { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' },
  );
}

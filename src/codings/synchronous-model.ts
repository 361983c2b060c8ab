// A network whose layers all work at every step, as one ONNX model: a Scan over the steps with the whole network in its
// body. What reaches a layer is the sum of what its sources emit in this very step and of its drive, which is what image
// and biases alone would send it: that never changes and is computed once, in front of the Scan.
import type { ValueInfo } from '../onnx/model.ts';
import { writeOnnxGraph } from '../onnx/write.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../ops/op.ts';
import { GraphBuilder, type ScanSpec } from '../snn/onnx/builder.ts';
import { type PlannedNeuron, plannedInputs } from '../snn/plan/planned.ts';
import { type Shape, tensor } from '../tensor/tensor.ts';
import type { BaselineCoding, BaselineNeuron, CodingSettings } from './baseline-coding.ts';
import { countSpikes } from './counting.ts';
import { imageInput, OUTPUTS, type RunOptions, zerosFor } from './model-parts.ts';
import { offsetPotentials } from './offset-spikes.ts';
import { emitImage, emitLinear, thetaConstant } from './plan-emitter.ts';
import { SpikePaths } from './spike-paths.ts';
import { type CodingSubject, neuronsOf, scoresOf } from './subject.ts';

/** What a model is made of. */
interface Made {
  readonly subject: CodingSubject;
  readonly coding: Pick<BaselineCoding, 'neuron' | 'shares' | 'watched'>;
  readonly settings: CodingSettings;
  readonly steps: number;
  readonly options: RunOptions;
}

/** Writes the model (opset 17). */
export function synchronousModel(
  subject: CodingSubject,
  coding: Made['coding'],
  settings: CodingSettings,
  steps: number,
  options: RunOptions = {},
): Uint8Array {
  return new SynchronousBuilder({ subject, coding, settings, steps, options }).build();
}

const drive = (value: string) => `coding:drive/${value}`;

/** Names of a layer's states in the Scan. */
const stateOf = (name: string, { output }: PlannedNeuron) => `coding:${name}/${output}`;

/** Walks the plan twice: in front of the Scan, and in its body. */
class SynchronousBuilder {
  private readonly made: Made;
  private readonly graph = new GraphBuilder('coding:');
  private readonly layers: readonly PlannedNeuron[];
  private readonly neuron: BaselineNeuron;
  private readonly stateNames: readonly string[];
  private readonly perStep: Readonly<Record<string, readonly number[]>>;
  private readonly scores;
  private readonly zeros;
  private readonly thetas: ReadonlyMap<string, string>;

  constructor(made: Made) {
    const { subject, coding, settings, steps } = made;
    this.made = made;
    this.layers = neuronsOf(subject);
    this.scores = scoresOf(subject)!;
    this.neuron = coding.neuron(steps);
    this.stateNames = Object.keys(this.neuron.states ?? {});
    const shares = coding.shares?.(steps);
    this.perStep = {
      // A Scan has something to walk along, if only this.
      step: Array.from({ length: steps }, (_, t) => t + 1),
      ...(shares === undefined ? {} : { share: shares }),
      ...this.neuron.sequences,
    };
    this.zeros = zerosFor(this.graph, imageInput(plannedInputs(subject.plan)[0]!.name));
    this.thetas = new Map(
      this.layers.map(({ output, shape }) => [
        output,
        thetaConstant(this.graph, output, settings.amplitudes.get(output)!, shape),
      ]),
    );
  }

  build(): Uint8Array {
    const { graph, scores, made } = this;
    const drives = this.drives();
    graph.scan({
      name: 'coding:network',
      states: this.states(),
      sequences: Object.entries(this.perStep).map(([name, values]) => ({
        name: `coding:at/${name}`,
        value: graph.constant(`coding:values/${name}`, tensor('float32', [values.length], values)),
        shape: null,
      })),
      outputs: [
        { stacked: OUTPUTS.logits, shape: scores.shape, perImage: true },
        { stacked: OUTPUTS.counts, shape: [2], perImage: true },
        ...this.trains().map(({ output, shape }) => ({
          stacked: OUTPUTS.spikes(output),
          shape,
          perImage: true,
        })),
      ],
      body: (b) => this.step(b, drives),
    });
    return writeOnnxGraph(
      {
        name: 'synchronous',
        inputs: plannedInputs(made.subject.plan).map(({ name, shape }) => floats(imageInput(name), shape)),
        outputs: this.outputs(),
        nodes: graph.nodes,
        initializers: graph.initializers,
      },
      { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' },
    );
  }

  /** What image and biases send to each layer in a step, by the layer's name. */
  private drives(): ReadonlyMap<string, string> {
    const { graph, made } = this;
    const { plan } = made.subject;
    for (const node of plan.nodes) {
      if (node.kind === 'encoder') emitImage(graph, imageInput(node.name), node, drive(node.output));
      if (node.kind === 'neuron') graph.node('Identity', [this.zeros(node.shape)], {}, [drive(node.output)]);
      if (node.kind === 'linear') emitLinear(graph, plan, node, drive, true);
    }
    return new Map(
      this.layers.map(({ output, input, inputShape }) => {
        const bias = made.settings.biases?.get(output);
        if (bias === undefined) return [output, drive(input)];
        const shape = [bias.length, ...inputShape.slice(1).map(() => 1)];
        const constant = graph.constant(`coding:bias/${output}`, tensor('float32', shape, bias));
        return [output, graph.node('Add', [drive(input), constant])];
      }),
    );
  }

  private states(): ScanSpec['states'] {
    const { graph, made, neuron, zeros } = this;
    const { watched } = made.coding;
    const given = { thetas: this.thetas, steps: watched ?? 0, zeros, neuron };
    const offsets = watched === undefined ? undefined : offsetPotentials(graph, made.subject, given);
    return [
      ...this.layers.flatMap((layer) => [
        {
          name: stateOf('v', layer),
          initial: offsets?.get(layer.output) ?? this.inTheta(neuron.initial, layer),
          shape: layer.shape,
        },
        ...this.stateNames.map((name) => ({
          name: stateOf(name, layer),
          initial: this.inTheta(neuron.states![name]!, layer),
          shape: layer.shape,
        })),
      ]),
      ...this.summed().map((layer) => ({
        name: stateOf('sum', layer),
        initial: zeros(layer.shape),
        shape: layer.shape,
        final: OUTPUTS.sums(layer.output),
      })),
      { name: 'coding:sum', initial: zeros(this.scores.shape), shape: this.scores.shape },
    ];
  }

  /** A first value in units of theta. */
  private inTheta(value: number, { output, shape }: PlannedNeuron): string {
    if (value === 0) return this.zeros(shape);
    const { graph } = this;
    const raised = graph.node('Mul', [this.thetas.get(output)!, graph.scalar(value)]);
    return graph.node('Add', [this.zeros(shape), raised]);
  }

  private step(b: GraphBuilder, drives: ReadonlyMap<string, string>) {
    const { made, scores, stateNames } = this;
    const { plan, fanOut } = made.subject;
    const paths = new SpikePaths(b, plan, this.zeros);
    const shared = 'share' in this.perStep;
    const arriving = (value: string, driven: string) =>
      paths.addedTo(shared ? b.node('Mul', [driven, 'coding:at/share']) : driven, value);
    const next: string[] = [];
    const sums: string[] = [];
    const counts: string[] = [];
    const trains: string[] = [];
    for (const node of plan.nodes) {
      if (node.kind === 'linear') paths.linear(node);
      if (node.kind !== 'neuron') continue;
      const { output, shape } = node;
      const { v, states, spikes, value } = this.neuron.step(b, {
        v: b.node('Add', [stateOf('v', node), arriving(node.input, drives.get(output)!)]),
        theta: this.thetas.get(output)!,
        states: Object.fromEntries(stateNames.map((name) => [name, stateOf(name, node)])),
        at: Object.fromEntries(Object.keys(this.perStep).map((name) => [name, `coding:at/${name}`])),
      });
      paths.spikes(output, value);
      next.push(v, ...stateNames.map((name) => states![name]!));
      if (this.summed().includes(node)) sums.push(b.node('Add', [stateOf('sum', node), value]));
      counts.push(countSpikes(b, output, { spikes, shape, fanOut: fanOut.get(output)! }));
      if (made.options.spikes) trains.push(b.node('Identity', [spikes]));
    }
    const sum = b.node('Add', ['coding:sum', arriving(scores.input, drive(scores.input))]);
    return {
      states: [...next, ...sums, sum],
      outputs: [b.node('Identity', [sum]), b.node('Sum', counts), ...trains],
    };
  }

  /** The layers whose every spike is put out. */
  private trains(): readonly PlannedNeuron[] {
    return this.made.options.spikes === true ? this.layers : [];
  }

  /** The layers whose sums are put out. */
  private summed(): readonly PlannedNeuron[] {
    return this.layers.filter(({ output }) => this.made.options.sums?.includes(output));
  }

  private outputs(): ValueInfo[] {
    const { steps } = this.made;
    const perStep = (name: string, shape: Shape): ValueInfo => ({
      ...floats(name, shape),
      shape: [steps, 'N', ...shape],
    });
    return [
      perStep(OUTPUTS.logits, this.scores.shape),
      perStep(OUTPUTS.counts, [2]),
      ...this.trains().map(({ output, shape }) => perStep(OUTPUTS.spikes(output), shape)),
      ...this.summed().map(({ output, shape }) => floats(OUTPUTS.sums(output), shape)),
    ];
  }
}

/** A float32 value [N, ...shape]. */
function floats(name: string, shape: Shape): ValueInfo {
  return { name, dtype: 'float32', shape: ['N', ...shape] };
}

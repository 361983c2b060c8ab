// Network -> a standard ONNX model that is the spiking network: image in, accumulated logits out. Time is folded
// into the batch axis ([T * N, ...], step-major), so that linear nodes stay what they are; every population is a
// Scan over its window. The dense engine runs this model, and anything else that speaks ONNX can.
//
// CONTRIBUTOR NOTES (ResNet-20, T = 12, one thread, batch 4, per image; the ANN takes 0.56 ms).
// 1. Deciding by two comparisons, casts and a subtraction: 2.9 ns per neuron and step; by Shrink and Sign 14.6; by
//    Mul, Clip and Round 2.0 (rounding.ts makes that exact).
// 2. The silent period shifts a layer's input against its output. A Pad that cuts Ts steps in front and appends Ts
//    silent ones costs 1.5 ms and a Slice for the first steps 0.3, both cold memory; reading each step by Gather
//    inside the Scan costs 0.7, since the slice stays in the cache.
// 3. Putting out spike counts as [T, ...shape] costs 2.5 ms, most of it in handing 9 MB per run to JavaScript; counts
//    per step and per neuron, accumulated inside the Scan, cost a third of that.
import { encoderNamed } from '../encoders/index.ts';
import { encoderConstants } from '../encoders/spike-encoder.ts';
import { neuronNamed } from '../neurons/index.ts';
import { prefixAt, thresholdAt } from '../neurons/tsa.ts';
import type { ValueInfo } from '../onnx/model.ts';
import { type GraphSpec, writeOnnxGraph } from '../onnx/write.ts';
import { intAttribute as int } from '../ops/attributes.ts';
import { opNamed } from '../ops/index.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../ops/op.ts';
import { floatTensor, indexTensor, type Shape } from '../tensor/tensor.ts';
import {
  type EncoderNode,
  encoderOf,
  type LinearSnnNode,
  type Network,
  type NeuronNode,
  type ReadoutNode,
} from './network.ts';
import { GraphBuilder, type ScanSpec } from './onnx-builder.ts';
import { decisionFactor } from './rounding.ts';

/** What the model puts out besides logits and the number of spikes of each layer, per step [T] and per neuron. */
export interface SnnOnnxOptions {
  /** Every spike: [T, N, ...shape]. */
  readonly spikes?: boolean;
  /** h and g of every neuron layer at the end of its window, both times beta^-(T + Ts): [N, ...]. */
  readonly states?: boolean;
}

/** Names of the model's outputs. Logits carry the name of the readout: [T, N, ...shape]. */
export const outputNames = {
  logits: (readout: string) => `logits/${readout}`,
  perStep: (layer: string) => `spikes-per-step/${layer}`,
  perNeuron: (layer: string) => `spikes-per-neuron/${layer}`,
  spikes: (layer: string) => `spikes/${layer}`,
  potential: (layer: string) => `h/${layer}`,
  emitted: (layer: string) => `g/${layer}`,
} as const;

/** Writes the network as an ONNX model (opset 17). Input: "image/" and the encoder's name, [N, ...shape], float32. */
export function networkToOnnx(network: Network, options: SnnOnnxOptions = {}): Uint8Array {
  const graph = new SnnBuilder(network, options).build();
  return writeOnnxGraph(graph, { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' });
}

/** Walks the network once and writes it. */
class SnnBuilder {
  private readonly network: Network;
  private readonly options: SnnOnnxOptions;
  private readonly T: number;
  private readonly graph = new GraphBuilder('snn/');
  private readonly outputs: ValueInfo[] = [];
  private readonly zeroStates = new Map<string, string>();

  constructor(network: Network, options: SnnOnnxOptions) {
    this.network = network;
    this.options = options;
    this.T = network.coding.T;
  }

  build(): GraphSpec {
    const inputs: ValueInfo[] = [];
    for (const node of this.network.nodes) {
      switch (node.kind) {
        case 'encoder':
          inputs.push({ name: imageName(node), dtype: 'float32', shape: ['N', ...node.shape] });
          this.encoder(node);
          break;
        case 'linear':
          this.linear(node);
          break;
        case 'neuron':
          this.neuron(node);
          break;
        case 'readout':
          this.readout(node);
      }
    }
    return {
      name: 'spiking-network',
      inputs,
      outputs: this.outputs,
      nodes: this.graph.nodes,
      initializers: this.graph.initializers,
    };
  }

  private encoder(node: EncoderNode): void {
    const { graph, T } = this;
    const constants = encoderConstants(encoderNamed(node.encoder), this.network.coding, node.theta);
    const image = imageName(node);
    const driven = (factor: number) => graph.node('Mul', [image, graph.scalar(factor)]);
    const current = constants.current === 0 ? null : driven(constants.current);
    const factors = new Float32Array(T).fill(decisionFactor(constants.threshold));
    this.spiking(node, {
      states: [{ name: 'u', initial: driven(constants.initial), shape: node.shape }],
      sequences: [this.perStep(node.name, 'c', factors)],
      step: (b) => {
        const amplified = b.node('Mul', ['u', b.scalar(constants.beta)]);
        const v = current === null ? amplified : b.node('Add', [amplified, current]);
        const s = decide(b, v);
        const emitted = b.node('Mul', [s, b.scalar(constants.amplitude)]);
        return { states: [b.node('Sub', [v, emitted])], spikes: s };
      },
    });
  }

  private linear(node: LinearSnnNode): void {
    const { graph } = this;
    const inputs = node.sources.map((source) =>
      'constant' in source
        ? graph.constant(source.constant, this.network.constants.get(source.constant)!)
        : source.value,
    );
    const { attributes, parameters = [] } = opNamed(node.op)!.encode(node.attributes);
    const trailing = parameters.map((parameter, i) => graph.constant(`snn/${node.name}/${i}`, parameter));
    graph.node(node.op, [...inputs, ...trailing], attributes, [node.output]);
  }

  /**
   * A TSA population at the scale of the window's beginning: H = h beta^-t and G = g beta^-t instead of h and g,
   *   H += z beta^-t (nothing after T),   s = decide(f(H) - G, threshold beta^-t),   G += s beta^(Ts-t),
   * which is the same decision (f is homogeneous) without multiplying both membranes at every step.
   */
  private neuron(node: NeuronNode): void {
    const { graph, T } = this;
    const { Ts, phi, potentialShape } = node;
    const { beta } = this.network.coding;
    const window = this.window(node.source.value, potentialShape);
    const firing = Array.from({ length: T }, (_, i) => Ts + 1 + i);
    const scaled = (t: number, value: number) => Math.fround(value * beta ** -t);
    const factors = firing.map((t) => decisionFactor(scaled(t, thresholdAt(t, { T, Ts, beta, phi }))));
    const prefixes = firing.map((t) => scaled(t, prefixAt(t, T, beta)));
    const positions = indexTensor(firing.map((t) => Math.min(t, T) - 1));
    const atEnd = (final: string) => (this.options.states ? { final } : {});
    this.spiking(node, {
      states: [
        {
          name: 'H',
          initial: this.afterSilence(window, Ts, potentialShape),
          shape: potentialShape,
          ...atEnd(outputNames.potential(node.name)),
        },
        {
          name: 'G',
          initial: this.zeros(node.shape),
          shape: node.shape,
          ...atEnd(outputNames.emitted(node.name)),
        },
      ],
      sequences: [
        { name: 'at', value: graph.constant(`snn/${node.name}/at`, positions), shape: null, dtype: 'int64' },
        this.perStep(
          node.name,
          'weight',
          firing.map((t) => (t <= T ? scaled(t, 1) : 0)),
        ),
        this.perStep(node.name, 'c', factors),
        this.perStep(
          node.name,
          'amplitude',
          firing.map((t) => scaled(t, beta ** Ts)),
        ),
        ...(node.affine === undefined ? [] : [this.perStep(node.name, 'prefix', prefixes)]),
      ],
      step: (b) => {
        const z = b.node('Gather', [window, 'at'], { axis: int(0) });
        const H = b.node('Add', ['H', b.node('Mul', [z, 'weight'])]);
        const f = neuronNamed(node.neuron).emit(b, this.pooled(b, node, H));
        const s = decide(b, b.node('Sub', [f, 'G']));
        return { states: [H, b.node('Add', ['G', b.node('Mul', [s, 'amplitude'])])], spikes: s };
      },
    });
    if (this.options.states) {
      this.output(outputNames.potential(node.name), ['N', ...potentialShape]);
      this.output(outputNames.emitted(node.name), ['N', ...node.shape]);
    }
  }

  /** The pooled potential, scaled and shifted per channel where the network says so. */
  private pooled(b: GraphBuilder, node: NeuronNode, h: string): string {
    if (node.pool === undefined) return h;
    const max = b.node('MaxPool', [h], opNamed('MaxPool')!.encode(node.pool).attributes);
    if (node.affine === undefined) return max;
    const perChannel = (name: string) =>
      b.constant(name, {
        ...this.network.constants.get(name)!,
        shape: [node.shape[0]!, ...node.shape.slice(1).map(() => 1)],
      });
    const scaled = b.node('Mul', [max, perChannel(node.affine.scale)]);
    return b.node('Add', [scaled, b.node('Mul', [perChannel(node.affine.shift), 'prefix'])]);
  }

  /** H at the end of the silent period: the first Ts inputs, each at its weight. */
  private afterSilence(window: string, Ts: number, shape: Shape): string {
    const { graph } = this;
    const { beta } = this.network.coding;
    let H: string | null = null;
    for (let t = 1; t <= Ts; t++) {
      const z = graph.node('Gather', [window, graph.position(t - 1)], { axis: int(0) });
      const weighted = graph.node('Mul', [z, graph.scalar(Math.fround(beta ** -t))]);
      H = H === null ? weighted : graph.node('Add', [H, weighted]);
    }
    return H ?? this.zeros(shape);
  }

  private readout(node: ReadoutNode): void {
    const beta = Math.fround(this.network.coding.beta);
    const logits = outputNames.logits(node.name);
    this.graph.scan({
      name: `readout/${node.name}`,
      states: [{ name: 'h', initial: this.zeros(node.shape), shape: node.shape }],
      sequences: [{ name: 'z', value: this.window(node.source.value, node.shape), shape: node.shape }],
      outputs: [{ stacked: logits, shape: node.shape, perImage: true }],
      body: (b) => {
        const h = b.node('Add', [b.node('Mul', ['h', b.scalar(beta)]), 'z']);
        return { states: [h], outputs: [b.node('Identity', [h])] };
      },
    });
    this.output(logits, [this.T, 'N', ...node.shape]);
  }

  /** A Scan that emits spikes, folded back into the batch under the layer's name, and counted. */
  private spiking(
    node: EncoderNode | NeuronNode,
    population: Pick<ScanSpec, 'states' | 'sequences'> & {
      readonly step: (b: GraphBuilder) => { readonly states: readonly string[]; readonly spikes: string };
    },
  ): void {
    const { graph, T } = this;
    const train = outputNames.spikes(node.name);
    const perStep = outputNames.perStep(node.name);
    const counter = {
      name: 'n',
      initial: this.zeros(node.shape),
      shape: node.shape,
      final: `snn/${node.name}/n`,
    };
    graph.scan({
      name: node.name,
      states: [...population.states, counter],
      sequences: population.sequences,
      outputs: [
        { stacked: train, shape: node.shape, perImage: true },
        { stacked: perStep, shape: [], perImage: false },
      ],
      body: (b) => {
        const { states, spikes: s } = population.step(b);
        const magnitudes = b.node('Abs', [s]);
        const sum = b.node('ReduceSum', [magnitudes], { keepdims: int(0) });
        return { states: [...states, b.node('Add', ['n', magnitudes])], outputs: [s, sum] };
      },
    });
    graph.node('Reshape', [train, graph.indices([-1, ...node.shape])], {}, [node.output]);
    if (this.options.spikes) this.output(train, [T, 'N', ...node.shape]);
    const perNeuron = outputNames.perNeuron(node.name);
    graph.node('ReduceSum', [counter.final, graph.indices([0])], { keepdims: int(0) }, [perNeuron]);
    this.output(perNeuron, node.shape);
    this.output(perStep, [T]);
  }

  /** [T * N, ...shape] as [T, N, ...shape]. */
  private window(value: string, shape: Shape): string {
    return this.graph.node('Reshape', [value, this.graph.indices([this.T, -1, ...shape])]);
  }

  private perStep(layer: string, name: string, values: ArrayLike<number>) {
    const value = this.graph.constant(
      `snn/${layer}/${name}`,
      floatTensor([values.length], Float32Array.from(values)),
    );
    return { name, value, shape: null };
  }

  /** Zeros [N, ...shape] for as many images as the model is given. */
  private zeros(shape: Shape): string {
    const { graph } = this;
    const key = shape.join();
    const known = this.zeroStates.get(key);
    if (known !== undefined) return known;
    const batch = graph.node('Shape', [imageName(encoderOf(this.network))], { start: int(0), end: int(1) });
    const zeros = graph.node('ConstantOfShape', [
      graph.node('Concat', [batch, graph.indices(shape)], { axis: int(0) }),
    ]);
    this.zeroStates.set(key, zeros);
    return zeros;
  }

  private output(name: string, shape: ValueInfo['shape']): void {
    this.outputs.push({ name, dtype: 'float32', shape });
  }
}

/** The ternary decision on o by the step's factor c (rounding.ts). */
function decide(b: GraphBuilder, o: string): string {
  return b.node('Round', [b.node('Clip', [b.node('Mul', [o, 'c']), b.scalar(-1), b.scalar(1)])]);
}

/** The graph input; the encoder's own name is that of its spikes. */
function imageName(node: EncoderNode): string {
  return `image/${node.name}`;
}

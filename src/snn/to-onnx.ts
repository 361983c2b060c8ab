// Network -> a standard ONNX model that is the spiking network: image in, accumulated logits out. Time is folded
// into the batch axis ([T * N, ...], step-major), so that linear nodes stay what they are; every population is a
// Scan over its window. The dense engine runs this model, and anything else that speaks ONNX can.
import { encoderNamed } from '../encoders/index.ts';
import { encoderConstants } from '../encoders/spike-encoder.ts';
import { neuronNamed } from '../neurons/index.ts';
import type { OnnxEmitter } from '../neurons/onnx-emitter.ts';
import { prefixAt, thresholdAt } from '../neurons/tsa.ts';
import type { AttributeValue, ValueInfo } from '../onnx/model.ts';
import { type GraphSpec, type NodeSpec, writeOnnxGraph } from '../onnx/write.ts';
import { opNamed } from '../ops/index.ts';
import { EMITTED_OPSET } from '../ops/op.ts';
import { floatTensor, indexTensor, type Shape, type Tensor } from '../tensor/tensor.ts';
import type { EncoderNode, LinearSnnNode, Network, NeuronNode, ReadoutNode } from './network.ts';
import { decisionFactor } from './rounding.ts';

/** IR version of ONNX 1.12, which goes with EMITTED_OPSET. */
const IR_VERSION = 8;

/** What the model puts out besides logits. */
export interface SnnOnnxOptions {
  /** Spikes summed over images for each layer: [T, ...shape]. */
  readonly counts?: boolean;
  /** Every spike: [T, N, ...shape]. */
  readonly spikes?: boolean;
  /** h and g of every neuron layer at the end of its window: [N, ...]. */
  readonly states?: boolean;
}

/** Names of the model's outputs. Logits carry the name of the readout: [T, N, ...shape]. */
export const outputNames = {
  logits: (readout: string) => `logits/${readout}`,
  counts: (layer: string) => `counts/${layer}`,
  spikes: (layer: string) => `spikes/${layer}`,
  potential: (layer: string) => `h/${layer}`,
  emitted: (layer: string) => `g/${layer}`,
} as const;

/** Writes the network as an ONNX model (opset 17). Input: the encoder's name, [N, ...shape], float32. */
export function networkToOnnx(network: Network, options: SnnOnnxOptions = {}): Uint8Array {
  const builder = new SnnBuilder(network, options);
  return writeOnnxGraph(builder.build(), {
    opset: EMITTED_OPSET,
    irVersion: IR_VERSION,
    producer: 'ann2snn',
  });
}

/** One graph under construction: the model, or the body of a Scan. */
class GraphBuilder implements OnnxEmitter {
  readonly nodes: NodeSpec[] = [];
  readonly initializers = new Map<string, Tensor>();
  private readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, NodeAttribute>> = {},
    outputs?: readonly string[],
  ): string {
    const name = `${this.prefix}${opType}_${this.nodes.length}`;
    const produced = outputs ?? [name];
    this.nodes.push({
      name,
      opType,
      domain: '',
      inputs,
      outputs: produced,
      attributes: new Map(Object.entries(attributes)),
    });
    return produced[0]!;
  }

  scalar(value: number): string {
    return this.constant(`${this.prefix}${value}`, floatTensor([], [value]));
  }

  constant(name: string, value: Tensor): string {
    this.initializers.set(name, value);
    return name;
  }

  shape(dims: readonly number[]): string {
    return this.constant(`${this.prefix}shape[${dims.join(',')}]`, indexTensor(dims));
  }
}

type NodeAttribute = AttributeValue | { readonly type: 'graph'; readonly value: GraphSpec };

/** One population's Scan: named values carried from step to step, one input slice per step, one output slice. */
interface ScanSpec {
  readonly states: readonly {
    readonly name: string;
    readonly initial: string;
    readonly shape: Shape;
    readonly final?: string;
  }[];
  /** Per-step inputs: sequence value [T, ...], and the shape of one step without the batch; null for a scalar. */
  readonly sequences: readonly {
    readonly name: string;
    readonly value: string;
    readonly shape: Shape | null;
  }[];
  readonly output: { readonly name: string; readonly shape: Shape };
  /** Fills the body; returns the name of each next state and of the output slice. */
  readonly body: (b: GraphBuilder) => { readonly states: readonly string[]; readonly output: string };
}

/** Walks the network once and writes it. */
class SnnBuilder {
  private readonly network: Network;
  private readonly options: SnnOnnxOptions;
  private readonly T: number;
  private readonly graph = new GraphBuilder('snn/');
  private readonly outputs: ValueInfo[] = [];

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
    const start = graph.node('Mul', [image, graph.scalar(constants.initial)]);
    const current =
      constants.current === 0 ? null : graph.node('Mul', [image, graph.scalar(constants.current)]);
    const factors = floatTensor([T], new Float32Array(T).fill(decisionFactor(constants.threshold)));
    const spikes = this.scan(node.name, {
      states: [{ name: 'u', initial: start, shape: node.shape }],
      sequences: [{ name: 'c', value: graph.constant(`snn/${node.name}/c`, factors), shape: null }],
      output: { name: 's', shape: node.shape },
      body: (b) => {
        const amplified = b.node('Mul', ['u', b.scalar(constants.beta)]);
        const v = current === null ? amplified : b.node('Add', [amplified, current]);
        const s = decide(b, v);
        const emitted = b.node('Mul', [s, b.scalar(constants.amplitude)]);
        return { states: [b.node('Sub', [v, emitted])], output: s };
      },
    });
    this.emitSpikes(node, spikes);
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

  private neuron(node: NeuronNode): void {
    const { graph, T } = this;
    const { beta } = this.network.coding;
    const { Ts } = node;
    const parameters = { T, Ts, beta, phi: node.phi };
    const window = graph.node('Reshape', [node.source.value, graph.shape([T, -1, ...node.potentialShape])]);
    const factors = floatTensor(
      [T],
      Array.from({ length: T }, (_, i) => decisionFactor(thresholdAt(Ts + 1 + i, parameters))),
    );
    const sequences = [
      { name: 'z', value: this.shifted(window, Ts, node.potentialShape), shape: node.potentialShape },
      { name: 'c', value: graph.constant(`snn/${node.name}/c`, factors), shape: null },
      ...(node.affine === undefined ? [] : [{ name: 'prefix', value: this.prefixes(node), shape: null }]),
    ];
    const keep = (name: string) => (this.options.states ? { final: name } : {});
    const spikes = this.scan(node.name, {
      states: [
        {
          name: 'h',
          initial: this.afterSilence(window, Ts, node.potentialShape),
          shape: node.potentialShape,
          ...keep(outputNames.potential(node.name)),
        },
        {
          name: 'g',
          initial: this.zeros(node.shape),
          shape: node.shape,
          ...keep(outputNames.emitted(node.name)),
        },
      ],
      sequences,
      output: { name: 's', shape: node.shape },
      body: (b) => {
        const factor = b.scalar(Math.fround(beta));
        const h = b.node('Add', [b.node('Mul', ['h', factor]), 'z']);
        const f = neuronNamed(node.neuron).emit(b, this.pooled(b, node, h));
        const amplified = b.node('Mul', ['g', factor]);
        const s = decide(b, b.node('Sub', [f, amplified]));
        const emitted = Ts === 0 ? s : b.node('Mul', [s, b.scalar(Math.fround(beta ** Ts))]);
        return { states: [h, b.node('Add', [amplified, emitted])], output: s };
      },
    });
    if (this.options.states) {
      this.output(outputNames.potential(node.name), ['N', ...node.potentialShape]);
      this.output(outputNames.emitted(node.name), ['N', ...node.shape]);
    }
    this.emitSpikes(node, spikes);
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

  private prefixes(node: NeuronNode): string {
    const { T, beta } = this.network.coding;
    const values = Array.from({ length: T }, (_, i) => prefixAt(node.Ts + 1 + i, T, beta));
    return this.graph.constant(`snn/${node.name}/prefix`, floatTensor([T], values));
  }

  /** The window's input seen from the first firing step: its first Ts steps cut off, Ts silent ones appended. */
  private shifted(window: string, Ts: number, shape: Shape): string {
    if (Ts === 0) return window;
    const others = [0, ...shape.map(() => 0)];
    return this.graph.node('Pad', [window, this.graph.shape([-Ts, ...others, Ts, ...others])]);
  }

  /** h at the end of the silent period: the first Ts inputs accumulated. */
  private afterSilence(window: string, Ts: number, shape: Shape): string {
    const { graph } = this;
    if (Ts === 0) return this.zeros(shape);
    const at = (t: number) =>
      graph.node('Squeeze', [
        graph.node('Slice', [window, graph.shape([t]), graph.shape([t + 1]), graph.shape([0])]),
        graph.shape([0]),
      ]);
    let h = at(0);
    for (let t = 1; t < Ts; t++) {
      const amplified = graph.node('Mul', [h, graph.scalar(Math.fround(this.network.coding.beta))]);
      h = graph.node('Add', [amplified, at(t)]);
    }
    return h;
  }

  private readout(node: ReadoutNode): void {
    const { graph, T } = this;
    const beta = Math.fround(this.network.coding.beta);
    const window = graph.node('Reshape', [node.source.value, graph.shape([T, -1, ...node.shape])]);
    const logits = this.scan(node.name, {
      states: [{ name: 'h', initial: this.zeros(node.shape), shape: node.shape }],
      sequences: [{ name: 'z', value: window, shape: node.shape }],
      output: { name: 'y', shape: node.shape },
      body: (b) => {
        const h = b.node('Add', [b.node('Mul', ['h', b.scalar(beta)]), 'z']);
        return { states: [h], output: b.node('Identity', [h]) };
      },
    });
    graph.node('Identity', [logits], {}, [outputNames.logits(node.name)]);
    this.output(outputNames.logits(node.name), [T, 'N', ...node.shape]);
  }

  /** Folds time back into the batch under the layer's name, and puts out what was asked for. */
  private emitSpikes(node: EncoderNode | NeuronNode, spikes: string): void {
    const { graph, T } = this;
    graph.node('Reshape', [spikes, graph.shape([-1, ...node.shape])], {}, [node.output]);
    if (this.options.spikes) {
      graph.node('Identity', [spikes], {}, [outputNames.spikes(node.name)]);
      this.output(outputNames.spikes(node.name), [T, 'N', ...node.shape]);
    }
    if (this.options.counts) {
      const magnitudes = graph.node('Abs', [spikes]);
      const keepdims = { keepdims: { type: 'int', value: 0 } } as const;
      graph.node('ReduceSum', [magnitudes, graph.shape([1])], keepdims, [outputNames.counts(node.name)]);
      this.output(outputNames.counts(node.name), [T, ...node.shape]);
    }
  }

  /** Zeros [N, ...shape] for as many images as the model is given. */
  private zeros(shape: Shape): string {
    const { graph } = this;
    const name = `snn/zeros[${shape.join(',')}]`;
    if (graph.nodes.some((node) => node.outputs[0] === name)) return name;
    const encoder = this.network.nodes.find((node) => node.kind === 'encoder')!;
    const batch = graph.node('Shape', [imageName(encoder)], {
      start: { type: 'int', value: 0 },
      end: { type: 'int', value: 1 },
    });
    const dims = graph.node('Concat', [batch, graph.shape(shape)], { axis: { type: 'int', value: 0 } });
    return graph.node('ConstantOfShape', [dims], {}, [name]);
  }

  /** Adds a Scan and returns its stacked output [T, N, ...shape]. */
  private scan(name: string, spec: ScanSpec): string {
    const body = new GraphBuilder(`${name}/`);
    const made = spec.body(body);
    const info = (value: string, shape: Shape | null): ValueInfo => ({
      name: value,
      dtype: 'float32',
      shape: shape === null ? [] : ['N', ...shape],
    });
    const graph: GraphSpec = {
      name: `${name}/step`,
      inputs: [
        ...spec.states.map((state) => info(state.name, state.shape)),
        ...spec.sequences.map((sequence) => info(sequence.name, sequence.shape)),
      ],
      outputs: [
        ...made.states.map((value, i) => info(value, spec.states[i]!.shape)),
        info(made.output, spec.output.shape),
      ],
      nodes: body.nodes,
      initializers: body.initializers,
    };
    const stacked = `snn/${name}/${spec.output.name}`;
    this.graph.node(
      'Scan',
      [...spec.states.map((state) => state.initial), ...spec.sequences.map((sequence) => sequence.value)],
      {
        body: { type: 'graph', value: graph },
        num_scan_inputs: { type: 'int', value: spec.sequences.length },
      },
      [...spec.states.map((state, i) => state.final ?? `snn/${name}/final${i}`), stacked],
    );
    return stacked;
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

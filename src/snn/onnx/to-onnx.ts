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
import { encoderNamed } from '../../encoders/index.ts';
import { encoderConstants } from '../../encoders/spike-encoder.ts';
import { biasShare } from '../../neurons/tsa.ts';
import type { ValueInfo } from '../../onnx/model.ts';
import { type GraphSpec, writeOnnxGraph } from '../../onnx/write.ts';
import { intAttribute as int } from '../../ops/attributes.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../../ops/op.ts';
import { type DType, type Shape, tensor } from '../../tensor/tensor.ts';
import {
  type DecoderNode,
  type EncoderNode,
  inputEncoders,
  membraneType,
  type Network,
  type NeuronNode,
  type ReadoutNode,
} from '../network/network.ts';
import { emitAnalog } from './analog.ts';
import { GraphBuilder, type ScanSpec } from './builder.ts';
import { LayerInflow } from './inflow.ts';
import { imageName, onGrid } from './input.ts';
import { LinearEmitter } from './linear.ts';
import { castTo, decide, membraneSum, trackedPotential } from './membrane.ts';
import { decisionFactor } from './rounding.ts';
import { firingWindow } from './window.ts';

/** What the model puts out besides logits. */
export interface SnnOnnxOptions {
  /** The number of spikes of each layer, per step [T] and per neuron; put out unless this is false. */
  readonly counts?: boolean;
  /** Every spike: [T, N, ...shape]. */
  readonly spikes?: boolean;
  /**
   * h of every source and g of every neuron layer at the end of its window, all times beta^-(T + Ts): [N, ...]; in an
   * integer network also the largest |h| beta^-t at each firing step: [T].
   */
  readonly states?: boolean;
}

/** Names of the model's outputs. Logits carry the name of the readout: [T, N, ...shape]. */
export const outputNames = {
  logits: (readout: string) => `logits/${readout}`,
  perStep: (layer: string) => `spikes-per-step/${layer}`,
  perNeuron: (layer: string) => `spikes-per-neuron/${layer}`,
  spikes: (layer: string) => `spikes/${layer}`,
  potential: (layer: string, source: number) => `h${source}/${layer}`,
  largest: (layer: string, source: number) => `largest-h${source}/${layer}`,
  emitted: (layer: string) => `g/${layer}`,
} as const;

/** Writes the network as an ONNX model (opset 17). Input: "image/" and the encoder's name, [N, ...shape], float32. */
export function networkToOnnx(network: Network, options: SnnOnnxOptions = {}): Uint8Array {
  return writeOnnxGraph(networkGraph(network, options), {
    opset: EMITTED_OPSET,
    irVersion: EMITTED_IR_VERSION,
    producer: 'ann2snn',
  });
}

/**
 * The graph of that model, before it is written. Nodes of encoders, neurons, decoders and readouts are marked as parts; all
 * Scans are in these.
 */
export function networkGraph(network: Network, options: SnnOnnxOptions = {}): GraphSpec {
  return new SnnBuilder(network, options).build();
}

/** Walks the network once and writes it. */
class SnnBuilder {
  private readonly network: Network;
  private readonly options: SnnOnnxOptions;
  private readonly T: number;
  /** The type of membranes. */
  private readonly dtype: 'float32' | 'float64';
  private readonly graph = new GraphBuilder('snn/');
  private readonly outputs: ValueInfo[] = [];
  private readonly zeroStates = new Map<string, string>();
  /** The number of images, as a vector of one. */
  private batch: string | undefined;
  private readonly linears: LinearEmitter;

  constructor(network: Network, options: SnnOnnxOptions) {
    this.network = network;
    this.options = options;
    this.T = network.coding.T;
    this.dtype = membraneType(network);
    this.linears = new LinearEmitter(network, this.graph, 1);
  }

  build(): GraphSpec {
    const inputs: ValueInfo[] = [];
    for (const node of this.network.nodes) {
      const as = (kind: string, emit: () => void) => this.graph.within({ kind, name: node.name }, emit);
      switch (node.kind) {
        case 'encoder':
          if (node.source === undefined) {
            inputs.push({ name: imageName(node), dtype: 'float32', shape: ['N', ...node.shape] });
          }
          as('Encoder', () => this.encoder(node));
          break;
        case 'decoder':
          as('Decoder', () => this.decoder(node));
          break;
        case 'analog':
          emitAnalog(this.graph, this.network, node);
          break;
        case 'linear':
          this.linears.emit(node);
          break;
        case 'neuron':
          as('Neuron', () => this.neuron(node));
          break;
        case 'readout':
          as('Readout', () => this.readout(node));
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
    const encoder = encoderNamed(node.encoder);
    if (!encoder.spikes) {
      this.direct(node);
      return;
    }
    const theta = node.theta / (node.grid?.scale ?? 1);
    const constants = encoderConstants(encoder, this.network.coding, theta);
    const values = onGrid(graph, node, imageName(node));
    const driven = (factor: number) => graph.node('Mul', [values, graph.scalar(factor)]);
    const current = constants.current === 0 ? null : driven(constants.current);
    const factors = new Array<number>(T).fill(decisionFactor(constants.threshold));
    this.spiking(node, 'float32', {
      states: [{ name: 'u', initial: driven(constants.initial), shape: node.shape }],
      sequences: [this.perStep(node.name, 'c', factors, 'float32')],
      step: (b) => {
        const amplified = b.node('Mul', ['u', b.scalar(constants.growth)]);
        const v = current === null ? amplified : b.node('Add', [amplified, current]);
        const s = decide(b, v);
        const emitted = b.node('Mul', [s, b.scalar(constants.amplitude)]);
        return { states: [b.node('Sub', [v, emitted])], spikes: s };
      },
    });
  }

  /** The image at the first step, silence after it. */
  private direct(node: EncoderNode): void {
    const { graph, T } = this;
    const image = onGrid(graph, node, imageName(node));
    const silence = Array.from({ length: T - 1 }, () => this.zeros(node.shape, 'float32'));
    graph.node('Concat', [image, ...silence], { axis: int(0) }, [node.output]);
  }

  /**
   * A TSA population at the scale of the window's beginning: H = h beta^-t and G = g beta^-t instead of h and g,
   *   H += z beta^-t (nothing after T),   s = decide(f(H) - G, threshold beta^-t),   G += s beta^(Ts-t),
   * which is the same decision (f knows the scale) without multiplying both membranes at every step. A source that runs
   * ahead adds z of a later step at the weight of that step, and has the same scale.
   */
  private neuron(node: NeuronNode): void {
    const { graph, network, dtype, T } = this;
    const { beta } = network.coding;
    const { potentialShape } = node;
    const states = this.options.states === true;
    const currents = node.sources.map(({ value }) => ({
      window: this.window(value, potentialShape),
      dtype: this.linears.typeOf(value),
    }));
    const arriving = new LayerInflow(network, node, currents);
    const steps = firingWindow(network, node);
    const sequence = (name: string, values: readonly number[]) =>
      this.perStep(node.name, name, values, dtype);
    const largest = states && network.arithmetic === 'integer';
    this.spiking(node, dtype, {
      states: [
        ...currents.map((_, k) => ({
          name: `H${k}`,
          initial: arriving.first(graph, k) ?? this.zeros(potentialShape, dtype),
          shape: potentialShape,
          dtype,
          ...(states ? { final: outputNames.potential(node.name, k) } : {}),
        })),
        {
          name: 'G',
          initial: this.zeros(node.shape, dtype),
          shape: node.shape,
          dtype,
          ...(states ? { final: outputNames.emitted(node.name) } : {}),
        },
      ],
      sequences: [
        ...arriving.sequences(graph, sequence),
        sequence('c', steps.factors),
        sequence('amplitude', steps.amplitudes),
        ...(node.bias === undefined ? [] : [sequence('share', steps.shares)]),
        ...(node.affine === undefined ? [] : [sequence('prefix', steps.prefixes)]),
      ],
      step: (b) => {
        const { H, known } = arriving.step(b);
        const u = membraneSum(b, network, node, known);
        const f = trackedPotential(b, network, node, u, { prefix: 'prefix', scale: beta ** -T });
        const s = decide(b, b.node('Sub', [f, 'G']), node.negativeSpikes);
        return {
          states: [...H, b.node('Add', ['G', b.node('Mul', [s, 'amplitude'])])],
          spikes: castTo(b, s, dtype, 'float32'),
          ...(largest
            ? {
                scalars: H.map((h) => b.node('ReduceMax', [b.node('Abs', [h])], { keepdims: int(0) })),
              }
            : {}),
        };
      },
      ...(largest ? { scalars: currents.map((_, k) => outputNames.largest(node.name, k)) } : {}),
    });
    if (!states) return;
    currents.forEach((_, k) => {
      this.output(outputNames.potential(node.name, k), ['N', ...potentialShape], dtype);
      if (largest) this.output(outputNames.largest(node.name, k), [T], dtype);
    });
    this.output(outputNames.emitted(node.name), ['N', ...node.shape], dtype);
  }

  /** h at the end of the window: the analog value itself, [N, ...shape]. */
  private decoder(node: DecoderNode): void {
    const { graph, dtype } = this;
    const { value } = node.sources[0]!;
    graph.scan({
      name: `decoder/${node.name}`,
      states: [{ name: 'h', initial: this.zeros(node.shape, dtype), shape: node.shape, final: node.output }],
      sequences: [{ name: 'z', value: this.window(value, node.shape), shape: node.shape }],
      outputs: [],
      body: (b) => {
        const amplified = b.node('Mul', ['h', b.scalar(Math.fround(this.network.coding.beta))]);
        return { states: [b.node('Add', [amplified, 'z'])], outputs: [] };
      },
    });
  }

  private readout(node: ReadoutNode): void {
    const { network, dtype } = this;
    const { T, beta } = network.coding;
    const factor = dtype === 'float32' ? Math.fround(beta) : beta;
    const logits = outputNames.logits(node.name);
    const shares = Array.from({ length: T }, (_, i) => biasShare(i + 1, T, beta));
    this.graph.scan({
      name: `readout/${node.name}`,
      dtype,
      states: node.sources.map((_, k) => ({
        name: `h${k}`,
        initial: this.zeros(node.shape, dtype),
        shape: node.shape,
        dtype,
      })),
      sequences: [
        ...node.sources.map(({ value }, k) => ({
          name: `z${k}`,
          value: this.window(value, node.shape),
          shape: node.shape,
          dtype: this.linears.typeOf(value),
        })),
        ...(node.bias === undefined ? [] : [this.perStep(`readout/${node.name}`, 'share', shares, dtype)]),
      ],
      outputs: [{ stacked: logits, shape: node.shape, perImage: true }],
      body: (b) => {
        const h = node.sources.map((_, k) => {
          const amplified = b.node('Mul', [`h${k}`, b.scalar(factor)]);
          return b.node('Add', [
            amplified,
            castTo(b, `z${k}`, this.linears.typeOf(node.sources[k]!.value), dtype),
          ]);
        });
        const sum = membraneSum(b, network, node, h);
        const out = dtype === 'float32' ? b.node('Identity', [sum]) : castTo(b, sum, dtype, 'float32');
        return { states: h, outputs: [out] };
      },
    });
    this.output(logits, [T, 'N', ...node.shape]);
  }

  /** A Scan that emits spikes, folded back into the batch under the layer's name, and counted. */
  private spiking(
    node: EncoderNode | NeuronNode,
    dtype: DType,
    population: Pick<ScanSpec, 'states' | 'sequences'> & {
      /** Names of further outputs, one number for each step. */
      readonly scalars?: readonly string[];
      readonly step: (b: GraphBuilder) => {
        readonly states: readonly string[];
        readonly spikes: string;
        readonly scalars?: readonly string[];
      };
    },
  ): void {
    const { graph, T } = this;
    const train = outputNames.spikes(node.name);
    const perStep = outputNames.perStep(node.name);
    const counts = this.options.counts !== false;
    const counter = {
      name: 'n',
      initial: this.zeros(node.shape, 'float32'),
      shape: node.shape,
      final: `snn/${node.name}/n`,
    };
    graph.scan({
      name: node.name,
      dtype,
      states: counts ? [...population.states, counter] : population.states,
      sequences: population.sequences,
      outputs: [
        { stacked: train, shape: node.shape, perImage: true },
        ...(counts ? [{ stacked: perStep, shape: [], perImage: false }] : []),
        ...(population.scalars ?? []).map((stacked) => ({ stacked, shape: [], perImage: false, dtype })),
      ],
      body: (b) => {
        const { states, spikes: s, scalars = [] } = population.step(b);
        if (!counts) return { states, outputs: [s, ...scalars] };
        const magnitudes = b.node('Abs', [s]);
        const sum = b.node('ReduceSum', [magnitudes], { keepdims: int(0) });
        return { states: [...states, b.node('Add', ['n', magnitudes])], outputs: [s, sum, ...scalars] };
      },
    });
    graph.node('Reshape', [train, graph.indices([-1, ...node.shape])], {}, [node.output]);
    if (this.options.spikes) this.output(train, [T, 'N', ...node.shape]);
    if (!counts) return;
    const perNeuron = outputNames.perNeuron(node.name);
    graph.node('ReduceSum', [counter.final, graph.indices([0])], { keepdims: int(0) }, [perNeuron]);
    this.output(perNeuron, node.shape);
    this.output(perStep, [T]);
  }

  /** [T * N, ...shape] as [T, N, ...shape]. */
  private window(value: string, shape: Shape): string {
    return this.graph.node('Reshape', [value, this.graph.indices([this.T, -1, ...shape])]);
  }

  private perStep(layer: string, name: string, values: readonly number[], dtype: 'float32' | 'float64') {
    const value = this.graph.constant(`snn/${layer}/${name}`, tensor(dtype, [values.length], values));
    return { name, value, shape: null, dtype };
  }

  /** Zeros [N, ...shape] for as many images as the model is given, the same for all layers. */
  private zeros(shape: Shape, dtype: 'float32' | 'float64'): string {
    const key = `${dtype} ${shape.join()}`;
    const known = this.zeroStates.get(key);
    if (known !== undefined) return known;
    const zeros = this.graph.within(undefined, () => this.newZeros(shape, dtype));
    this.zeroStates.set(key, zeros);
    return zeros;
  }

  private newZeros(shape: Shape, dtype: 'float32' | 'float64'): string {
    const { graph } = this;
    this.batch ??= graph.node('Shape', [imageName(inputEncoders(this.network)[0]!)], {
      start: int(0),
      end: int(1),
    });
    return graph.node(
      'ConstantOfShape',
      [graph.node('Concat', [this.batch, graph.indices(shape)], { axis: int(0) })],
      { value: { type: 'tensor', value: tensor(dtype, [1]) } },
    );
  }

  private output(name: string, shape: ValueInfo['shape'], dtype: DType = 'float32'): void {
    this.outputs.push({ name, dtype, shape });
  }
}

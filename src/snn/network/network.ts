// The converted network as plain, readonly data: everything that a simulator or a chip needs, and nothing of
// the ONNX file beyond names. Spikes have unit amplitude: theta is absorbed into the weights.

import type { Preprocessing } from '../../data/preprocessing.ts';
import { type EncoderName, encoderNamed } from '../../encoders/index.ts';
import type { InputGrid } from '../../encoders/input-grid.ts';
import type { CanonicalNode, LinearNode, NodeNamed } from '../../graph/graph.ts';
import type { NeuronName } from '../../neurons/index.ts';
import type { ParameterName } from '../../neurons/neuron.ts';
import type { Fact } from '../../ops/op.ts';
import { isFloat, type Shape, type Tensor } from '../../tensor/tensor.ts';
import type { Coding } from './coding.ts';

/**
 * A running value as read by a node: produced by an earlier node and delayed so that the windows of all
 * sources of the reader are aligned.
 */
export interface Edge {
  readonly value: string;
  /** start of the reader - start of the source, in steps. */
  readonly delaySteps: number;
}

/** What a node reads: a running value, or a constant by its name in `Network.constants`. */
export type Source = Edge | { readonly constant: string };

interface NodeCommon {
  readonly name: string;
  /** Shape of one image at one step: [C, H, W] or [F]. */
  readonly shape: Shape;
  /** First step, counted from the start of the image, at which `output` carries something. */
  readonly start: number;
}

/** A current that a membrane or a readout adds up. */
export interface MembraneInput extends Edge {
  /**
   * Integer networks: one unit of the current in units of theta (of the ANN's output at a readout), float64, broadcast
   * over the potentials; its name in `constants`. Absent in float32 networks, where currents are in units of theta.
   */
  readonly scale?: string;
  /**
   * Neurons of integer networks: steps by which this source runs ahead of the layer's window, which then knows its later
   * spikes earlier (docs/science.md, section 11); absent for 0.
   */
  readonly aheadSteps?: number;
}

/** Turns an analog value into spikes (CSS Theorem 3 or SWS Eq. 9): an input, from step 0 on, or one computed on the way. */
export interface EncoderNode extends NodeCommon {
  readonly kind: 'encoder';
  readonly output: string;
  /** The analog value that it encodes; absent where it encodes an input of the network. */
  readonly source?: Edge;
  readonly encoder: EncoderName;
  /** Amplitude of its spikes in units of the ANN's input; without spikes, of what enters, times beta^-(T-1). */
  readonly theta: number;
  /** The ANN's input quantizer: pixels are rounded to this grid before they are encoded. */
  readonly grid?: InputGrid;
  /** As a layer of neurons has it. */
  readonly spikesPerNeuron?: number;
}

/**
 * A linear map, applied at each of the T steps of the window from `start` on. Weights are W_ann *
 * theta_in / theta_out, biases b_ann / (K theta_out) (CSS Algorithm 2, SWS Eq. 18, 19). In an integer network weights are the
 * quantizer's integers (q - Z), biases wait at the membranes, and currents are whole numbers.
 */
export interface LinearSnnNode extends NodeCommon {
  readonly kind: 'linear';
  readonly output: string;
  readonly op: LinearNode['op'];
  readonly attributes: LinearNode['attributes'];
  readonly sources: readonly Source[];
  /** Whether its weights multiply currents at every step, as the user asked for: its products are MACs. */
  readonly analog?: boolean;
}

/** The max-pool window of a neuron layer: ONNX MaxPool's attributes. */
export type PoolWindow = NodeNamed<'MaxPool'>['attributes'];

/**
 * A layer of TSA neurons (CSS Eq. A23/A24 as corrected). Integrates from `start - Ts` for T + Ts steps, in
 * the last Ts of them without input; fires from `start` on for T steps.
 */
export interface NeuronNode extends NodeCommon {
  readonly kind: 'neuron';
  readonly output: string;
  readonly neuron: NeuronName;
  /** What its membranes integrate: one current, in an integer network one for each scale, two where they are multiplied. */
  readonly sources: readonly MembraneInput[];
  /** Whether f is applied to the product of the two potentials: a gate, as squeeze-and-excitation has one. Float32 only. */
  readonly product?: boolean;
  /** Integer networks: the bias of a whole window in units of theta, float64, broadcast over the potentials. */
  readonly bias?: string;
  /** Shape of the accumulated potentials h: that of the sources; larger than `shape` where a pool is fused. */
  readonly potentialShape: Shape;
  /** Spike amplitude in units of the ANN's activation: one number, or one for each channel (axis 0 of shape). */
  readonly theta: number | readonly number[];
  /** Silent period in steps. */
  readonly Ts: number;
  /** Threshold as a fraction of theta, at every firing step but the last, where it is 1/2. */
  readonly phi: number;
  /** Threshold at the last firing step as a fraction of theta, in the place of 1/2: for ablations. */
  readonly lastPhi?: number;
  /** False where its neurons emit no negative spikes, for ablations: what they emitted too much then stays. */
  readonly negativeSpikes?: false;
  /**
   * Integer networks: shares of the latest currents, the latest first, that later ones are expected to take back. Once the
   * input is complete such neurons write a whole number, at a threshold of 1/2 (docs/science.md, section 11). Absent where
   * nothing is expected.
   */
  readonly forecast?: readonly number[];
  /** f is applied to the maximum of h over this window. */
  readonly pool?: PoolWindow;
  /** f is applied to scale * max h + shift * (K so far), per channel: names in `constants`. */
  readonly affine?: { readonly scale: string; readonly shift: string };
  /** What f depends on, in units of theta: one number, one per channel or one per neuron, by their names in `constants`. */
  readonly parameters?: { readonly [name in ParameterName]?: string };
  /** The ANN's value that the spikes carry. */
  readonly annValue: string;
  /** Where the file holds that value as integers q: it stands for scale * (q - zeroPoint), one scale or one per channel. */
  readonly annGrid?: { readonly scale: number | readonly number[]; readonly zeroPoint: number };
  /**
   * Spikes of either sign for each neuron and image, measured at conversion on the first calibration images
   * (metrics/spike-rates.ts). Tells engines what a layer costs and changes no result; absent where nothing was measured.
   */
  readonly spikesPerNeuron?: number;
}

/** Decodes an output without a neuron: h = beta h + z over T steps from `start` on, in the ANN's units. */
export interface ReadoutNode extends NodeCommon {
  readonly kind: 'readout';
  readonly sources: readonly MembraneInput[];
  /** Integer networks: the bias of a whole window in the ANN's units. */
  readonly bias?: string;
  /** The ANN's last step, left out because it changes no ranking. */
  readonly head: 'none' | 'Softmax' | 'LogSoftmax';
}

/**
 * Turns a window back into an analog value in the ANN's units: h = beta h + z over T steps. `start` is the step at which the
 * value is complete, T after its source's.
 */
export interface DecoderNode extends NodeCommon {
  readonly kind: 'decoder';
  readonly output: string;
  readonly sources: readonly Edge[];
}

/**
 * An operator applied once an image, to the analog values of decoders and other analog nodes: a product of two running
 * values, a normalisation by the data's own statistics, or a node that the user keeps analog. Its products are MACs.
 */
export interface AnalogSnnNode extends NodeCommon {
  readonly kind: 'analog';
  readonly output: string;
  readonly op: CanonicalNode['op'];
  readonly attributes: CanonicalNode['attributes'];
  readonly sources: readonly Source[];
}

export type SnnNode = EncoderNode | LinearSnnNode | NeuronNode | DecoderNode | AnalogSnnNode | ReadoutNode;

/** Where a network came from: enough to make it again. */
export interface Provenance {
  readonly model: { readonly file: string; readonly sha256: string };
  readonly calibration: { readonly images: number; readonly sha256: string | null };
  /** The amplitudes' rule: a percentile, or given. */
  readonly amplitudes: string;
  /** What tuning was asked for and what it changed; absent where none was done. */
  readonly tuning?: string;
  readonly tool: string;
}

/** What one image costs the ANN, by three counting rules (metrics/ann-operations.ts). */
export interface AnnOperations {
  /**
   * Products of Conv, ConvTranspose, Gemm and MatMul, padding and zero weights counted; and one for each element of a product
   * of two running values or of a normalisation by the data's own statistics.
   */
  readonly macs: number;
  /** The same without products with padding or with zero weights: what the SNN's fan-out counts. */
  readonly effectiveMacs: number;
  /** The syops-counter convention: bias, ReLU and pool inputs are counted too. */
  readonly syopsCounter: number;
}

/** A spiking network, ready to run. Nodes are in topological order; the encoders of its inputs come first. */
export interface Network {
  readonly coding: Coding;
  /**
   * `float32`: weights and currents are floating point. `integer`: weights and currents are whole numbers, membranes
   * are exact, and thresholds are compared in float64, so that every engine finds the same spikes.
   */
  readonly arithmetic: 'float32' | 'integer';
  /** What keeps a float32 network from integer arithmetic; null in an integer network. */
  readonly whyFloat: string | null;
  readonly preprocessing: Preprocessing;
  readonly nodes: readonly SnnNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly annOperations: AnnOperations;
  readonly provenance: Provenance;
}

/** The type of membranes and of what is added to them: float64 where currents are whole numbers. */
export function membraneType({ arithmetic }: Pick<Network, 'arithmetic'>): 'float32' | 'float64' {
  return arithmetic === 'integer' ? 'float64' : 'float32';
}

/** The encoders of the network's inputs, in the order of the ONNX file. */
export function inputEncoders(network: Pick<Network, 'nodes'>): EncoderNode[] {
  return network.nodes.filter((node) => node.kind === 'encoder').filter((node) => node.source === undefined);
}

/** The encoders of values that are computed on the way, once an image. */
export function reEncoders(network: Pick<Network, 'nodes'>): EncoderNode[] {
  return network.nodes.filter((node) => node.kind === 'encoder').filter((node) => node.source !== undefined);
}

/** The running values that a node reads, with their delays. */
export function runningSources(node: SnnNode): readonly Edge[] {
  if (node.kind === 'encoder') return node.source === undefined ? [] : [node.source];
  return (node.sources as readonly Source[]).filter((source): source is Edge => 'value' in source);
}

/** The most steps by which a source of a node runs ahead of its window. */
export function mostAhead(node: SnnNode): number {
  return node.kind === 'neuron' ? Math.max(...node.sources.map(({ aheadSteps = 0 }) => aheadSteps)) : 0;
}

/**
 * Steps after which the next image can enter: the longest that any layer is busy with one, T + Ts and what comes ahead of
 * its window.
 */
export function pipelineInterval(network: Pick<Network, 'coding' | 'nodes'>): number {
  return network.coding.T + Math.max(0, ...neuronLayers(network).map((node) => node.Ts + mostAhead(node)));
}

/** The step at which a node's window opens: later come the silent period of neurons and a decoder's window. */
export function opensAt(node: SnnNode, T: number): number {
  if (node.kind === 'neuron') return node.start - node.Ts;
  return node.kind === 'decoder' ? node.start - T : node.start;
}

/** The shape of every running value for one image at one step, by its name. */
export function shapesOf(network: Network): ReadonlyMap<string, Shape> {
  return new Map(
    network.nodes.flatMap((node) => (node.kind === 'readout' ? [] : [[node.output, node.shape] as const])),
  );
}

/** What an operator is told of a linear node's operands, for a batch of 1; constants carry their value. */
export function operandFacts(
  network: Network,
  node: LinearSnnNode | AnalogSnnNode,
  shapeOf: (value: string) => Shape,
): readonly Fact[] {
  return node.sources.map((source) => {
    if ('value' in source) return { dtype: 'float32', shape: [1, ...shapeOf(source.value)] };
    const value = network.constants.get(source.constant)!;
    // Weights that are whole numbers are multiplied like any others.
    const whole = network.arithmetic === 'integer' && !isFloat(value.dtype);
    return { dtype: whole ? 'float32' : value.dtype, shape: value.shape, value };
  });
}

/** The neuron layers, in order. */
export function neuronLayers(network: Pick<Network, 'nodes'>): NeuronNode[] {
  return network.nodes.filter((node) => node.kind === 'neuron');
}

/** Whether a node emits spikes: a neuron layer, or an encoder other than direct coding. */
export function isSpiking(node: SnnNode): boolean {
  return node.kind === 'neuron' || (node.kind === 'encoder' && encoderNamed(node.encoder).spikes);
}

/** The layers that emit spikes: the neurons, and the encoder where it spikes. */
export function spikingLayers(network: Network): (EncoderNode | NeuronNode)[] {
  return network.nodes.filter((node): node is EncoderNode | NeuronNode => isSpiking(node));
}

/** The outputs, in the order of the ONNX file. */
export function readouts(network: Network): ReadoutNode[] {
  return network.nodes.filter((node) => node.kind === 'readout');
}

/** theta of one channel: its own, or the layer's. */
export function thetaOfChannel(node: EncoderNode | NeuronNode, channel: number): number {
  return typeof node.theta === 'number' ? node.theta : node.theta[channel]!;
}

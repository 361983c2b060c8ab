// A network planned: which tensors become spikes, which neurons carry them, and what stays a linear map. No amplitude is
// known yet: calibration needs the plan to know what to observe.
import type { ChannelAffine } from '../../graph/affine.ts';
import type { Fate } from '../../graph/fate.ts';
import type {
  CanonicalGraph,
  CanonicalNode,
  LinearNode,
  NodeNamed,
  QuantizerNode,
  ValueId,
} from '../../graph/graph.ts';
import type { NeuronName } from '../../neurons/index.ts';
import type { ParameterValues } from '../../ops/op.ts';
import type { Shape } from '../../tensor/tensor.ts';

/** A layer of TSA neurons: what it integrates, the function it tracks, the value that it emits as spikes. */
export interface PlannedNeuron {
  readonly kind: 'neuron';
  /** The ANN's value that the spikes carry; identifies the layer. */
  readonly output: ValueId;
  readonly input: ValueId;
  /** What the input is multiplied by, where the layer carries a product of two running values. */
  readonly factor?: ValueId;
  readonly neuron: NeuronName;
  /** The window over which each neuron takes the maximum of accumulated potentials. */
  readonly pool?: NodeNamed<'MaxPool'>['attributes'];
  /** A scale and shift between the max-pool and the activation (MaxPool -> BN -> ReLU). */
  readonly affine?: ChannelAffine;
  /** The quantizer whose integers the spikes carry. */
  readonly quantizer?: QuantizerNode['attributes'];
  /** Whether the file holds the quantizer's integers under the name of `output`. */
  readonly integersInFile: boolean;
  /** What its function depends on, in the ANN's units: one number, one for each channel or one for each neuron. */
  readonly parameters: ParameterValues;
  /** Shapes of one image: [C, H, W] or [F]. */
  readonly inputShape: Shape;
  readonly shape: Shape;
  /** Nodes of the graph that it stands for; empty where a tensor is turned back into spikes. */
  readonly nodes: readonly string[];
}

/** A linear node, as in the graph. */
export interface PlannedLinear {
  readonly kind: 'linear';
  readonly node: LinearNode;
  /** Whether its weights multiply currents, as the user asked for. */
  readonly analog?: boolean;
  readonly shape: Shape;
}

/** An output of the network, decoded without a neuron. */
export interface PlannedReadout {
  readonly kind: 'readout';
  /** Name of the output in the ONNX file. */
  readonly name: string;
  readonly input: ValueId;
  readonly shape: Shape;
  /** The last step that the ANN applies and the readout leaves out; it changes no ranking. */
  readonly head: 'none' | 'Softmax' | 'LogSoftmax';
}

/** Turns an analog value into spikes: an input of the graph, or a value computed on the way. */
export interface PlannedEncoder {
  readonly kind: 'encoder';
  /** Identifies the layer: the input's name, or that of the value that the spikes carry. */
  readonly name: ValueId;
  /** The analog value that it encodes; null where it encodes an input. */
  readonly source: ValueId | null;
  /** The value that the spikes carry: the input, or what its quantizer makes of it. */
  readonly output: ValueId;
  /** The quantizer of an input. */
  readonly quantizer?: QuantizerNode['attributes'];
  readonly shape: Shape;
}

/** Decodes spikes or currents into an analog value. */
export interface PlannedDecoder {
  readonly kind: 'decoder';
  readonly input: ValueId;
  readonly output: ValueId;
  readonly shape: Shape;
}

/** A node computed on analog values, once an image; its inputs are outputs of decoders and other analog nodes. */
export interface PlannedAnalog {
  readonly kind: 'analog';
  readonly node: CanonicalNode;
  readonly shape: Shape;
}

export type PlannedNode =
  | PlannedEncoder
  | PlannedNeuron
  | PlannedLinear
  | PlannedDecoder
  | PlannedAnalog
  | PlannedReadout;

/** The spiking network before amplitudes. Nodes are in topological order, the encoders of the inputs first. */
export interface SpikingPlan {
  readonly graph: CanonicalGraph;
  readonly nodes: readonly PlannedNode[];
  /** Fates of the canonical nodes. */
  readonly fates: readonly Fate[];
}

/** The encoders of the graph's inputs, in their order. */
export function plannedInputs(plan: Pick<SpikingPlan, 'nodes'>): PlannedEncoder[] {
  return plan.nodes.filter((node) => node.kind === 'encoder').filter(({ source }) => source === null);
}

/** What calibration must observe: the tensor that each layer emits, where no quantizer gives its amplitude; not the inputs. */
export function observedValues(plan: SpikingPlan): { readonly layer: ValueId; readonly value: ValueId }[] {
  return plan.nodes.flatMap((node) => {
    if (node.kind === 'encoder')
      return node.source === null ? [] : [{ layer: node.name, value: node.output }];
    if (node.kind !== 'neuron' || node.quantizer !== undefined) return [];
    return [{ layer: node.output, value: node.nodes.length === 0 ? node.input : node.output }];
  });
}

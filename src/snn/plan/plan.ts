// CanonicalGraph -> SpikingPlan: which nodes become neurons, where currents are turned back into spikes, and
// what stays a linear map. No amplitude is known yet: calibration needs the plan to know what to observe.
import { type Problem, throwIfAny } from '../../errors.ts';
import { type ChannelAffine, extended, identityAffine } from '../../graph/affine.ts';
import type { Fate } from '../../graph/fate.ts';
import {
  type ActivationNode,
  type CanonicalGraph,
  type CanonicalNode,
  consumersOf,
  type HeadNode,
  imageShape,
  type LinearNode,
  type NodeNamed,
  opOf,
  producersOf,
  type QuantizerNode,
  type ValueId,
} from '../../graph/graph.ts';
import { onlyConsumer } from '../../graph/rewrite.ts';
import { type NeuronName, neurons } from '../../neurons/index.ts';
import { showQuantizer } from '../../ops/fake-quantize.ts';
import { type Shape, sizeOf } from '../../tensor/tensor.ts';
import { gridBehind } from './spiking-quantizers.ts';

/** A layer of TSA neurons: what it integrates, the function it tracks, the value that it emits as spikes. */
export interface PlannedNeuron {
  readonly kind: 'neuron';
  /** The ANN's value that the spikes carry; identifies the layer. */
  readonly output: ValueId;
  readonly input: ValueId;
  readonly neuron: NeuronName;
  /** The window over which each neuron takes the maximum of accumulated potentials. */
  readonly pool?: NodeNamed<'MaxPool'>['attributes'];
  /** A scale and shift between the max-pool and the activation (MaxPool -> BN -> ReLU). */
  readonly affine?: ChannelAffine;
  /** The quantizer whose integers the spikes carry. */
  readonly quantizer?: QuantizerNode['attributes'];
  /** Whether the file holds the quantizer's integers under the name of `output`. */
  readonly integersInFile: boolean;
  /** What its activation clips to, in the ANN's units; -Infinity and Infinity where it is open. */
  readonly bounds: { readonly low: number; readonly high: number };
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

export type PlannedNode = PlannedNeuron | PlannedLinear | PlannedReadout;

/** The spiking network before amplitudes. Nodes are in topological order. */
export interface SpikingPlan {
  readonly graph: CanonicalGraph;
  readonly input: ValueId;
  readonly inputShape: Shape;
  /** The value that the encoder's spikes carry: the input, or what its quantizer makes of it. */
  readonly encoded: ValueId;
  /** The quantizer of the input. */
  readonly inputQuantizer?: QuantizerNode['attributes'];
  readonly nodes: readonly PlannedNode[];
  /** Fates of the canonical nodes. */
  readonly fates: readonly Fate[];
}

/** Suffix of the spikes made from a tensor that is turned back into spikes. */
const RESPIKED = '#spikes';

/**
 * Assigns neurons (science: CSS Algorithm 2 with the fused max-pool; a weighted map that would be fed by
 * currents gets a signed identity layer in front).
 * @param outputNames names of the outputs in the file, where passes gave the values others
 * @param integers names of the values that the file holds as quantized integers
 * @throws Ann2SnnError `unsupported-operator` where the graph has several inputs or a Softmax inside.
 */
export function planSpiking(
  graph: CanonicalGraph,
  outputNames: readonly string[] = graph.outputs,
  integers: ReadonlySet<string> = new Set(),
): SpikingPlan {
  const planner = new Planner(graph, outputNames, integers);
  const nodes = planner.plan();
  return {
    graph,
    input: graph.inputs[0]!,
    inputShape: imageShape(graph, graph.inputs[0]!),
    encoded: planner.inputQuantizer?.outputs[0] ?? graph.inputs[0]!,
    ...(planner.inputQuantizer === undefined ? {} : { inputQuantizer: planner.inputQuantizer.attributes }),
    nodes,
    fates: planner.fates,
  };
}

/** Live state of one planning walk. */
class Planner {
  readonly fates: Fate[] = [];
  /** The quantizer that alone reads the input. */
  inputQuantizer: QuantizerNode | undefined;
  private readonly graph: CanonicalGraph;
  private readonly outputNames: readonly string[];
  private readonly integers: ReadonlySet<string>;
  private readonly consumers: ReadonlyMap<ValueId, readonly CanonicalNode[]>;
  private readonly producers: ReadonlyMap<ValueId, CanonicalNode>;
  private readonly nodes: PlannedNode[] = [];
  /** Nodes that a neuron has taken in already. */
  private readonly taken = new Set<string>();
  /** Values that are currents: sums of weighted spikes, no longer ternary. */
  private readonly currents = new Set<ValueId>();
  /** Currents that have been turned back into spikes, and under which name. */
  private readonly respiked = new Map<ValueId, ValueId>();

  constructor(graph: CanonicalGraph, outputNames: readonly string[], integers: ReadonlySet<string>) {
    this.graph = graph;
    this.outputNames = outputNames;
    this.integers = integers;
    this.consumers = consumersOf(graph);
    this.producers = producersOf(graph);
  }

  plan(): readonly PlannedNode[] {
    this.refuseUnplannable();
    for (const node of this.graph.nodes) {
      if (this.taken.has(node.name)) continue;
      if (isQuantizer(node) && node.inputs[0] === this.graph.inputs[0]) this.inputGrid(node);
      else if (isActivation(node) || isQuantizer(node)) this.activation(node);
      else if (node.op === 'MaxPool') this.pool(node);
      else if (!isHead(node)) this.linear(node);
    }
    this.graph.outputs.forEach((output, i) => {
      this.readout(output, this.outputNames[i]!);
    });
    return this.nodes;
  }

  private refuseUnplannable(): void {
    const problems: Problem[] = this.graph.nodes.flatMap((node) => {
      const reason = isHead(node) ? this.whyNoHead(node) : undefined;
      return reason === undefined ? [] : [{ where: `node "${node.name}" (${node.op})`, message: reason }];
    });
    for (const node of this.graph.nodes.filter(isQuantizer)) {
      const { scale, axis } = node.attributes;
      const ofInput = node.inputs[0] === this.graph.inputs[0];
      if (scale.length === 1 || (axis === 1 && !ofInput)) continue;
      const expected = ofInput ? 'one scale for the whole image' : 'scales along the channels, axis 1';
      const found = `${scale.length} along axis ${axis}`;
      problems.push({
        where: `node "${node.name}" (${node.op})`,
        message: `expected ${expected}, found ${found}`,
      });
    }
    if (this.graph.inputs.length !== 1) {
      problems.push({
        where: 'model',
        message: `expected one input, found ${this.graph.inputs.length} (${this.graph.inputs.join(', ')})`,
      });
    }
    this.graph.outputs.forEach((output, i) => {
      if (!this.graph.constants.has(output)) return;
      problems.push({ where: `output "${this.outputNames[i]}"`, message: 'does not depend on the image' });
    });
    throwIfAny('unsupported-operator', problems);
  }

  /** Why a Softmax cannot be left out, or undefined where it is the last step over all scores of an image. */
  private whyNoHead(node: HeadNode): string | undefined {
    if (this.consumers.has(node.outputs[0]!)) {
      return 'is supported as the last step only; here other nodes read it';
    }
    const scores = imageShape(this.graph, node.inputs[0]!);
    const { axis } = node.attributes;
    return scores[axis - 1] === sizeOf(scores)
      ? undefined
      : `is supported over all scores of an image, found it along axis ${axis} of [N, ${scores.join(', ')}]`;
  }

  private inputGrid(node: QuantizerNode): void {
    this.inputQuantizer = node;
    this.fate(node, 'neuron', `the encoder's spikes carry its integers (${showQuantizer(node.attributes)})`);
  }

  /** An activation or quantizer, with the max-pool and the quantizer behind it when nothing else reads them. */
  private activation(node: ActivationNode | QuantizerNode): void {
    this.neuron({ input: node.inputs[0]!, ...this.followed([node]) });
  }

  /**
   * The nodes, with one max-pool and one quantizer behind them, in either order: all are monotone, so the neuron may take
   * the maximum first, and rounding is what its code does.
   */
  private followed(nodes: readonly CanonicalNode[]) {
    const all = [...nodes];
    for (;;) {
      const next = onlyConsumer(this.graph, this.consumers, all.at(-1)!.outputs[0]!);
      const takes =
        (next?.op === 'MaxPool' && !all.some((node) => node.op === 'MaxPool')) ||
        (next !== undefined && isQuantizer(next) && !all.some(isQuantizer));
      if (!takes) break;
      this.taken.add(next!.name);
      all.push(next!);
    }
    return { nodes: all, function: all.filter((node) => isActivation(node) || isQuantizer(node)) };
  }

  /** MaxPool, with the per-channel scale and shift and the activation behind it when nothing else reads them. */
  private pool(pool: NodeNamed<'MaxPool'>): void {
    const behind: CanonicalNode[] = [];
    let affine = identityAffine(imageShape(this.graph, pool.outputs[0]!)[0]!);
    let value = pool.outputs[0]!;
    for (;;) {
      const next = onlyConsumer(this.graph, this.consumers, value);
      if (next === undefined) break;
      if (isActivation(next) || isQuantizer(next)) {
        for (const node of [...behind, next]) this.taken.add(node.name);
        const scaled = behind.length > 0 ? { affine } : {};
        this.neuron({ input: pool.inputs[0]!, ...this.followed([pool, ...behind, next]), ...scaled });
        return;
      }
      const wider = extended(affine, this.graph, next, value);
      if (wider === undefined) break;
      affine = wider;
      behind.push(next);
      value = next.outputs[0]!;
    }
    const quantizer = gridBehind(this.graph, this.producers, pool.inputs[0]!);
    this.neuron({ input: pool.inputs[0]!, nodes: [pool], function: [], ...(quantizer && { quantizer }) });
  }

  /** @param made `nodes` that one layer of neurons stands for, those among them that are its `function` */
  private neuron(made: {
    input: ValueId;
    affine?: ChannelAffine;
    nodes: readonly CanonicalNode[];
    function: readonly (ActivationNode | QuantizerNode)[];
    quantizer?: QuantizerNode['attributes'];
  }): void {
    const output = made.nodes.at(-1)!.outputs[0]!;
    const own = made.nodes.find(isQuantizer);
    const quantizer = own?.attributes ?? made.quantizer;
    const pool = made.nodes.find((node) => node.op === 'MaxPool');
    const neuron = neuronOf(made.function);
    this.nodes.push({
      kind: 'neuron',
      output,
      input: made.input,
      neuron,
      ...(pool === undefined ? {} : { pool: pool.attributes }),
      ...(made.affine === undefined ? {} : { affine: made.affine }),
      ...(quantizer === undefined ? {} : { quantizer }),
      integersInFile: this.integers.has(output),
      bounds: boundsOf(made.function),
      inputShape: imageShape(this.graph, made.input),
      shape: imageShape(this.graph, output),
      nodes: made.nodes.map((node) => node.name),
    });
    const how = pool === undefined ? neuron : `${neuron} over max-pool windows`;
    const grid = quantizer === undefined ? '' : ` (${showQuantizer(quantizer)})`;
    for (const node of made.nodes) this.fate(node, 'neuron', `${how}, spikes carry "${output}"${grid}`);
  }

  private linear(node: LinearNode): void {
    const weighted = opOf(node).role === 'weighted';
    let planned = node;
    if (weighted && this.currents.has(node.inputs[0]!)) {
      planned = { ...node, inputs: [this.respike(node.inputs[0]!), ...node.inputs.slice(1)] } as LinearNode;
      this.fate(
        node,
        're-spiked',
        `currents "${node.inputs[0]}" become spikes in front of it (tsa-identity)`,
      );
    } else {
      const readers = this.consumers.get(node.outputs[0]!)?.map((reader) => `"${reader.name}"`);
      this.fate(node, 'linear', `${this.roleOf(node)}, into ${readers?.join(', ') ?? 'the readout'}`);
    }
    const output = node.outputs[0]!;
    if (weighted || node.inputs.some((input) => this.currents.has(input))) this.currents.add(output);
    this.nodes.push({ kind: 'linear', node: planned, shape: imageShape(this.graph, output) });
  }

  /** What a linear node does to what it reads, in words. */
  private roleOf(node: LinearNode): string {
    const { role } = opOf(node);
    if (role === 'weighted') return 'its weights connect spikes';
    const carried = node.inputs.some((input) => this.currents.has(input)) ? 'currents' : 'spikes';
    if (role === 'layout') return `rearranges ${carried}`;
    return carried === 'currents' ? 'maps currents' : 'maps spikes, composed with the weights behind it';
  }

  private respike(value: ValueId): ValueId {
    const known = this.respiked.get(value);
    if (known !== undefined) return known;
    const output = `${value}${RESPIKED}` as ValueId;
    const shape = imageShape(this.graph, value);
    this.nodes.push({
      kind: 'neuron',
      output,
      input: value,
      neuron: 'tsa-identity',
      integersInFile: false,
      bounds: OPEN,
      inputShape: shape,
      shape,
      nodes: [],
    });
    this.respiked.set(value, output);
    return output;
  }

  private readout(output: ValueId, name: string): void {
    const head = this.graph.nodes.find(
      (node): node is HeadNode => isHead(node) && node.outputs[0] === output,
    );
    const input = head === undefined ? output : head.inputs[0]!;
    this.nodes.push({
      kind: 'readout',
      name,
      input,
      shape: imageShape(this.graph, input),
      head: head === undefined ? 'none' : head.op,
    });
    if (head !== undefined) this.fate(head, 'readout', 'left out: it changes no ranking');
  }

  private fate(node: CanonicalNode, kind: Fate['kind'], detail: string): void {
    this.fates.push({ node: node.name, op: node.op, kind, detail });
  }
}

function isHead(node: CanonicalNode): node is HeadNode {
  return opOf(node).role === 'head';
}

function isActivation(node: CanonicalNode): node is ActivationNode {
  return opOf(node).role === 'activation';
}

function isQuantizer(node: CanonicalNode): node is QuantizerNode {
  return opOf(node).role === 'quantizer';
}

/**
 * The neuron whose function the activation is: there is one for every activation that stays in a graph. A quantizer alone
 * is a ReLU where it cannot go below 0, and a clip otherwise.
 */
function neuronOf(nodes: readonly (ActivationNode | QuantizerNode)[]): NeuronName {
  const [first] = nodes;
  if (first === undefined) return 'tsa-identity';
  if (isQuantizer(first)) return first.attributes.low === 0 ? 'tsa-relu' : 'tsa-clip';
  return neurons.find(({ operator }) => operator === first.op)!.name;
}

const OPEN = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** What activations clip to, in the ANN's units; a quantizer's range is its own. */
function boundsOf(nodes: readonly (ActivationNode | QuantizerNode)[]): PlannedNeuron['bounds'] {
  return nodes.reduce((bounds, node) => {
    const { low, high } = opOf(node).bounds?.(node.attributes) ?? OPEN;
    return { low: Math.max(bounds.low, low), high: Math.min(bounds.high, high) };
  }, OPEN);
}

/** What calibration must observe: the tensor that each layer emits, where no quantizer gives its amplitude. */
export function observedValues(plan: SpikingPlan): { readonly layer: ValueId; readonly value: ValueId }[] {
  return plan.nodes.flatMap((node) =>
    node.kind === 'neuron' && node.quantizer === undefined
      ? [{ layer: node.output, value: node.nodes.length === 0 ? node.input : node.output }]
      : [],
  );
}

// CanonicalGraph -> SpikingPlan: which nodes become neurons, where currents are turned back into spikes, and
// what stays a linear map. No amplitude is known yet: calibration needs the plan to know what to observe.
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
import { neuronNamed } from '../../neurons/index.ts';
import { showQuantizer } from '../../ops/fake-quantize.ts';
import { type Shape, sameShape } from '../../tensor/tensor.ts';
import { putsOutCurrents } from './currents.ts';
import { isActivation, isHead, isProduct, isQuantizer } from './kinds.ts';
import type { LinearMode } from './linear-modes.ts';
import type { PlannedNode, SpikingPlan } from './planned.ts';
import { functionOf, letsMaximumPass, PLAIN, type PlannedFunction } from './planned-function.ts';
import { gridBehind } from './spiking-quantizers.ts';
import { refuseUnplannable } from './unplannable.ts';

/** What the user says about a plan. */
export interface PlanOptions {
  /** Names of the outputs in the file, where passes gave the values others. */
  readonly outputNames?: readonly string[];
  /** Names of the values that the file holds as quantized integers. */
  readonly integers?: ReadonlySet<string>;
  /** Nodes that are kept analog, by their names in the graph. */
  readonly analog?: ReadonlySet<string>;
  /** What becomes of a weighted map that is fed by currents; re-spiking unless given. */
  readonly linear?: LinearMode;
}

/** Suffix of the spikes made from a tensor that is turned back into spikes. */
const RESPIKED = '#spikes';

/** Suffix of an analog value, where the name without it is that of its spikes. */
const ANALOG = '#analog';

/** Suffix of a value repeated along some of its axes. */
const WIDENED = '#wide';

/** Suffix of the analog value decoded from spikes or currents. */
const DECODED = '#decoded';

/**
 * Assigns neurons (science: CSS Algorithm 2 with the fused max-pool; a weighted map that would be fed by
 * currents gets a signed identity layer in front). A product of two running values is a layer of neurons with two
 * membranes; what the user keeps analog is computed on values decoded at the end of their windows, and becomes spikes again.
 * @throws Ann2SnnError `unsupported-operator` naming every node for which there is no plan.
 */
export function planSpiking(graph: CanonicalGraph, options: PlanOptions = {}): SpikingPlan {
  const analog = options.analog ?? NONE;
  refuseUnplannable(graph, options.outputNames ?? graph.outputs, analog);
  const planner = new Planner(graph, options);
  const nodes = planner.plan();
  return { graph, nodes, fates: planner.fates };
}

const NONE: ReadonlySet<string> = new Set();

/** Live state of one planning walk. */
class Planner {
  readonly fates: Fate[] = [];
  private readonly graph: CanonicalGraph;
  private readonly options: PlanOptions;
  private readonly consumers: ReadonlyMap<ValueId, readonly CanonicalNode[]>;
  private readonly producers: ReadonlyMap<ValueId, CanonicalNode>;
  private readonly nodes: PlannedNode[] = [];
  /** Nodes that a neuron or an encoder has taken in already. */
  private readonly taken = new Set<string>();
  /** Values that are currents: sums of weighted spikes, no longer ternary. */
  private readonly currents = new Set<ValueId>();
  /** Currents that have been turned back into spikes, and under which name. */
  private readonly respiked = new Map<ValueId, ValueId>();
  /** Values that exist as analog ones, and under which name. */
  private readonly analogs = new Map<ValueId, ValueId>();

  constructor(graph: CanonicalGraph, options: PlanOptions) {
    this.graph = graph;
    this.options = options;
    this.consumers = consumersOf(graph);
    this.producers = producersOf(graph);
  }

  plan(): readonly PlannedNode[] {
    for (const input of this.graph.inputs) this.input(input);
    for (const node of this.graph.nodes) {
      if (this.taken.has(node.name)) continue;
      if (this.isAnalog(node)) this.analog(node);
      else if (isActivation(node) || isQuantizer(node)) this.activation(node);
      else if (node.op === 'MaxPool') this.pool(node);
      else if (isProduct(this.graph, node)) this.product(node as NodeNamed<'Mul'>);
      else if (!isHead(node)) this.linear(node as LinearNode);
    }
    this.graph.outputs.forEach((output, i) => {
      this.readout(output, (this.options.outputNames ?? this.graph.outputs)[i]!);
    });
    return this.nodes;
  }

  private isAnalog(node: CanonicalNode): boolean {
    return this.options.analog?.has(node.name) === true;
  }

  /** The encoder of an input, on the grid of its quantizer where there is one. */
  private input(input: ValueId): void {
    const shape = imageShape(this.graph, input);
    const grid = this.graph.nodes.filter(isQuantizer).find((node) => node.inputs[0] === input);
    this.nodes.push({
      kind: 'encoder',
      name: input,
      source: null,
      output: grid?.outputs[0] ?? input,
      ...(grid === undefined ? {} : { quantizer: grid.attributes }),
      shape,
    });
    if (grid === undefined) return;
    this.taken.add(grid.name);
    this.fate(grid, 'neuron', `the encoder's spikes carry its integers (${showQuantizer(grid.attributes)})`);
  }

  /** A node computed on analog values; its output becomes spikes where anything else reads it. */
  private analog(node: CanonicalNode): void {
    const output = node.outputs[0]!;
    const shape = imageShape(this.graph, output);
    const inputs = node.inputs.map((input) =>
      this.graph.constants.has(input) ? input : this.decoded(input),
    );
    const value = `${output}${ANALOG}` as ValueId;
    this.nodes.push({ kind: 'analog', node: { ...node, inputs, outputs: [value] } as CanonicalNode, shape });
    this.analogs.set(output, value);
    const readers = this.consumers.get(output) ?? [];
    const spikes = this.graph.outputs.includes(output) || readers.some((reader) => !this.isAnalog(reader));
    if (spikes) this.nodes.push({ kind: 'encoder', name: output, source: value, output, shape });
    const then = spikes ? `, then "${output}" becomes spikes again` : '';
    this.fate(
      node,
      'analog',
      `kept analog: computed once an image on values decoded at the end of their windows${then}`,
    );
  }

  private decoded(value: ValueId): ValueId {
    const known = this.analogs.get(value);
    if (known !== undefined) return known;
    const output = `${value}${DECODED}` as ValueId;
    this.nodes.push({ kind: 'decoder', input: value, output, shape: imageShape(this.graph, value) });
    this.analogs.set(value, output);
    return output;
  }

  /** An activation or quantizer, with the max-pool and the quantizer behind it when nothing else reads them. */
  private activation(node: ActivationNode | QuantizerNode): void {
    this.neuron({ input: node.inputs[0]!, ...this.followed([node]) });
  }

  /**
   * The nodes, with one max-pool and one quantizer behind them, in either order. Rounding is what the neuron's code does; it
   * may take the maximum first where its function never decreases.
   */
  private followed(nodes: readonly CanonicalNode[]) {
    const all = [...nodes];
    const image = imageShape(this.graph, nodes.at(-1)!.outputs[0]!);
    const tracked = functionOf(
      nodes.find((node) => isActivation(node) || isQuantizer(node)),
      image,
    );
    const poolable = letsMaximumPass(tracked, image);
    for (;;) {
      const next = onlyConsumer(this.graph, this.consumers, all.at(-1)!.outputs[0]!);
      if (next !== undefined && this.isAnalog(next)) break;
      const takes =
        (next?.op === 'MaxPool' && poolable && !all.some((node) => node.op === 'MaxPool')) ||
        (next !== undefined && isQuantizer(next) && !all.some(isQuantizer));
      if (!takes) break;
      this.taken.add(next!.name);
      all.push(next!);
    }
    return { nodes: all, function: tracked };
  }

  /** A product of two running values, with the activation, the max-pool and the quantizer behind it. */
  private product(node: NodeNamed<'Mul'>): void {
    const shape = imageShape(this.graph, node.outputs[0]!);
    const [input, factor] = node.inputs.map((value) => this.widened(value, shape));
    const next = onlyConsumer(this.graph, this.consumers, node.outputs[0]!);
    const nodes: CanonicalNode[] = [node];
    if (next !== undefined && isActivation(next) && !this.isAnalog(next)) {
      this.taken.add(next.name);
      nodes.push(next);
    }
    this.neuron({ input: input!, factor: factor!, inputShape: shape, ...this.followed(nodes) });
  }

  /** The value repeated until it has the shape. */
  private widened(value: ValueId, shape: Shape): ValueId {
    const own = imageShape(this.graph, value);
    if (sameShape(own, shape)) return value;
    const aligned = [...shape.slice(own.length).map(() => 1), ...own];
    const name = `${value}${WIDENED}${shape.join('x')}`;
    const output = name as ValueId;
    if (this.nodes.some((node) => node.kind === 'linear' && node.node.outputs[0] === output)) return output;
    const attributes = { shape: [1, ...shape.map((size, axis) => (size === aligned[axis] ? 1 : size))] };
    const node: NodeNamed<'Expand'> = { name, op: 'Expand', attributes, inputs: [value], outputs: [output] };
    this.nodes.push({ kind: 'linear', node, shape });
    return output;
  }

  /** MaxPool, with the per-channel scale and shift and the activation behind it when nothing else reads them. */
  private pool(pool: NodeNamed<'MaxPool'>): void {
    const behind: CanonicalNode[] = [];
    let affine = identityAffine(imageShape(this.graph, pool.outputs[0]!)[0]!);
    let value = pool.outputs[0]!;
    for (;;) {
      const next = onlyConsumer(this.graph, this.consumers, value);
      if (next === undefined || this.isAnalog(next)) break;
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
    this.neuron({ input: pool.inputs[0]!, nodes: [pool], function: PLAIN, ...(quantizer && { quantizer }) });
  }

  /** @param made `nodes` that one layer of neurons stands for, and the function that they come to */
  private neuron(made: {
    input: ValueId;
    factor?: ValueId;
    /** That of the input, where the graph does not have it. */
    inputShape?: Shape;
    affine?: ChannelAffine;
    nodes: readonly CanonicalNode[];
    function: PlannedFunction;
    quantizer?: QuantizerNode['attributes'];
  }): void {
    const output = made.nodes.at(-1)!.outputs[0]!;
    const own = made.nodes.find(isQuantizer);
    const quantizer = own?.attributes ?? made.quantizer;
    const pool = made.nodes.find((node) => node.op === 'MaxPool');
    const { neuron } = made.function;
    this.nodes.push({
      kind: 'neuron',
      output,
      input: made.input,
      ...(made.factor === undefined ? {} : { factor: made.factor }),
      ...made.function,
      ...(pool === undefined ? {} : { pool: pool.attributes }),
      ...(made.affine === undefined ? {} : { affine: made.affine }),
      ...(quantizer === undefined ? {} : { quantizer }),
      integersInFile: this.options.integers?.has(output) === true,
      inputShape: made.inputShape ?? imageShape(this.graph, made.input),
      shape: imageShape(this.graph, output),
      nodes: made.nodes.map((node) => node.name),
    });
    const what = made.factor === undefined ? neuron : `${neuron} of the product of two potentials`;
    const how = pool === undefined ? what : `${what} over max-pool windows`;
    const grid = quantizer === undefined ? '' : ` (${showQuantizer(quantizer)})`;
    const caution = neuronNamed(neuron).caution?.(made.function.parameters);
    const detail = `${how}, spikes carry "${output}"${grid}${caution === undefined ? '' : `; ${caution}`}`;
    const last = made.nodes.at(-1)!;
    for (const node of made.nodes) {
      this.fate(node, 'neuron', node === last ? detail : `part of "${last.name}"`);
    }
  }

  private linear(node: LinearNode): void {
    const weighted = opOf(node).role === 'weighted';
    const fedByCurrents = weighted && this.currents.has(node.inputs[0]!);
    const analog = fedByCurrents && this.options.linear === 'analog';
    let planned = node;
    if (analog) {
      this.fate(node, 'analog', `multiplies currents "${node.inputs[0]}" at every step: T times its MACs`);
    } else if (fedByCurrents) {
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
    const analogNodes = this.options.analog ?? NONE;
    if (putsOutCurrents(this.graph, node, analogNodes, this.currents)) this.currents.add(output);
    this.nodes.push({
      kind: 'linear',
      node: planned,
      ...(analog ? { analog } : {}),
      shape: imageShape(this.graph, output),
    });
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
      ...PLAIN,
      integersInFile: false,
      inputShape: shape,
      shape,
      nodes: [],
    });
    this.respiked.set(value, output);
    return output;
  }

  private readout(output: ValueId, name: string): void {
    const head = this.graph.nodes.find(
      (node): node is HeadNode => isHead(node) && node.outputs[0] === output && !this.isAnalog(node),
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

// SpikingPlan + amplitudes -> Network (CSS Algorithm 2, corrected).
//
//   plan ----> units: which unit each current is wanted in by its readers          (backwards)
//        ----> weights x theta_in/theta_out, biases / (K theta_out), rescaled joins  (forwards)
//        ----> windows: when every node starts and how long its sources wait               (schedule.ts)
//
// After this every spike has amplitude 1 and every node knows when its window begins.
import { kappa } from '../encoders/kappa.ts';
import { type LinearNode, opOf, type ValueId } from '../graph/graph.ts';
import type { UnitChange } from '../ops/op.ts';
import { sameUnit, scalarUnit, simplestUnit, type Unit, unitAt, unitRatio } from '../ops/unit.ts';
import { floatTensor, type Shape, type Tensor } from '../tensor/tensor.ts';
import { keepsChannels, sameChannels } from './channels.ts';
import { type Amplitudes, checkAmplitudes, checkLayers, type LayerOverrides } from './check-conversion.ts';
import type { Coding } from './coding.ts';
import type { Edge, EncoderNode, LinearSnnNode, Network, NeuronNode, SnnNode, Source } from './network.ts';
import type { PlannedLinear, PlannedNeuron, PlannedReadout, SpikingPlan } from './plan.ts';
import { schedule } from './schedule.ts';
import { wantedUnits } from './wanted-units.ts';

export interface ConvertOptions {
  readonly coding: Coding;
  readonly amplitudes: Amplitudes;
  readonly preprocessing: Network['preprocessing'];
  readonly annOperations: Network['annOperations'];
  readonly provenance: Network['provenance'];
  readonly layers?: ReadonlyMap<string, LayerOverrides>;
}

/**
 * Converts a planned network (CSS Algorithm 2, SWS Eq. 18-19).
 * @throws Ann2SnnError `invalid-calibration` naming every layer whose amplitude is missing or not positive, and
 * `invalid-option` naming every layer whose own parameters are out of range.
 */
export function convert(plan: SpikingPlan, options: ConvertOptions): Network {
  checkAmplitudes(plan, options.amplitudes);
  checkLayers(plan, options.coding, options.layers ?? new Map());
  const converter = new Converter(plan, options);
  return {
    coding: options.coding,
    preprocessing: options.preprocessing,
    nodes: schedule(converter.convert()),
    constants: converter.constants,
    annOperations: options.annOperations,
    provenance: options.provenance,
  };
}

/** Live state of one conversion: units and constants as the walk goes on. */
class Converter {
  readonly constants = new Map<string, Tensor>();
  private readonly plan: SpikingPlan;
  private readonly options: ConvertOptions;
  private readonly K: number;
  private readonly wanted: ReadonlyMap<ValueId, Unit>;
  private readonly units = new Map<string, Unit>();
  private readonly shapes = new Map<string, Shape>();
  private readonly nodes: SnnNode[] = [];

  constructor(plan: SpikingPlan, options: ConvertOptions) {
    this.plan = plan;
    this.options = options;
    this.K = kappa(options.coding.T, options.coding.beta);
    this.wanted = wantedUnits(plan, options.amplitudes);
  }

  convert(): readonly SnnNode[] {
    this.encoder();
    for (const node of this.plan.nodes) {
      if (node.kind === 'neuron') this.neuron(node);
      else if (node.kind === 'readout') this.readout(node);
      else this.linear(node);
    }
    return this.nodes;
  }

  private encoder(): void {
    const { input, inputShape } = this.plan;
    const node: EncoderNode = {
      kind: 'encoder',
      name: input,
      output: input,
      encoder: this.options.coding.encoder,
      theta: scalarUnit(this.options.amplitudes.get(input)!),
      shape: inputShape,
      start: 0,
    };
    this.add(node, node.theta);
  }

  private neuron(planned: PlannedNeuron): void {
    const theta = this.options.amplitudes.get(planned.output)!;
    const overrides = this.options.layers?.get(planned.output) ?? {};
    const Ts = overrides.Ts ?? this.options.coding.Ts;
    const source = this.inUnit(planned.input, theta, planned.inputShape);
    const node: NeuronNode = {
      kind: 'neuron',
      name: planned.output,
      output: planned.output,
      neuron: planned.neuron,
      source: { value: source, delaySteps: 0 },
      potentialShape: planned.inputShape,
      shape: planned.shape,
      theta,
      Ts,
      phi: overrides.phi ?? this.options.coding.phi,
      ...(planned.pool === undefined ? {} : { pool: planned.pool }),
      ...(planned.affine === undefined ? {} : { affine: this.affine(planned, theta) }),
      annValue: planned.nodes.length === 0 ? planned.input : planned.output,
      start: 0,
    };
    this.add(node, theta);
  }

  private affine(planned: PlannedNeuron, theta: Unit): { scale: string; shift: string } {
    const { scale, shift } = planned.affine!;
    const names = {
      scale: this.fresh(`${planned.output}.scale`),
      shift: this.fresh(`${planned.output}.shift`),
    };
    this.constants.set(names.scale, floatTensor([scale.length], scale));
    const perStep = shift.map((value, c) => value / (this.K * unitAt(theta, c)));
    this.constants.set(names.shift, floatTensor([shift.length], perStep));
    return names;
  }

  private readout(planned: PlannedReadout): void {
    const source = this.inUnit(planned.input, 1, planned.shape);
    this.nodes.push({
      kind: 'readout',
      name: planned.name,
      source: { value: source, delaySteps: 0 },
      shape: planned.shape,
      start: 0,
      head: planned.head,
    });
  }

  private linear({ node, shape }: PlannedLinear): void {
    if (opOf(node).absorbsUnits !== undefined) this.absorbing(node, shape);
    else if (node.inputs.length === 1) this.passing(node, shape);
    else this.joining(node, shape);
  }

  /** Weights and factors: they take in the change of unit, and their bias is spread over the window. */
  private absorbing(node: LinearNode, shape: Shape): void {
    const op = opOf(node);
    const given = this.shapes.get(node.inputs[0]!)!;
    const perChannel =
      op.absorbsUnits === 'per-channel' && (op.role === 'weighted' || sameChannels(given, shape));
    const input = perChannel ? node.inputs[0]! : this.inScalarUnit(node.inputs[0]!);
    const from = this.units.get(input)!;
    const wanted = this.wanted.get(node.outputs[0]!) ?? (op.role === 'weighted' ? 1 : from);
    const to = op.absorbsUnits === 'per-channel' ? wanted : scalarUnit(wanted);
    this.addLinear(
      node,
      [edgeFrom(input), ...this.rescaled(node, { from, to, K: this.K }, shape)],
      shape,
      to,
    );
  }

  /** Add and Concat: every branch in the unit of the sum (theta_branch / theta_out); constants spread over the window. */
  private joining(node: LinearNode, shape: Shape): void {
    const runtime = node.inputs.filter((input) => !this.plan.graph.constants.has(input));
    const aligned = runtime.every((input) => sameChannels(this.shapes.get(input)!, shape));
    const wanted = this.wanted.get(node.outputs[0]!) ?? this.units.get(runtime[0]!)!;
    const to = aligned ? wanted : scalarUnit(wanted);
    const branches = runtime.map((input) => this.inUnit(input, to, this.shapes.get(input)!));
    const units = { from: to, to, K: this.K };
    this.addLinear(node, [...branches.map(edgeFrom), ...this.rescaled(node, units, shape)], shape, to);
  }

  /** Pools and layout: the unit passes through; one per channel only where channels stay channels. */
  private passing(node: LinearNode, shape: Shape): void {
    const given = node.inputs[0]!;
    const input = keepsChannels(node, this.shapes.get(given)!, shape) ? given : this.inScalarUnit(given);
    this.addLinear(node, [edgeFrom(input)], shape, this.units.get(input)!);
  }

  /** The constants of a node in its new units; constants follow the running operands. */
  private rescaled(node: LinearNode, units: UnitChange, shape: Shape): Source[] {
    const ids = node.inputs.filter((input) => this.plan.graph.constants.has(input));
    const constants = ids.map((id) => this.plan.graph.constants.get(id)!);
    const converted = opOf(node).rescale?.(node.attributes, constants, units, shape) ?? [];
    return converted.map((value, i) => this.constant(ids[i]!, `${node.name}.constant${i}`, value));
  }

  /** The value in one unit for all its channels. */
  private inScalarUnit(value: string): string {
    return this.inUnit(value, scalarUnit(this.units.get(value)!), this.shapes.get(value)!);
  }

  /** The value in the unit asked for: itself, or a rescaled copy (an identity skip: one accumulate a spike). */
  private inUnit(value: string, unit: Unit, shape: Shape): string {
    const from = this.units.get(value)!;
    if (sameUnit(from, unit)) return value;
    const base = `${value}#x`;
    let output = base;
    for (let i = 2; this.units.has(output); i++) output = `${base}${i}`;
    const name = this.fresh(`${output}.ratio`);
    this.constants.set(name, unitRatio(from, unit, shape));
    this.add(
      {
        kind: 'linear',
        name: output,
        op: 'Mul',
        attributes: {},
        sources: [edgeFrom(value), { constant: name }],
        output,
        shape,
        start: 0,
      },
      unit,
    );
    return output;
  }

  /** A name that no constant has, neither here nor in the graph. */
  private fresh(base: string): string {
    const taken = (name: string) =>
      this.constants.has(name) || this.plan.graph.constants.has(name as ValueId);
    let name = base;
    for (let i = 2; taken(name); i++) name = `${base}${i}`;
    return name;
  }

  /** Stores a converted constant: under the file's name, or under the node's where two nodes share it. */
  private constant(id: string, own: string, converted: Tensor): Source {
    const name = this.constants.has(id) ? this.fresh(own) : id;
    this.constants.set(name, converted);
    return { constant: name };
  }

  private addLinear(node: LinearNode, sources: readonly Source[], shape: Shape, unit: Unit): void {
    const linear: LinearSnnNode = {
      kind: 'linear',
      name: node.name,
      op: node.op,
      attributes: node.attributes,
      sources,
      output: node.outputs[0]!,
      shape,
      start: 0,
    };
    this.add(linear, unit);
  }

  private add(node: Exclude<SnnNode, { kind: 'readout' }>, unit: Unit): void {
    this.nodes.push(node);
    this.units.set(node.output, simplestUnit(unit));
    this.shapes.set(node.output, node.shape);
  }
}

/** An edge whose delay `schedule` fills in. */
function edgeFrom(value: string): Edge {
  return { value, delaySteps: 0 };
}

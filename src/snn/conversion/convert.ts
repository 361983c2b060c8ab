// SpikingPlan + amplitudes -> Network (CSS Algorithm 2, corrected).
//
//   plan ----> units: which unit each current is wanted in by its readers          (backwards)
//        ----> weights x theta_in/theta_out, biases / (K theta_out), rescaled joins  (forwards)
//        ----> windows: when every node starts and how long its sources wait               (schedule.ts)
//
// After this every spike has amplitude 1 and every node knows when its window begins.
import { kappa } from '../../encoders/kappa.ts';
import { type LinearNode, opOf, type ValueId } from '../../graph/graph.ts';
import type { UnitChange } from '../../ops/op.ts';
import { sameUnit, scalarUnit, simplestUnit, type Unit, unitRatio } from '../../ops/unit.ts';
import type { Shape } from '../../tensor/tensor.ts';
import type { Network, SnnNode, Source } from '../network/network.ts';
import type {
  PlannedAnalog,
  PlannedDecoder,
  PlannedEncoder,
  PlannedLinear,
  PlannedNeuron,
  PlannedNode,
  PlannedReadout,
  SpikingPlan,
} from '../plan/planned.ts';
import { keepsChannels, sameChannels } from './channels.ts';
import { checkAmplitudes, checkLayers } from './check-conversion.ts';
import { convertInteger } from './convert-integer.ts';
import type { ConvertOptions } from './convert-options.ts';
import { NetworkConstants } from './network-constants.ts';
import { NotInteger } from './not-integer.ts';
import { schedule } from './schedule.ts';
import { edgeFrom, encoderNode, linearNode, neuronNode, readoutNode } from './spiking-nodes.ts';
import { wantedUnits } from './wanted-units.ts';

/**
 * Converts a planned network (CSS Algorithm 2, SWS Eq. 18-19).
 * @throws Ann2SnnError `invalid-calibration` naming every layer whose amplitude is missing or not positive, and
 * `invalid-option` naming every layer whose own parameters are out of range.
 */
export function convert(plan: SpikingPlan, options: ConvertOptions): Network {
  checkAmplitudes(plan, options.amplitudes);
  checkLayers(plan, options.coding, options.layers ?? new Map());
  const integer = integerOr(plan, options);
  const { nodes, constants } = integer.network ?? convertFloat(plan, options);
  return {
    coding: options.coding,
    arithmetic: integer.network === null ? 'float32' : 'integer',
    whyFloat: integer.why,
    preprocessing: options.preprocessing,
    nodes,
    constants,
    annOperations: options.annOperations,
    provenance: options.provenance,
  };
}

/** The integer network, or why there is none. */
function integerOr(plan: SpikingPlan, options: ConvertOptions) {
  try {
    return { network: convertInteger(plan, options), why: null };
  } catch (error) {
    if (error instanceof NotInteger) return { network: null, why: error.message };
    throw error;
  }
}

function convertFloat(plan: SpikingPlan, options: ConvertOptions) {
  const converter = new Converter(plan, options);
  return { nodes: schedule(converter.convert(), options.coding.T), constants: converter.constants.values };
}

/** Live state of one conversion: units and constants as the walk goes on. */
class Converter {
  readonly constants: NetworkConstants;
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
    this.constants = new NetworkConstants((name) => plan.graph.constants.has(name as ValueId));
  }

  convert(): readonly SnnNode[] {
    for (const node of this.plan.nodes) this.node(node);
    return this.nodes;
  }

  private node(node: PlannedNode): void {
    switch (node.kind) {
      case 'encoder':
        this.encoder(node);
        break;
      case 'neuron':
        this.neuron(node);
        break;
      case 'linear':
        this.linear(node);
        break;
      case 'decoder':
        this.decoder(node);
        break;
      case 'analog':
        this.analog(node);
        break;
      case 'readout':
        this.readout(node);
        break;
    }
  }

  private encoder(planned: PlannedEncoder): void {
    const node = encoderNode(planned, this.options);
    this.add(node, node.theta);
  }

  /** Decoded values are the ANN's own: unit 1. */
  private decoder({ input, output, shape }: PlannedDecoder): void {
    const source = this.inUnit(input, 1, shape);
    this.add({ kind: 'decoder', name: output, output, sources: [edgeFrom(source)], shape, start: 0 }, 1);
  }

  private analog({ node, shape }: PlannedAnalog): void {
    const { name, op, attributes } = node;
    const sources = node.inputs.map((input): Source => {
      const constant = this.plan.graph.constants.get(input);
      if (constant === undefined) return edgeFrom(input);
      return { constant: this.constants.addConverted(input, `${name}.${input}`, constant) };
    });
    this.add({ kind: 'analog', name, op, attributes, sources, output: node.outputs[0]!, shape, start: 0 }, 1);
  }

  private neuron(planned: PlannedNeuron): void {
    const theta = this.options.amplitudes.get(planned.output)!;
    const sources = [this.inUnit(planned.input, theta, planned.inputShape)];
    // The product is in units of theta when one of its factors is.
    if (planned.factor !== undefined) sources.push(this.inUnit(planned.factor, 1, planned.inputShape));
    const node = neuronNode(planned, this.options, 'float32', this.constants);
    this.add({ ...node, sources: sources.map(edgeFrom) }, theta);
  }

  private readout(planned: PlannedReadout): void {
    const source = this.inUnit(planned.input, 1, planned.shape);
    this.nodes.push({ ...readoutNode(planned), sources: [edgeFrom(source)] });
  }

  private linear({ node, shape, analog = false }: PlannedLinear): void {
    if (opOf(node).absorbsUnits !== undefined) this.absorbing(node, shape, analog);
    else if (node.inputs.length === 1) this.passing(node, shape);
    else this.joining(node, shape);
  }

  /** Weights and factors: they take in the change of unit, and their bias is spread over the window. */
  private absorbing(node: LinearNode, shape: Shape, analog: boolean): void {
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
      analog,
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
    return converted.map((value, i) => ({
      constant: this.constants.addConverted(ids[i]!, `${node.name}.constant${i}`, value),
    }));
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
    const name = this.constants.add(`${output}.ratio`, unitRatio(from, unit, shape));
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

  private addLinear(
    node: LinearNode,
    sources: readonly Source[],
    shape: Shape,
    unit: Unit,
    analog = false,
  ): void {
    this.add({ ...linearNode(node, sources, shape), ...(analog ? { analog } : {}) }, unit);
  }

  private add(node: Exclude<SnnNode, { kind: 'readout' }>, unit: Unit): void {
    this.nodes.push(node);
    this.units.set(node.output, simplestUnit(unit));
    this.shapes.set(node.output, node.shape);
  }
}

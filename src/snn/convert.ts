// SpikingPlan + amplitudes -> Network (CSS Algorithm 2, corrected).
//
//   plan ----> units: which unit each current is wanted in by its readers          (backwards)
//        ----> weights x theta_in/theta_out, biases / (K theta_out), rescaled joins  (forwards)
//        ----> windows: every node starts with the latest of its sources, neurons Ts later
//
// After this every spike has amplitude 1 and every node knows when its window begins.
import { kappa } from '../encoders/kappa.ts';
import { type Problem, throwIfAny } from '../errors.ts';
import { imageShape, opOf, type ValueId } from '../graph/graph.ts';
import type { Op } from '../ops/op.ts';
import { floatTensor, type Shape, type Tensor } from '../tensor/tensor.ts';
import { type Coding, codingProblems } from './coding.ts';
import type { Edge, EncoderNode, LinearSnnNode, Network, NeuronNode, SnnNode, Source } from './network.ts';
import type { LinearNode, PlannedLinear, PlannedNeuron, PlannedReadout, SpikingPlan } from './plan.ts';
import { dividedByUnit, sameUnit, scalarUnit, simplestUnit, type Unit, unitAt, unitRatio } from './unit.ts';

/** Spike amplitudes theta in units of the ANN's activations, by layer; the input's under its own name. */
export type Amplitudes = ReadonlyMap<string, Unit>;

/** Parameters that may differ from layer to layer; what is missing is the coding's. */
export interface LayerOverrides {
  readonly Ts?: number;
  readonly phi?: number;
}

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
  checkLayers(plan, options);
  const converter = new Converter(plan, options);
  return {
    coding: options.coding,
    preprocessing: options.preprocessing,
    nodes: converter.convert(),
    constants: converter.constants,
    annOperations: options.annOperations,
    provenance: options.provenance,
  };
}

function checkAmplitudes(plan: SpikingPlan, amplitudes: Amplitudes): void {
  const layers = [
    { name: plan.input as string, channels: plan.inputShape[0]!, perChannel: false },
    ...plan.nodes.flatMap((node) =>
      node.kind === 'neuron'
        ? [{ name: node.output as string, channels: node.shape[0]!, perChannel: true }]
        : [],
    ),
  ];
  const problems: Problem[] = layers.flatMap(({ name, channels, perChannel }) => {
    const theta = amplitudes.get(name);
    const where = `layer "${name}"`;
    if (theta === undefined) return [{ where, message: 'expected a spike amplitude, found none' }];
    if (typeof theta !== 'number' && (!perChannel || theta.length !== channels)) {
      const expected = perChannel ? `one amplitude or ${channels}, one for each channel` : 'one amplitude';
      return [{ where, message: `expected ${expected}, found ${theta.length}` }];
    }
    const values = typeof theta === 'number' ? [theta] : theta;
    return values.every((value) => value > 0 && Number.isFinite(value))
      ? []
      : [
          {
            where,
            message: `expected amplitudes above 0, found ${values.find((v) => !(v > 0 && Number.isFinite(v)))}`,
          },
        ];
  });
  throwIfAny('invalid-calibration', problems);
}

function checkLayers(plan: SpikingPlan, { coding, layers = new Map() }: ConvertOptions): void {
  const neurons = new Set(
    plan.nodes.flatMap((node) => (node.kind === 'neuron' ? [node.output as string] : [])),
  );
  const problems: Problem[] = [...layers].flatMap(([name, overrides]) => {
    const where = `layer "${name}"`;
    if (!neurons.has(name)) return [{ where, message: `expected one of ${[...neurons].join(', ')}` }];
    return codingProblems({ ...coding, ...overrides }).map((problem) => ({
      where: `${where}: ${problem.where}`,
      message: problem.message,
    }));
  });
  throwIfAny('invalid-option', problems);
}

/** Live state of one conversion: units, starts and constants as the walk goes on. */
class Converter {
  readonly constants = new Map<string, Tensor>();
  private readonly plan: SpikingPlan;
  private readonly options: ConvertOptions;
  private readonly K: number;
  private readonly wanted: ReadonlyMap<ValueId, Unit>;
  private readonly units = new Map<string, Unit>();
  private readonly starts = new Map<string, number>();
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
    const opens = this.starts.get(source)!;
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
      start: opens + Ts,
    };
    this.add(node, theta);
  }

  private affine(planned: PlannedNeuron, theta: Unit): { scale: string; shift: string } {
    const { scale, shift } = planned.affine!;
    const names = { scale: `${planned.output}.scale`, shift: `${planned.output}.shift` };
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
      start: this.starts.get(source)!,
      head: planned.head,
    });
  }

  private linear({ node, shape }: PlannedLinear): void {
    switch (node.op) {
      case 'Conv':
      case 'Gemm':
      case 'MatMul':
        this.weighted(node, shape);
        break;
      case 'Mul':
        this.scaling(node, shape);
        break;
      case 'Add':
      case 'Concat':
        this.joining(node, shape);
        break;
      default:
        this.passing(node, shape);
    }
  }

  /** Conv, Gemm, MatMul: weights take in both units, the bias is spread over the window. */
  private weighted(node: LinearNode, shape: Shape): void {
    const [input, weightId, biasId] = node.inputs as [ValueId, ValueId, ValueId?];
    let source: string = input;
    const weights = this.plan.graph.constants.get(weightId)!;
    const wanted = this.wanted.get(node.outputs[0]!) ?? 1;
    // Columns are the last axis of MatMul's output: its channels only where an image has no other axis.
    const columnsAreChannels = weights.shape.length === 2 && shape.length === 1;
    const to = node.op === 'MatMul' && !columnsAreChannels ? scalarUnit(wanted) : wanted;
    let from = this.units.get(source)!;
    if (typeof from !== 'number' && node.op !== 'Conv') {
      source = this.inScalarUnit(input);
      from = this.units.get(source)!;
    }
    const scaled = new Float32Array(weights.data.length);
    const outputs = node.op === 'MatMul' ? 1 : weights.shape[0]!;
    const fan = weights.data.length / outputs;
    const group = node.op === 'Conv' ? node.attributes.group : 1;
    const kernel = node.op === 'Conv' ? fan / weights.shape[1]! : 1;
    const columns = weights.shape.at(-1)!;
    for (let i = 0; i < scaled.length; i++) {
      const o = node.op === 'MatMul' ? i % columns : Math.floor(i / fan);
      const c =
        typeof from === 'number'
          ? 0
          : Math.floor(o / (outputs / group)) * weights.shape[1]! + Math.floor((i % fan) / kernel);
      scaled[i] = (weights.data[i]! * unitAt(from, c)) / unitAt(to, o);
    }
    const sources: Source[] = [
      this.edge(source),
      this.constant(weightId, `${node.name}.weight`, floatTensor(weights.shape, scaled)),
    ];
    if (biasId !== undefined) {
      const bias = this.plan.graph.constants.get(biasId)!;
      const perStep = Float32Array.from(bias.data, (b, o) => b / (this.K * unitAt(to, o)));
      sources.push(this.constant(biasId, `${node.name}.bias`, floatTensor(bias.shape, perStep)));
    }
    this.addLinear(node, node.name, sources, shape, to);
  }

  /** Mul by a constant takes in the ratio of units. */
  private scaling(node: LinearNode, shape: Shape): void {
    const constantId = node.inputs[1]!;
    const input = sameChannels(this.shapes.get(node.inputs[0]!)!, shape)
      ? node.inputs[0]!
      : this.inScalarUnit(node.inputs[0]!);
    const from = this.units.get(input)!;
    const to = this.wanted.get(node.outputs[0]!) ?? from;
    const constant = this.plan.graph.constants.get(constantId)!;
    const ratio =
      typeof from === 'number' && typeof to === 'number' ? to / from : this.ratios(to, from, shape);
    const scaled = sameUnit(from, to) ? constant : dividedByUnit(constant, ratio, shape);
    this.addLinear(
      node,
      node.name,
      [this.edge(input), this.constant(constantId, `${node.name}.scale`, scaled)],
      shape,
      to,
    );
  }

  private ratios(a: Unit, b: Unit, shape: Shape): readonly number[] {
    return Array.from({ length: shape[0]! }, (_, c) => unitAt(a, c) / unitAt(b, c));
  }

  /** Add and Concat: every branch in the unit of the sum (theta_branch / theta_out); constants spread over the window. */
  private joining(node: LinearNode, shape: Shape): void {
    const runtime = node.inputs.filter((input) => !this.plan.graph.constants.has(input));
    const wanted = this.wanted.get(node.outputs[0]!) ?? this.joinedUnit(node, runtime);
    const aligned = runtime.every((input) => sameChannels(this.shapes.get(input)!, shape));
    const to = aligned ? wanted : scalarUnit(wanted);
    const branches = new Map(
      runtime.map((input) => [input, this.inUnit(input, to, this.shapes.get(input)!)]),
    );
    const start = Math.max(...[...branches.values()].map((value) => this.starts.get(value)!));
    const sources = node.inputs.map((input): Source => {
      const branch = branches.get(input);
      if (branch !== undefined) return this.edge(branch, start);
      const constant = this.plan.graph.constants.get(input)!;
      const perStep = typeof to === 'number' ? to * this.K : to.map((unit) => unit * this.K);
      return this.constant(input, `${node.name}.shift`, dividedByUnit(constant, perStep, shape));
    });
    this.addLinear(node, node.name, sources, shape, to);
  }

  private joinedUnit(node: LinearNode, runtime: readonly ValueId[]): Unit {
    const first = this.units.get(runtime[0]!)!;
    return node.op === 'Concat' ? scalarUnit(first) : first;
  }

  /** Pools and layout: the unit passes through; one per channel only where channels stay channels. */
  private passing(node: LinearNode, shape: Shape): void {
    const input = node.inputs[0]!;
    const unit = this.units.get(input)!;
    const keeps = keepsChannels(opOf(node), node, this.shapes.get(input)!, shape);
    const source = typeof unit === 'number' || keeps ? input : this.inScalarUnit(input);
    this.addLinear(node, node.name, [this.edge(source)], shape, this.units.get(source)!);
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
    const name = `${output}.ratio`;
    this.constants.set(name, unitRatio(from, unit, shape));
    this.add(
      {
        kind: 'linear',
        name: output,
        op: 'Mul',
        attributes: {},
        sources: [this.edge(value), { constant: name }],
        output,
        shape,
        start: this.starts.get(value)!,
      },
      unit,
    );
    return output;
  }

  /** Stores a converted constant: under the file's name, or under the node's where two nodes share it. */
  private constant(id: string, own: string, converted: Tensor): Source {
    const name = this.constants.has(id) ? own : id;
    this.constants.set(name, converted);
    return { constant: name };
  }

  private edge(value: string, start = this.starts.get(value)!): Edge {
    return { value, delaySteps: start - this.starts.get(value)! };
  }

  private addLinear(
    node: LinearNode,
    name: string,
    sources: readonly Source[],
    shape: Shape,
    unit: Unit,
  ): void {
    const edges = sources.filter((source): source is Edge => 'value' in source);
    const start = Math.max(...edges.map((edge) => this.starts.get(edge.value)! + edge.delaySteps));
    const linear: LinearSnnNode = {
      kind: 'linear',
      name,
      op: node.op,
      attributes: node.attributes,
      sources,
      output: node.outputs[0]!,
      shape,
      start,
    };
    this.add(linear, unit);
  }

  private add(node: Exclude<SnnNode, { kind: 'readout' }>, unit: Unit): void {
    this.nodes.push(node);
    this.units.set(node.output, simplestUnit(unit));
    this.starts.set(node.output, node.start);
    this.shapes.set(node.output, node.shape);
  }
}

/**
 * The unit in which each value's readers want it, walking backwards from the neurons (theta of the layer) and
 * readouts (1). A value that only weighted maps read is free: their weights take any unit in.
 */
function wantedUnits(plan: SpikingPlan, amplitudes: Amplitudes): ReadonlyMap<ValueId, Unit> {
  const wanted = new Map<ValueId, Unit>();
  const want = (value: ValueId, unit: Unit | undefined) => {
    if (unit !== undefined && !wanted.has(value)) wanted.set(value, unit);
  };
  for (const planned of plan.nodes.toReversed()) {
    if (planned.kind === 'neuron') want(planned.input, amplitudes.get(planned.output)!);
    else if (planned.kind === 'readout') want(planned.input, 1);
    else {
      const { node } = planned;
      const op = opOf(node);
      const unit = wanted.get(node.outputs[0]!);
      if (op.role === 'weighted' || node.op === 'Mul' || unit === undefined) continue;
      for (const input of node.inputs) {
        if (plan.graph.constants.has(input)) continue;
        const passes =
          typeof unit === 'number' ||
          (node.op !== 'Concat' && keepsChannels(op, node, imageShape(plan.graph, input), planned.shape));
        if (passes) want(input, unit);
      }
    }
  }
  return wanted;
}

/** Whether axis 0 of an operand's image is axis 0 of the result's, none of them broadcast or part of a Concat. */
function sameChannels(from: Shape, to: Shape): boolean {
  return from.length === to.length && from[0] === to[0];
}

function keepsChannels(op: Op, node: LinearNode, from: Shape, to: Shape): boolean {
  return op.keepsChannels?.(node.attributes, [[1, ...from]], [1, ...to]) ?? false;
}

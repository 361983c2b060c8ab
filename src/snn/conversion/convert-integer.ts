// SpikingPlan -> integer Network (SWS Eq. 16-19, with spikes that carry q - Z). Weights stay the quantizer's integers, so
// currents are whole numbers; what they stand for is kept beside them as a sum
//   ANN value = sum over k of unit_k * (whole number)_k + constant,
// which every linear node maps to another one. Scales and biases are applied where the sum is compared: at the membranes.
import { type LinearNode, type NodeNamed, opOf, type ValueId } from '../../graph/graph.ts';
import { neuronNamed } from '../../neurons/index.ts';
import { scaleAt } from '../../tensor/grid.ts';
import { type Shape, sameShape, sizeOf, tensor } from '../../tensor/tensor.ts';
import { currentBounds, membraneBound } from '../network/current-bounds.ts';
import { isSpiking, type MembraneInput, type SnnNode, type Source } from '../network/network.ts';
import {
  type PlannedEncoder,
  type PlannedLinear,
  type PlannedNeuron,
  type PlannedReadout,
  plannedInputs,
  type SpikingPlan,
} from '../plan/planned.ts';
import type { ConvertOptions } from './convert-options.ts';
import { type MeanNode, shapeBehind, sumOver } from './integer-mean.ts';
import {
  applied,
  compact,
  divided,
  type IntegerSum,
  imageTensor,
  overImage,
  perElement,
  perOutput,
  spread,
  type Units,
  uniform,
  unitOf,
} from './integer-sum.ts';
import { inputChannelOf, mappedConstant, narrow } from './integer-weights.ts';
import { FORECAST_BITS } from './look-ahead.ts';
import { NetworkConstants } from './network-constants.ts';
import { NotInteger } from './not-integer.ts';
import { schedule } from './schedule.ts';
import { edgeFrom, encoderNode, linearNode, neuronNode, readoutNode } from './spiking-nodes.ts';

/** Currents that one weighted map may be split into before an integer network stops being worth it. */
const MOST_PARTS = 16;

/** Bits of the whole numbers whose sums in float64 are exact. */
const EXACT_BITS = 53;

/**
 * Converts a plan whose weights are quantized.
 * @throws NotInteger with the reason where something in it is not a whole number times a scale.
 */
export function convertInteger(plan: SpikingPlan, options: ConvertOptions) {
  const converter = new IntegerConverter(plan, options);
  const nodes = schedule(converter.convert(), options.coding.T, options.lookAhead);
  const constants = converter.constants.values;
  const bounds = currentBounds({ nodes, constants });
  for (const node of nodes) {
    if (node.kind !== 'neuron' && node.kind !== 'readout') continue;
    const bound = membraneBound({ coding: options.coding }, node, bounds);
    const bits =
      node.kind === 'neuron' && node.forecast !== undefined ? EXACT_BITS - FORECAST_BITS : EXACT_BITS;
    if (bound >= 2 ** bits)
      throw new NotInteger(`the membranes of "${node.name}" could reach ${bound}, beyond 2^${bits}`);
  }
  return { nodes, constants };
}

/** Live state of one conversion. */
class IntegerConverter {
  readonly constants: NetworkConstants;
  private readonly plan: SpikingPlan;
  private readonly options: ConvertOptions;
  private readonly sums = new Map<string, IntegerSum>();
  private readonly nodes: SnnNode[] = [];

  constructor(plan: SpikingPlan, options: ConvertOptions) {
    this.plan = plan;
    this.options = options;
    this.constants = new NetworkConstants((name) => plan.graph.constants.has(name as ValueId));
  }

  convert(): readonly SnnNode[] {
    this.requireQuantizedWeights();
    if (this.options.coding.beta !== 2) throw new NotInteger(`beta is ${this.options.coding.beta}, not 2`);
    if (plannedInputs(this.plan).length > 1) throw new NotInteger('it has several inputs');
    for (const node of this.plan.nodes) {
      if (node.kind === 'encoder') this.encoder(node);
      else if (node.kind === 'neuron') this.neuron(node);
      else if (node.kind === 'readout') this.readout(node);
      else if (node.kind === 'linear') this.sums.set(node.node.outputs[0]!, this.linear(node));
    }
    return this.nodes;
  }

  private encoder(planned: PlannedEncoder): void {
    const encoder = encoderNode(planned, this.options);
    if (!isSpiking(encoder) && encoder.grid === undefined) {
      throw new NotInteger('the image enters as it is and has no quantizer');
    }
    this.nodes.push(encoder);
    this.spikes(encoder.output, encoder.theta, encoder.shape);
  }

  private requireQuantizedWeights(): void {
    for (const planned of this.plan.nodes) {
      if (planned.kind === 'analog') {
        throw new NotInteger(`${planned.node.op} "${planned.node.name}" is computed on decoded values`);
      }
      if (planned.kind === 'neuron' && planned.factor !== undefined) {
        throw new NotInteger(`"${planned.output}" is a product of two running values`);
      }
      if (planned.kind !== 'linear' || opOf(planned.node).role !== 'weighted') continue;
      const { node } = planned;
      if (this.plan.graph.constants.get(node.inputs[1]!)?.grid !== undefined) continue;
      throw new NotInteger(`the weights of ${node.op} "${node.name}" are not quantized`);
    }
  }

  private spikes(value: string, units: Units, shape: Shape): void {
    this.sums.set(value, { shape, terms: [{ value, units }], constant: null });
  }

  private neuron(planned: PlannedNeuron): void {
    if (!neuronNamed(planned.neuron).exact) {
      throw new NotInteger(`"${planned.output}" is carried by ${planned.neuron}, which computes with reals`);
    }
    const theta = this.options.amplitudes.get(planned.output)!;
    const node = neuronNode(planned, this.options, 'integer', this.constants);
    const perPotential = spread(theta, planned.inputShape);
    this.nodes.push({ ...node, ...this.summed(planned.output, planned.input, perPotential) });
    this.spikes(planned.output, spread(theta, planned.shape), planned.shape);
  }

  private readout(planned: PlannedReadout): void {
    this.nodes.push({
      ...readoutNode(planned),
      ...this.summed(`${planned.name}.readout`, planned.input, 1),
    });
  }

  /** The sources and the bias of a node that compares or reads a sum in units of `theta`. */
  private summed(
    name: string,
    input: ValueId,
    theta: Units,
  ): { sources: readonly MembraneInput[]; bias?: string } {
    const { terms, constant, shape } = this.sums.get(input)!;
    const inTheta = (units: Units) => compact(divided(units, theta, sizeOf(shape)), shape);
    const sources = terms.map(({ value, units }, k): MembraneInput => {
      return { ...edgeFrom(value), scale: this.constants.add(`${name}.source${k}.scale`, inTheta(units)) };
    });
    if (constant === null) return { sources };
    return { sources, bias: this.constants.add(`${name}.bias`, inTheta(constant)) };
  }

  private linear(planned: PlannedLinear): IntegerSum {
    const { node, shape } = planned;
    switch (node.op) {
      case 'Conv':
      case 'Gemm':
        return this.weighted(node, shape);
      case 'Add':
        return this.added(node, shape);
      case 'Mul':
        return this.multiplied(node, shape);
      case 'Concat':
        return this.concatenated(node, shape);
      case 'AveragePool':
      case 'GlobalAveragePool':
      case 'ReduceMean':
        return this.averaged(node, shape);
      case 'Pad':
      case 'Reshape':
      case 'Slice':
      case 'Transpose':
        return this.rearranged(node, shape);
      case 'MatMul':
        throw new NotInteger(`MatMul "${node.name}" is no fully connected layer`);
      case 'ConvTranspose':
      case 'Expand':
      case 'Resize':
        throw new NotInteger(`${node.op} "${node.name}" is carried in float32 only`);
    }
  }

  /** W (sum of u_k x_k + c) + b: one map of whole numbers for each unit among its input channels. */
  private weighted(node: NodeNamed<'Conv'> | NodeNamed<'Gemm'>, shape: Shape): IntegerSum {
    const input = this.sums.get(node.inputs[0]!)!;
    const weights = this.plan.graph.constants.get(node.inputs[1]!)!;
    const grid = weights.grid!;
    if (grid.scale.length > 1 && grid.axis !== 0) {
      throw new NotInteger(`the weights of ${node.op} "${node.name}" have a scale for each input`);
    }
    if (grid.low < -32768 || grid.high > 32767) {
      throw new NotInteger(`the weights of ${node.op} "${node.name}" take more than 16 bits`);
    }
    const integers = Int16Array.from(weights.data, (value, i) =>
      Math.round(value / scaleAt(grid, weights.shape, i)),
    );
    const channelOf = inputChannelOf(node, weights.shape);
    const parts = input.terms.flatMap(({ value, units }) =>
      this.unitsOfChannels(node, units, input.shape).map((unit) => ({
        value,
        unit: unit.unit,
        weights:
          unit.channels === null
            ? integers
            : integers.map((w, i) => (unit.channels!.has(channelOf(i)) ? w : 0)),
      })),
    );
    if (parts.length > MOST_PARTS) {
      throw new NotInteger(`${node.op} "${node.name}" reads ${parts.length} different scales`);
    }
    const terms = parts.map(({ value, unit, weights: part }, k) => {
      const name = this.constants.addConverted(
        k === 0 ? node.inputs[1]! : `${node.inputs[1]}#${k + 1}`,
        `${node.name}.weight${k === 0 ? '' : `#${k + 1}`}`,
        narrow(weights.shape, part),
      );
      const output = this.emit(node, k, [edgeFrom(value), { constant: name }], shape);
      return {
        value: output,
        units: perOutput(
          grid.scale.map((scale) => scale * unit),
          shape,
        ),
      };
    });
    const bias = node.inputs[2] === undefined ? null : this.plan.graph.constants.get(node.inputs[2])!;
    const constant = mappedConstant(node, input, weights, bias);
    return { shape, terms, constant };
  }

  /** The units among the input channels, each with its channels; null stands for all of them. */
  private unitsOfChannels(node: LinearNode, units: Units, shape: Shape) {
    if (typeof units === 'number') return [{ unit: units, channels: null }];
    const area = sizeOf(shape.slice(1));
    const groups = new Map<number, Set<number>>();
    for (let c = 0; c < shape[0]!; c++) {
      // 0 is the unit of what never carries anything, such as padding, and of what is multiplied by 0.
      const plane = units.subarray(c * area, (c + 1) * area).filter((unit) => unit !== 0);
      const unit = plane[0] ?? 0;
      if (plane.some((other) => other !== unit)) {
        throw new NotInteger(`${node.op} "${node.name}" reads a channel of several scales`);
      }
      if (unit !== 0) groups.set(unit, (groups.get(unit) ?? new Set()).add(c));
    }
    if (groups.size === 0) return [{ unit: 0, channels: null }];
    const [[only, channels]] = [...groups] as [[number, Set<number>]];
    if (channels.size === shape[0]) return [{ unit: only, channels: null }];
    return [...groups].map(([unit, channels]) => ({ unit, channels }));
  }

  private added(node: NodeNamed<'Add'>, shape: Shape): IntegerSum {
    const terms: IntegerSum['terms'][number][] = [];
    let constant: Float64Array | null = null;
    for (const id of node.inputs) {
      const fixed = this.plan.graph.constants.get(id);
      const sum = this.sums.get(id);
      if (sum !== undefined && !sameShape(sum.shape, shape)) {
        throw new NotInteger(`Add "${node.name}" repeats a running tensor over another`);
      }
      terms.push(...(sum?.terms ?? []));
      const more = fixed === undefined ? sum!.constant : overImage(fixed, shape);
      if (more !== null) constant = constant === null ? more : constant.map((value, i) => value + more[i]!);
    }
    return { shape, terms, constant };
  }

  private multiplied(node: NodeNamed<'Mul'>, shape: Shape): IntegerSum {
    const sum = this.sums.get(node.inputs[0]!)!;
    if (!sameShape(sum.shape, shape)) {
      throw new NotInteger(`Mul "${node.name}" repeats a running tensor over its factor`);
    }
    const factors = overImage(this.plan.graph.constants.get(node.inputs[1]!)!, shape);
    return {
      shape,
      terms: sum.terms.map(({ value, units }) => ({
        value,
        units: factors.map((f, i) => f * unitOf(units, i)),
      })),
      constant: sum.constant === null ? null : sum.constant.map((value, i) => value * factors[i]!),
    };
  }

  private rearranged(node: LinearNode, shape: Shape): IntegerSum {
    const sum = this.sums.get(node.inputs[0]!)!;
    const moved = (values: Float64Array) => applied(node, [imageTensor(values, sum.shape)]);
    return {
      shape,
      terms: sum.terms.map(({ value, units }, k) => {
        const output = this.emit(node, k, [edgeFrom(value)], shape);
        return { value: output, units: typeof units === 'number' ? units : moved(units) };
      }),
      constant: sum.constant === null ? null : moved(sum.constant),
    };
  }

  /** The first terms are joined side by side; each further one is padded with silence to the joined shape. */
  private concatenated(node: NodeNamed<'Concat'>, shape: Shape): IntegerSum {
    const sums = node.inputs.map((input) => this.sums.get(input)!);
    const axis = node.attributes.axis;
    const joined = (values: readonly (Float64Array | null)[]) =>
      applied(
        node,
        sums.map((sum, i) => imageTensor(values[i] ?? new Float64Array(sizeOf(sum.shape)), sum.shape)),
      );
    const units = joined(sums.map((sum) => perElement(sum.terms[0]!.units, sum.shape)));
    const first = this.emit(
      node,
      0,
      sums.map(({ terms }) => edgeFrom(terms[0]!.value)),
      shape,
    );
    const terms: IntegerSum['terms'][number][] = [{ value: first, units: uniform(units) }];
    let before = 0;
    for (const [i, sum] of sums.entries()) {
      for (const { value, units: own } of sum.terms.slice(1)) {
        const pads = [before, shape[axis - 1]! - before - sum.shape[axis - 1]!];
        const output = this.padded(node, terms.length, value, axis, pads, shape);
        const lone = sums.map((_, j) => (j === i ? perElement(own, sum.shape) : null));
        terms.push({ value: output, units: joined(lone) });
      }
      before += sum.shape[axis - 1]!;
    }
    const constant = sums.every((sum) => sum.constant === null)
      ? null
      : joined(sums.map((sum) => sum.constant));
    return { shape, terms, constant };
  }

  private padded(
    node: LinearNode,
    k: number,
    value: string,
    axis: number,
    [begin, end]: readonly number[],
    shape: Shape,
  ): string {
    const pads = new Array<number>(2 * (shape.length + 1)).fill(0);
    pads[axis] = begin!;
    pads[shape.length + 1 + axis] = end!;
    const pad = { ...node, op: 'Pad', attributes: { pads, value: 0 } } as NodeNamed<'Pad'>;
    return this.emit(pad, k, [edgeFrom(value)], shape);
  }

  /** A mean is a sum of whole numbers, by a depthwise Conv of ones, in a smaller unit; borders may have units of their own. */
  private averaged(node: MeanNode, shape: Shape): IntegerSum {
    const sum = this.sums.get(node.inputs[0]!)!;
    const conv = sumOver(node, sum.shape);
    const kernel = [sum.shape[0]!, 1, ...conv.attributes.kernelShape];
    const ones = this.constants.add(
      `${node.name}.ones`,
      tensor('int8', kernel, new Int8Array(sizeOf(kernel)).fill(1)),
    );
    const all = imageTensor(new Float64Array(sizeOf(sum.shape)).fill(1), sum.shape);
    const counted = applied(conv, [all, this.constants.values.get(ones)!]);
    const share = applied(node, [all]).map((mean, i) => mean / counted[i]!);
    const pooledShape = [sum.shape[0]!, ...shapeBehind(conv, sum.shape)];
    return {
      shape,
      terms: sum.terms.map(({ value, units }, k) => {
        if (typeof units !== 'number') requireUniformPlanes(node, units, sum.shape);
        let output = this.emit(conv, k, [edgeFrom(value), { constant: ones }], pooledShape);
        if (!sameShape(pooledShape, shape)) {
          const before = output;
          const reshape = {
            ...node,
            op: 'Reshape',
            attributes: { shape: [-1, ...shape], allowZero: false },
          } as unknown as NodeNamed<'Reshape'>;
          output = this.emit(reshape, k, [edgeFrom(before)], shape, '.flat');
        }
        const area = sizeOf(shape.slice(1));
        const own =
          typeof units === 'number'
            ? share.map((s) => s * units)
            : share.map((s, i) => s * units[Math.floor(i / area) * sizeOf(sum.shape.slice(1))]!);
        return { value: output, units: uniform(own) };
      }),
      constant: sum.constant === null ? null : applied(node, [imageTensor(sum.constant, sum.shape)]),
    };
  }

  /** Appends the k-th node that stands for a node of the graph, and returns its output. */
  private emit(node: LinearNode, k: number, sources: readonly Source[], shape: Shape, suffix = ''): string {
    const mark = `${k === 0 ? '' : `#${k + 1}`}${suffix}`;
    const linear = linearNode(node, sources, shape, mark);
    this.nodes.push(linear);
    return linear.output;
  }
}

function requireUniformPlanes(node: LinearNode, units: Float64Array, shape: Shape): void {
  const area = sizeOf(shape.slice(1));
  if (units.some((unit, i) => unit !== units[i - (i % area)])) {
    throw new NotInteger(`${node.op} "${node.name}" averages over different scales`);
  }
}

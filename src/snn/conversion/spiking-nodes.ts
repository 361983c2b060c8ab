// What the nodes of a network are whatever its arithmetic: the encoder, a linear node on its sources, layers of neurons and
// readouts but for the currents that they sum. `schedule` fills in starts and delays.
import { encoderNamed } from '../../encoders/index.ts';
import { kappa } from '../../encoders/kappa.ts';
import type { LinearNode } from '../../graph/graph.ts';
import { scalarUnit, type Unit, unitAt } from '../../ops/unit.ts';
import { type Shape, tensor } from '../../tensor/tensor.ts';
import type {
  Edge,
  EncoderNode,
  LinearSnnNode,
  Network,
  NeuronNode,
  ReadoutNode,
  Source,
} from '../network/network.ts';
import type { PlannedEncoder, PlannedNeuron, PlannedReadout } from '../plan/planned.ts';
import type { ConvertOptions } from './convert-options.ts';
import { forecastFor } from './look-ahead.ts';
import type { NetworkConstants } from './network-constants.ts';
import { trackedFunction } from './tracked-function.ts';

/** An edge whose delay is not known yet. */
export function edgeFrom(value: string): Edge {
  return { value, delaySteps: 0 };
}

/**
 * A node that applies the operator of a node of the graph.
 * @param shape of one image at one step
 * @param mark ends name and output where several nodes stand for one of the graph
 */
export function linearNode(
  { name, op, attributes, outputs }: LinearNode,
  sources: readonly Source[],
  shape: Shape,
  mark = '',
): LinearSnnNode {
  const output = `${outputs[0]}${mark}`;
  return { kind: 'linear', name: `${name}${mark}`, op, attributes, sources, output, shape, start: 0 };
}

/** A readout without its sources. */
export function readoutNode({ name, shape, head }: PlannedReadout): Omit<ReadoutNode, 'sources' | 'bias'> {
  return { kind: 'readout', name, shape, start: 0, head };
}

/**
 * An encoder: it emits what the plan says, on the grid of its input's quantizer where there is one. A value computed on the
 * way always spikes.
 */
export function encoderNode(planned: PlannedEncoder, { coding, amplitudes }: ConvertOptions): EncoderNode {
  const { name, source, output, quantizer: grid, shape } = planned;
  const { T, beta } = coding;
  const encoder = source === null || encoderNamed(coding.encoder).spikes ? coding.encoder : 'css';
  // Without spikes the image enters in units of its own and is multiplied by beta at every step but the first.
  const theta = encoderNamed(encoder).spikes
    ? scalarUnit(amplitudes.get(name)!)
    : (grid?.scale[0] ?? 1) * beta ** (1 - T);
  return {
    kind: 'encoder',
    name,
    output,
    ...(source === null ? {} : { source: edgeFrom(source) }),
    encoder,
    theta,
    ...(grid === undefined ? {} : { grid: { scale: grid.scale[0]!, low: grid.low, high: grid.high } }),
    shape,
    start: 0,
  };
}

/** A layer of neurons without its sources. */
export function neuronNode(
  planned: PlannedNeuron,
  options: ConvertOptions,
  arithmetic: Network['arithmetic'],
  constants: NetworkConstants,
): Omit<NeuronNode, 'sources' | 'bias'> {
  const { coding } = options;
  const K = kappa(coding.T, coding.beta);
  const theta = options.amplitudes.get(planned.output)!;
  const overrides = options.layers?.get(planned.output) ?? {};
  const stored = (role: string, values: readonly number[]) => {
    const same = values.every((value) => value === values[0]);
    const own = values.length === planned.shape[0] ? [values.length] : planned.shape;
    const [shape, data] = same ? [[], [values[0]!]] : [own, values];
    const dtype = arithmetic === 'integer' ? 'float64' : 'float32';
    return constants.add(`${planned.output}.${role}`, tensor(dtype, shape, data));
  };
  const { neuron, parameters } = trackedFunction(planned, theta, K);
  const given = Object.entries(parameters);
  return {
    kind: 'neuron',
    name: planned.output,
    output: planned.output,
    neuron,
    ...(planned.factor === undefined ? {} : { product: true }),
    potentialShape: planned.inputShape,
    shape: planned.shape,
    theta,
    Ts: overrides.Ts ?? coding.Ts,
    phi: overrides.phi ?? coding.phi,
    ...(overrides.lastPhi === undefined ? {} : { lastPhi: overrides.lastPhi }),
    ...(overrides.negativeSpikes === undefined ? {} : { negativeSpikes: overrides.negativeSpikes }),
    ...(arithmetic === 'integer' && options.lookAhead === true ? forecastFor(coding) : {}),
    ...(planned.pool === undefined ? {} : { pool: planned.pool }),
    ...(planned.affine === undefined
      ? {}
      : { affine: affineConstants(planned, theta, arithmetic === 'integer' ? null : K, constants) }),
    ...(given.length === 0
      ? {}
      : { parameters: Object.fromEntries(given.map(([name, values]) => [name, stored(name, values)])) }),
    annValue: planned.nodes.length === 0 ? planned.input : planned.output,
    ...annGrid(planned),
    start: 0,
  };
}

/** How to read the file's integers, where it holds such under the name of the neurons' value. */
function annGrid({ quantizer, integersInFile }: PlannedNeuron): Pick<NeuronNode, 'annGrid'> {
  if (quantizer === undefined || !integersInFile) return {};
  const { scale, zeroPoint } = quantizer;
  return { annGrid: { scale: scale.length === 1 ? scale[0]! : scale, zeroPoint } };
}

/** @param K what a shift per step is a share of; null where the shift is that of the whole window, exact in float64 */
function affineConstants(planned: PlannedNeuron, theta: Unit, K: number | null, constants: NetworkConstants) {
  const { scale, shift } = planned.affine!;
  const inTheta = shift.map((value, c) => value / ((K ?? 1) * unitAt(theta, c)));
  const channels = (values: readonly number[]) =>
    tensor(K === null ? 'float64' : 'float32', [values.length], values);
  return {
    scale: constants.add(`${planned.output}.scale`, channels(scale)),
    shift: constants.add(`${planned.output}.shift`, channels(inTheta)),
  };
}

// A simulator of .snn files written from docs/format.md alone: it imports nothing of src/. All nodes advance
// together by global steps, and edges look back by their delay. Section numbers are those of the page.
import {
  type Attributes,
  applyOperator,
  largest,
  type Numbers,
  overWindows,
  sizeOf,
  type Value,
} from './snn-operators.ts';

interface Edge {
  readonly value: string;
  readonly delaySteps: number;
  readonly scale?: string;
  readonly aheadSteps?: number;
}
type Source = Edge | { readonly constant: string };

export interface SnnNode {
  readonly kind: 'encoder' | 'linear' | 'neuron' | 'decoder' | 'analog' | 'readout';
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly output?: string;
  readonly encoder?: string;
  readonly source?: Edge;
  readonly theta?: number | readonly number[];
  readonly grid?: { readonly scale: number; readonly low: number; readonly high: number };
  readonly op?: string;
  readonly attributes?: Attributes;
  readonly sources?: readonly Source[];
  readonly bias?: string;
  readonly neuron?: string;
  readonly product?: boolean;
  readonly potentialShape?: readonly number[];
  readonly Ts?: number;
  readonly phi?: number;
  readonly lastPhi?: number;
  readonly negativeSpikes?: boolean;
  readonly forecast?: readonly number[];
  readonly pool?: Attributes;
  readonly affine?: { readonly scale: string; readonly shift: string };
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface SnnFile {
  readonly coding: { readonly T: number; readonly beta: number };
  readonly arithmetic: 'float32' | 'integer';
  readonly nodes: readonly SnnNode[];
  readonly tensors: ReadonlyMap<string, Value>;
}

export interface Run {
  /** Accumulated logits of every readout: one array for each step 1..T. */
  readonly logits: ReadonlyMap<string, readonly Float32Array[]>;
  /** Spikes of every spiking layer: one array for each step 1..T. */
  readonly spikes: ReadonlyMap<string, readonly Float64Array[]>;
  /** Global steps until every readout was complete. */
  readonly steps: number;
}

const f32 = Math.fround;

/** Section 1: the element types that the tests' networks hold. */
const ELEMENTS: Readonly<
  Record<string, readonly [bytes: number, (view: DataView, at: number) => number, (n: number) => Numbers]>
> = {
  F32: [4, (view, at) => view.getFloat32(at, true), (n) => new Float32Array(n)],
  F64: [8, (view, at) => view.getFloat64(at, true), (n) => new Float64Array(n)],
  I8: [1, (view, at) => view.getInt8(at), (n) => new Int8Array(n)],
  I16: [2, (view, at) => view.getInt16(at, true), (n) => new Int16Array(n)],
};

/** Section 1: the container. */
export function parseSnn(bytes: Uint8Array): SnnFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const tensors = new Map<string, Value>();
  for (const [name, entry] of Object.entries<{ dtype: string; shape: number[]; data_offsets: number[] }>(
    header,
  )) {
    if (name === '__metadata__') continue;
    const element = ELEMENTS[entry.dtype];
    if (element === undefined) throw new Error(`${name} is ${entry.dtype}`);
    const [size, read, make] = element;
    const begin = 8 + length + entry.data_offsets[0]!;
    const data = make(sizeOf(entry.shape));
    for (let i = 0; i < data.length; i++) data[i] = read(view, begin + size * i);
    tensors.set(name, { shape: entry.shape, data });
  }
  const network = JSON.parse(header.__metadata__.network);
  if (network.format !== 'ann2snn-network/2') throw new Error(`format ${network.format}`);
  return { coding: network.coding, arithmetic: network.arithmetic, nodes: network.nodes, tensors };
}

/** Section 2.2: the input of an encoder, where several lie side by side in an image. */
function inputOf({ nodes }: SnnFile, node: SnnNode, image: Float32Array): Float32Array {
  const inputs = nodes.filter(({ kind, source }) => kind === 'encoder' && source === undefined);
  const before = inputs.slice(0, inputs.indexOf(node)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return image.subarray(before, before + sizeOf(node.shape));
}

/** Section 3: runs one image. */
export function simulate(file: SnnFile, image: Float32Array): Run {
  const { T, beta } = file.coding;
  const outputs = new Map<string, Float64Array[]>();
  const shapes = new Map<string, readonly number[]>();
  const logits = new Map<string, Float32Array[]>();
  const spikes = new Map<string, Float64Array[]>();
  const states = new Map<SnnNode, State>();
  const analogs = new Map<string, Value>();
  const last = Math.max(...file.nodes.map((node) => node.start)) + T;
  const emitted = (name: string, out: Float64Array) => {
    if (!spikes.has(name)) spikes.set(name, []);
    spikes.get(name)!.push(out.slice());
  };
  for (let step = 0; step < last; step++) {
    const read = ({ value, delaySteps }: Edge): Value => {
      const shape = shapes.get(value)!;
      return { shape, data: outputs.get(value)![step - delaySteps] ?? new Float64Array(sizeOf(shape)) };
    };
    for (const node of file.nodes) {
      const Ts = node.Ts ?? 0;
      const t = step - (node.start - Ts) + 1;
      const size = sizeOf(node.shape);
      let out = new Float64Array(size);
      const active = t >= 1 - mostAhead(node) && t <= T + Ts;
      const currents = () => (node.sources as readonly Edge[]).map((source) => read(source).data);
      if (active && node.kind === 'encoder') {
        const value =
          node.source === undefined ? inputOf(file, node, image) : analogs.get(node.source.value)!.data;
        const state = stateOf(states, node, () => encoderState(node, Float32Array.from(value), T, beta));
        encode(state, node, T, beta, out);
        emitted(node.name, out);
      }
      if (node.kind === 'decoder' && step >= node.start - T && step < node.start) {
        const state = stateOf(states, node, () => membranes(node, node.shape, 0));
        integrate(file, node, state, t + T, currents());
        analogs.set(node.output!, { shape: node.shape, data: state.h[0]! });
      }
      if (node.kind === 'analog' && step === node.start) {
        const operands = node.sources!.map((source) =>
          'constant' in source ? file.tensors.get(source.constant)! : analogs.get(source.value)!,
        );
        analogs.set(node.output!, { shape: node.shape, data: applyOperator(node, operands).map(f32) });
      }
      if (active && node.kind === 'linear') {
        const operands = node.sources!.map((source) =>
          'constant' in source ? file.tensors.get(source.constant)! : read(source),
        );
        out = applyOperator(node, operands).map(rounding(file));
      }
      if (active && node.kind === 'neuron') {
        const state = stateOf(states, node, () => membranes(node, node.potentialShape!, size));
        fire(file, node, state, t, currents(), out);
        if (t > Ts) emitted(node.name, out);
      }
      if (active && node.kind === 'readout') {
        const state = stateOf(states, node, () => membranes(node, node.shape, 0));
        integrate(file, node, state, t, currents());
        if (!logits.has(node.name)) logits.set(node.name, []);
        logits.get(node.name)!.push(Float32Array.from(potential(file, node, state, node.shape, t)));
      }
      if (node.output !== undefined) {
        if (!outputs.has(node.output)) outputs.set(node.output, []);
        outputs.get(node.output)!.push(out);
        shapes.set(node.output, node.shape);
      }
    }
  }
  return { logits, spikes, steps: last };
}

/** Section 6: steps before its window at which a node begins to integrate. */
function mostAhead(node: SnnNode): number {
  return node.kind === 'neuron' ? Math.max(...node.sources!.map((source) => aheadOf(source))) : 0;
}

function aheadOf(source: Source): number {
  return 'value' in source ? (source.aheadSteps ?? 0) : 0;
}

/** Accumulated input of each source (the encoder: u and the value that it encodes) and accumulated output. */
interface State {
  readonly h: readonly Float64Array[];
  /** Section 6: every current of each source so far. */
  readonly past: Numbers[][];
  readonly g: Float64Array;
}

function stateOf(states: Map<SnnNode, State>, node: SnnNode, make: () => State): State {
  if (!states.has(node)) states.set(node, make());
  return states.get(node)!;
}

function membranes(node: SnnNode, shape: readonly number[], neurons: number): State {
  return {
    h: node.sources!.map(() => new Float64Array(sizeOf(shape))),
    past: node.sources!.map(() => []),
    g: new Float64Array(neurons),
  };
}

/** Section 8: what follows every operation of sections 5 to 7. */
function rounding(file: SnnFile): (value: number) => number {
  return file.arithmetic === 'integer' ? (value) => value : (value) => f32(value);
}

function kappa(T: number, beta: number): number {
  let K = 0;
  for (let t = 1; t <= T; t++) K += beta ** (T - t);
  return K;
}

function toNearestEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return x - below < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** Section 4, step 0: the value, on the grid where there is one, and u. */
function encoderState(node: SnnNode, image: Float32Array, T: number, beta: number): State {
  const { grid } = node;
  const i = f32(node.encoder === 'css' ? beta ** -T : node.encoder === 'analog' ? 1 : 0);
  const values = Float64Array.from(image, (a) =>
    grid === undefined ? a : Math.min(Math.max(toNearestEven(f32(a / grid.scale)), grid.low), grid.high),
  );
  return { h: [values.map((a) => f32(i * a)), values], past: [], g: new Float64Array(0) };
}

/** Section 4, one step. */
function encode({ h: [u, values] }: State, node: SnnNode, T: number, beta: number, out: Float64Array): void {
  if (node.encoder === 'analog') {
    out.set(u!);
    u!.fill(0);
    return;
  }
  const theta = (node.theta as number) / (node.grid === undefined ? 1 : node.grid.scale);
  const c = f32(node.encoder === 'css' ? 0 : 1 / kappa(T, beta));
  const growth = node.encoder === 'rate' ? 1 : f32(beta);
  const threshold = f32(theta / 2);
  for (let k = 0; k < out.length; k++) {
    const v = f32(f32(growth * u![k]!) + f32(c * values![k]!));
    const s = v >= threshold ? 1 : v <= -threshold ? -1 : 0;
    u![k] = f32(v - s * f32(theta));
    out[k] = s;
  }
}

/** Sections 6 and 7: h_k = beta h_k + z_k at step t of the reader's window; z_k is missing outside that of the source. */
function integrate(file: SnnFile, node: SnnNode, { h, past }: State, t: number, z: readonly Numbers[]): void {
  const round = rounding(file);
  const B = round(file.coding.beta);
  h.forEach((membrane, k) => {
    const m = t + aheadOf(node.sources![k]!);
    const arrives = m >= 1 && m <= file.coding.T;
    if (arrives) past[k]!.unshift(z[k]!);
    for (let i = 0; i < membrane.length; i++) {
      membrane[i] = round(round(B * membrane[i]!) + (arrives ? z[k]![i]! : 0));
    }
  });
}

/** Section 6: what is known of the membrane of source k at step t, in an integer network. */
function known(
  file: SnnFile,
  node: SnnNode,
  { h, past }: State,
  k: number,
  t: number,
): (i: number) => number {
  const a = aheadOf(node.sources![k]!);
  const { forecast = [] } = node;
  return (i) => {
    let e = h[k]![i]!;
    if (t + a < file.coding.T) for (const [n, c] of forecast.entries()) e -= c * (past[k]![n]?.[i] ?? 0);
    return e * 2 ** -a;
  };
}

/** Sections 6 and 7: what the membranes of a node add up to at step t. */
function potential(
  file: SnnFile,
  node: SnnNode,
  state: State,
  shape: readonly number[],
  t: number,
): Float64Array {
  const { h } = state;
  if (file.arithmetic === 'float32') {
    const e = f32(file.coding.beta ** (t - file.coding.T));
    return node.product ? h[0]!.map((value, i) => f32(f32(value * h[1]![i]!) / e)) : h[0]!.slice();
  }
  const scales = (node.sources as readonly Edge[]).map(({ scale }) => elementsOf(file, scale!, shape));
  const bias = node.bias === undefined ? undefined : elementsOf(file, node.bias, shape);
  const e = h.map((_, k) => known(file, node, state, k, t));
  return h[0]!.map((_, i) => {
    let u = scales[0]!(i) * e[0]!(i);
    for (let k = 1; k < h.length; k++) u += scales[k]!(i) * e[k]!(i);
    return bias === undefined ? u : u + bias(i) * share(file, t);
  });
}

/** Section 6: the part of a bias that has flowed in by step t. */
function share({ coding: { T, beta } }: SnnFile, t: number): number {
  return t >= T ? beta ** (t - T) : kappa(t, beta) / kappa(T, beta);
}

/** Section 2.3: a tensor of shape [], [axis 0 of shape], or shape, at each element. */
function elementsOf(file: SnnFile, name: string, shape: readonly number[]): (i: number) => number {
  const { data } = file.tensors.get(name)!;
  const perElement = sizeOf(shape) / data.length;
  return (i) => data[Math.floor(i / perElement)]!;
}

/** Section 6: the functions of the ANN's value. */
const SCALAR_FUNCTIONS: Readonly<Record<string, (v: number, p: (name: string) => number) => number>> = {
  'tsa-elu': (v, p) => p('gain') * (v > 0 ? v : p('alpha') * (Math.exp(v / p('width')) - 1)),
  'tsa-silu': (v) => v * sigmoid(v),
  'tsa-hard-swish': (v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6,
  'tsa-gelu': (v) => v * normalDistribution(v),
  'tsa-gelu-tanh': (v) => v * sigmoid(2 * Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)),
  'tsa-mish': (v) => v * Math.tanh(Math.log(1 + Math.exp(v))),
  'tsa-softplus': (v) => Math.log(1 + Math.exp(v)),
  'tsa-sigmoid': sigmoid,
  'tsa-hard-sigmoid': (v, p) => Math.min(Math.max(p('slope') * v + p('offset'), 0), 1),
  'tsa-tanh': (v) => 2 * sigmoid(2 * v) - 1,
  'tsa-softsign': (v) => v / (1 + Math.abs(v)),
};

function sigmoid(v: number): number {
  return 1 / (1 + Math.exp(-v));
}

/** The integral of the density by Simpson's rule: erf is not in JavaScript. */
function normalDistribution(v: number): number {
  const end = Math.min(Math.max(v, -9), 9);
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const pieces = 400;
  const width = end / pieces;
  let sum = density(0) + density(end);
  for (let i = 1; i < pieces; i++) sum += (i % 2 === 0 ? 2 : 4) * density(i * width);
  return 0.5 + (sum * width) / 3;
}

/** Section 6, one step. */
function fire(
  file: SnnFile,
  node: SnnNode,
  state: State,
  t: number,
  z: readonly Numbers[],
  out: Float64Array,
): void {
  const { T, beta } = file.coding;
  const Ts = node.Ts!;
  const round = rounding(file);
  integrate(file, node, state, t, z);
  if (t <= Ts) return;
  let P = 0;
  for (let k = 1; k <= t; k++) P = round(round(round(beta) * P) + (k <= T ? 1 : 0));
  if (file.arithmetic === 'integer') P = share(file, t);
  const h = potential(file, node, state, node.potentialShape!, t);
  const pooled =
    node.pool === undefined ? h : overWindows({ shape: node.potentialShape!, data: h }, node.pool, largest);
  const perNeuron = (name: string | undefined) =>
    name === undefined ? undefined : elementsOf(file, name, node.shape);
  const [scale, shift] = [perNeuron(node.affine?.scale), perNeuron(node.affine?.shift)];
  const given = new Map(
    Object.entries(node.parameters ?? {}).map(([name, tensor]) => [name, perNeuron(tensor)!]),
  );
  const [low, high] = [given.get('low'), given.get('high')];
  const e = round(beta ** (t - T));
  const A = round(beta ** Ts);
  const final = t === T + Ts;
  const whole = node.forecast !== undefined && t >= T;
  const threshold =
    whole && !final
      ? (A - 2 ** (t - T)) / 2
      : round((final ? (node.lastPhi ?? 1 / 2) : node.phi!) * beta ** Ts);
  for (let k = 0; k < out.length; k++) {
    let x = pooled[k]!;
    if (scale !== undefined) x = round(round(scale(k) * x) + round(shift!(k) * P));
    if (node.neuron === 'tsa-relu') x = Math.max(x, 0);
    if (node.neuron === 'tsa-leaky-relu' && x < 0) x = round(given.get('slope')!(k) * x);
    const scalar = SCALAR_FUNCTIONS[node.neuron!];
    if (scalar !== undefined) {
      const worth = given.get('unit')!(k) / e;
      x = round(scalar(x * worth, (name) => given.get(name)!(k)) / worth);
    }
    if (low !== undefined) x = Math.max(x, round(low(k) * e));
    if (high !== undefined) x = Math.min(x, round(high(k) * e));
    const before = round(round(beta) * state.g[k]!);
    const o = round(x - before);
    const strict =
      ((final && node.lastPhi === undefined) || (whole && t === T + Ts - 1)) && file.arithmetic === 'integer';
    const reached = strict ? Math.abs(o) > threshold : Math.abs(o) >= threshold;
    const s = reached && (o > 0 || node.negativeSpikes !== false) ? Math.sign(o) : 0;
    state.g[k] = round(before + A * s);
    out[k] = s;
  }
}

// A simulator of .snn files written from docs/format.md alone: it imports nothing of src/. All nodes advance
// together by global steps, and edges look back by their delay. Section numbers are those of the page.
import { type Attributes, applyOperator, largest, overWindows, sizeOf, type Value } from './snn-operators.ts';

interface Edge {
  readonly value: string;
  readonly delaySteps: number;
}
type Source = Edge | { readonly constant: string };

export interface SnnNode {
  readonly kind: 'encoder' | 'linear' | 'neuron' | 'readout';
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly output?: string;
  readonly encoder?: string;
  readonly theta?: number | readonly number[];
  readonly op?: string;
  readonly attributes?: Attributes;
  readonly sources?: readonly Source[];
  readonly source?: Edge;
  readonly neuron?: string;
  readonly potentialShape?: readonly number[];
  readonly Ts?: number;
  readonly phi?: number;
  readonly pool?: Attributes;
  readonly affine?: { readonly scale: string; readonly shift: string };
}

export interface SnnFile {
  readonly coding: { readonly T: number; readonly beta: number };
  readonly nodes: readonly SnnNode[];
  readonly tensors: ReadonlyMap<string, Value>;
}

export interface Run {
  /** Accumulated logits of every readout: one array for each step 1..T. */
  readonly logits: ReadonlyMap<string, readonly Float32Array[]>;
  /** Spikes of every spiking layer: one array for each step 1..T. */
  readonly spikes: ReadonlyMap<string, readonly Float32Array[]>;
  /** Global steps until every readout was complete. */
  readonly steps: number;
}

const f32 = Math.fround;

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
    if (entry.dtype !== 'F32') throw new Error(`${name} is ${entry.dtype}`);
    const begin = 8 + length + entry.data_offsets[0]!;
    const data = Float32Array.from({ length: sizeOf(entry.shape) }, (_, i) =>
      view.getFloat32(begin + 4 * i, true),
    );
    tensors.set(name, { shape: entry.shape, data });
  }
  const network = JSON.parse(header.__metadata__.network);
  if (network.format !== 'ann2snn-network/1') throw new Error(`format ${network.format}`);
  return { coding: network.coding, nodes: network.nodes, tensors };
}

/** Section 3: runs one image. */
export function simulate(file: SnnFile, image: Float32Array): Run {
  const { T, beta } = file.coding;
  const B = f32(beta);
  const outputs = new Map<string, Float32Array[]>();
  const shapes = new Map<string, readonly number[]>();
  const logits = new Map<string, Float32Array[]>();
  const spikes = new Map<string, Float32Array[]>();
  const states = new Map<SnnNode, State>();
  const last = Math.max(...file.nodes.map((node) => node.start)) + T;
  const emitted = (name: string, out: Float32Array) => {
    if (!spikes.has(name)) spikes.set(name, []);
    spikes.get(name)!.push(out.slice());
  };
  for (let step = 0; step < last; step++) {
    const read = ({ value, delaySteps }: Edge): Value => {
      const shape = shapes.get(value)!;
      return { shape, data: outputs.get(value)![step - delaySteps] ?? new Float32Array(sizeOf(shape)) };
    };
    for (const node of file.nodes) {
      const Ts = node.Ts ?? 0;
      const t = step - (node.start - Ts) + 1;
      let out = new Float32Array(sizeOf(node.shape));
      const active = t >= 1 && t <= T + Ts;
      if (active && node.kind === 'encoder') {
        const state = stateOf(states, node, () => encoderState(node, image, T, beta));
        encode(state, node, image, T, beta, out);
        emitted(node.name, out);
      }
      if (active && node.kind === 'linear') {
        const operands = node.sources!.map((source) =>
          'constant' in source ? file.tensors.get(source.constant)! : read(source),
        );
        out = applyOperator(node, operands);
      }
      if (active && node.kind === 'neuron') {
        const state = stateOf(states, node, () => ({
          h: new Float32Array(sizeOf(node.potentialShape!)),
          g: new Float32Array(out.length),
        }));
        fire(file, node, state, t, t <= T ? read(node.source!).data : undefined, out);
        if (t > Ts) emitted(node.name, out);
      }
      if (active && node.kind === 'readout') {
        const state = stateOf(states, node, () => ({ h: new Float32Array(out.length), g: out }));
        const z = read(node.source!).data;
        state.h.forEach((y, i) => {
          state.h[i] = f32(f32(B * y) + z[i]!);
        });
        if (!logits.has(node.name)) logits.set(node.name, []);
        logits.get(node.name)!.push(state.h.slice());
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

interface State {
  readonly h: Float32Array;
  readonly g: Float32Array;
}

function stateOf(states: Map<SnnNode, State>, node: SnnNode, make: () => State): State {
  if (!states.has(node)) states.set(node, make());
  return states.get(node)!;
}

function kappa(T: number, beta: number): number {
  let K = 0;
  for (let t = 1; t <= T; t++) K += beta ** (T - t);
  return K;
}

/** Section 4, step 0. */
function encoderState(node: SnnNode, image: Float32Array, T: number, beta: number): State {
  const i = f32(node.encoder === 'css' ? beta ** -T : 0);
  return { h: image.map((a) => f32(i * a)), g: new Float32Array(0) };
}

/** Section 4, one step; h is u. */
function encode(
  { h: u }: State,
  node: SnnNode,
  image: Float32Array,
  T: number,
  beta: number,
  out: Float32Array,
): void {
  const theta = node.theta as number;
  const c = f32(node.encoder === 'css' ? 0 : 1 / kappa(T, beta));
  const threshold = f32(theta / 2);
  for (let k = 0; k < u.length; k++) {
    const v = f32(f32(f32(beta) * u[k]!) + f32(c * image[k]!));
    const s = v >= threshold ? 1 : v <= -threshold ? -1 : 0;
    u[k] = f32(v - s * f32(theta));
    out[k] = s;
  }
}

/** Section 6, one step; `z` is missing in the tail. */
function fire(
  file: SnnFile,
  node: SnnNode,
  { h, g }: State,
  t: number,
  z: Float32Array | undefined,
  out: Float32Array,
): void {
  const { T, beta } = file.coding;
  const Ts = node.Ts!;
  const B = f32(beta);
  for (let k = 0; k < h.length; k++) h[k] = f32(f32(B * h[k]!) + (z === undefined ? 0 : z[k]!));
  if (t <= Ts) return;
  let P = 0;
  for (let k = 1; k <= t; k++) P = f32(f32(B * P) + (k <= T ? 1 : 0));
  const pooled =
    node.pool === undefined ? h : overWindows({ shape: node.potentialShape!, data: h }, node.pool, largest);
  const area = sizeOf(node.shape.slice(1));
  const A = f32(beta ** Ts);
  const threshold = f32((t === T + Ts ? 1 / 2 : node.phi!) * beta ** Ts);
  for (let k = 0; k < g.length; k++) {
    let x = pooled[k]!;
    if (node.affine !== undefined) {
      const channel = Math.floor(k / area);
      const scale = file.tensors.get(node.affine.scale)!.data[channel]!;
      const shift = file.tensors.get(node.affine.shift)!.data[channel]!;
      x = f32(f32(scale * x) + f32(shift * P));
    }
    const f = node.neuron === 'tsa-relu' ? Math.max(x, 0) : x;
    const before = f32(B * g[k]!);
    const o = f32(f - before);
    const s = o >= threshold ? 1 : o <= -threshold ? -1 : 0;
    g[k] = f32(before + A * s);
    out[k] = s;
  }
}

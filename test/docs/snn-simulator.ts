// A simulator of .snn files written from docs/format.md alone: it imports nothing of src/. All nodes advance
// together by global steps, and edges look back by their delay. Section numbers are those of the page.

interface Edge {
  readonly value: string;
  readonly delaySteps: number;
}
type Source = Edge | { readonly constant: string };
type Attributes = Readonly<Record<string, number | boolean | string | readonly number[]>>;

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

/** A tensor: [C, H, W], [F] ... without the batch axis, or a constant as stored. */
interface Value {
  readonly shape: readonly number[];
  readonly data: Float32Array;
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
const sizeOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

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

/** Section 5, for the operators that the tests' networks hold. */
function applyOperator(node: SnnNode, operands: readonly Value[]): Float32Array<ArrayBuffer> {
  const [x, w, b] = operands as [Value, Value, Value?];
  const attributes = node.attributes!;
  switch (node.op) {
    case 'Conv':
      return convolve(x, w, b, attributes, node.shape);
    case 'Gemm': {
      if (!attributes.transB || attributes.transA || attributes.alpha !== 1) throw new Error('Gemm');
      const inputs = x.data.length;
      return Float32Array.from({ length: sizeOf(node.shape) }, (_, o) => {
        let sum = 0;
        for (let k = 0; k < inputs; k++) sum += w.data[o * inputs + k]! * x.data[k]!;
        return sum + (b === undefined ? 0 : b.data[o]!);
      });
    }
    case 'Add':
      return broadcast(x, w, node.shape, (p, q) => p + q);
    case 'Mul':
      return broadcast(x, w, node.shape, (p, q) => p * q);
    case 'AveragePool': {
      if (attributes.countIncludePad) throw new Error('AveragePool');
      return overWindows(x, attributes, (values) => values.reduce((p, q) => p + q, 0) / values.length);
    }
    case 'GlobalAveragePool': {
      const area = sizeOf(x.shape.slice(1));
      return Float32Array.from({ length: x.shape[0]! }, (_, c) => {
        let sum = 0;
        for (let k = 0; k < area; k++) sum += x.data[c * area + k]!;
        return sum / area;
      });
    }
    case 'Concat': {
      if (attributes.axis !== 1) throw new Error('Concat');
      return Float32Array.from(operands.flatMap(({ data }) => [...data]));
    }
    case 'Reshape':
      return x.data.slice();
    default:
      throw new Error(`${node.op} is not in the tests' networks`);
  }
}

/** Constants broadcast against [1, ...shape]. */
function broadcast(
  x: Value,
  y: Value,
  shape: readonly number[],
  combine: (p: number, q: number) => number,
): Float32Array<ArrayBuffer> {
  const at = (value: Value, index: number): number => {
    const dims = [1, ...shape];
    let position = 0;
    let stride = 1;
    let rest = index;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const coordinate = rest % dims[axis]!;
      rest = Math.floor(rest / dims[axis]!);
      const own = value.shape[axis - dims.length + value.shape.length];
      if (own === undefined) continue;
      if (own !== 1) position += coordinate * stride;
      stride *= own;
    }
    return value.data[position]!;
  };
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => combine(at(x, i), at(y, i)));
}

function largest(values: readonly number[]): number {
  return values.reduce((p, q) => Math.max(p, q), Number.NEGATIVE_INFINITY);
}

/** Windows over [C, H, W], their elements inside the input handed to `combine`. */
function overWindows(
  x: Value,
  attributes: Attributes,
  combine: (values: readonly number[]) => number,
): Float32Array<ArrayBuffer> {
  const [channels, height, width] = x.shape as [number, number, number];
  const axes = [axisOf(attributes, 0, height), axisOf(attributes, 1, width)] as const;
  const out: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (const row of axes[0]) {
      for (const column of axes[1]) {
        const values: number[] = [];
        for (const [, y] of row) {
          for (const [, z] of column) values.push(x.data[(c * height + y) * width + z]!);
        }
        out.push(combine(values));
      }
    }
  }
  return Float32Array.from(out);
}

/** For each output position on one axis: the pairs (kernel index, input index) inside the input. */
function axisOf(attributes: Attributes, axis: number, size: number): [number, number][][] {
  const list = (name: string) => attributes[name] as readonly number[];
  if (attributes.autoPad !== 'NOTSET') throw new Error('autoPad');
  const [kernel, stride, dilation] = ['kernelShape', 'strides', 'dilations'].map((name) => list(name)[axis]!);
  const [begin, end] = [list('pads')[axis]!, list('pads')[2 + axis]!];
  const room = (size + begin + end - (kernel! - 1) * dilation! - 1) / stride!;
  let outputs = (attributes.ceilMode ? Math.ceil(room) : Math.floor(room)) + 1;
  if (attributes.ceilMode && (outputs - 1) * stride! >= size + begin) outputs--;
  return Array.from({ length: outputs }, (_, o) =>
    Array.from({ length: kernel! }, (_, k): [number, number] => [k, o * stride! - begin + k * dilation!]).filter(
      ([, position]) => position >= 0 && position < size,
    ),
  );
}

function convolve(
  x: Value,
  w: Value,
  b: Value | undefined,
  attributes: Attributes,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const [, height, width] = x.shape as [number, number, number];
  const [outputs, fan, kernelHeight, kernelWidth] = w.shape as [number, number, number, number];
  const perGroup = outputs / (attributes.group as number);
  const [rows, columns] = [axisOf(attributes, 0, height), axisOf(attributes, 1, width)];
  const out = new Float32Array(sizeOf(shape));
  let at = 0;
  for (let m = 0; m < outputs; m++) {
    const first = Math.floor(m / perGroup) * fan;
    for (const row of rows) {
      for (const column of columns) {
        let sum = b === undefined ? 0 : b.data[m]!;
        for (let c = 0; c < fan; c++) {
          for (const [i, y] of row) {
            for (const [j, z] of column) {
              const weight = w.data[((m * fan + c) * kernelHeight + i) * kernelWidth + j]!;
              sum += weight * x.data[((first + c) * height + y) * width + z]!;
            }
          }
        }
        out[at++] = sum;
      }
    }
  }
  return out;
}

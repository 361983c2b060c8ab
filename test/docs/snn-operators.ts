// The linear operators of docs/format.md, section 5, and the window of max-pool neurons, for one image at one step.
// Written from the page: imports nothing of src/.
import type { SnnNode } from './snn-simulator.ts';

export type Attributes = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** Numbers as a network's arithmetic holds them, and the elements of constants. */
export type Numbers = Float32Array | Float64Array | Int8Array | Int16Array;

/** A tensor: [C, H, W], [F] ... without the batch axis, or a constant as stored. */
export interface Value {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** Section 5, for the operators that the tests' networks hold; in double precision, not rounded yet. */
export function applyOperator(
  node: Pick<SnnNode, 'op' | 'attributes' | 'shape'>,
  operands: readonly Value[],
): Float64Array {
  const [x, w, b] = operands as [Value, Value, Value?];
  const attributes = node.attributes!;
  switch (node.op) {
    case 'Conv':
      return convolve(x, w, b, attributes, node.shape);
    case 'Gemm': {
      if (!attributes.transB || attributes.transA || attributes.alpha !== 1) throw new Error('Gemm');
      const inputs = x.data.length;
      return Float64Array.from({ length: sizeOf(node.shape) }, (_, o) => {
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
      return Float64Array.from({ length: x.shape[0]! }, (_, c) => {
        let sum = 0;
        for (let k = 0; k < area; k++) sum += x.data[c * area + k]!;
        return sum / area;
      });
    }
    case 'Concat': {
      if (attributes.axis !== 1) throw new Error('Concat');
      return Float64Array.from(operands.flatMap(({ data }) => [...data]));
    }
    case 'Pad':
      return padded(x, attributes, node.shape);
    case 'Expand':
      return broadcast(x, { shape: [], data: new Float64Array(1) }, node.shape, (p) => p);
    case 'Reshape':
      return Float64Array.from(x.data);
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
): Float64Array {
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
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => combine(at(x, i), at(y, i)));
}

/** Silence around [C, ...]; `pads` counts the batch axis. */
function padded(x: Value, attributes: Attributes, shape: readonly number[]): Float64Array {
  const pads = attributes.pads as readonly number[];
  if (attributes.value !== 0 || pads.some((pad) => pad < 0)) throw new Error('Pad');
  const out = new Float64Array(sizeOf(shape));
  x.data.forEach((value, i) => {
    let rest = i;
    let position = 0;
    let stride = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += ((rest % x.shape[axis]!) + pads[axis + 1]!) * stride;
      rest = Math.floor(rest / x.shape[axis]!);
      stride *= shape[axis]!;
    }
    out[position] = value;
  });
  return out;
}

export function largest(values: readonly number[]): number {
  return values.reduce((p, q) => Math.max(p, q), Number.NEGATIVE_INFINITY);
}

/** Windows over [C, H, W], their elements inside the input handed to `combine`. */
export function overWindows(
  x: Value,
  attributes: Attributes,
  combine: (values: readonly number[]) => number,
): Float64Array {
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
  return Float64Array.from(out);
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
    Array.from({ length: kernel! }, (_, k): [number, number] => [
      k,
      o * stride! - begin + k * dilation!,
    ]).filter(([, position]) => position >= 0 && position < size),
  );
}

function convolve(
  x: Value,
  w: Value,
  b: Value | undefined,
  attributes: Attributes,
  shape: readonly number[],
): Float64Array {
  const [, height, width] = x.shape as [number, number, number];
  const [outputs, fan, kernelHeight, kernelWidth] = w.shape as [number, number, number, number];
  const perGroup = outputs / (attributes.group as number);
  const [rows, columns] = [axisOf(attributes, 0, height), axisOf(attributes, 1, width)];
  const out = new Float64Array(sizeOf(shape));
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

// Every kernel written to be read, on the same memory: what the WebAssembly ones are tested against, bit for bit. Those of
// neurons and encoders are in kernels-plain-neurons.ts.
import type { KernelMemory } from './compiled-kernels.ts';
import { byteOf, COLUMN_LANES_F32, COLUMN_LANES_I8, columnRow } from './kernel-weights.ts';
import type { Kernels, Window } from './kernels.ts';
import { plainNeuronKernels } from './kernels-plain-neurons.ts';
import { signsOf } from './masks.ts';

const { fround } = Math;

type Floats = Float32Array | Float64Array;
type Numbers = Floats | Int32Array | Int8Array;

/** The kernels over a memory, slowly. */
export function plainKernels(memory: KernelMemory): Kernels {
  const ints = (at: number) => new Int32Array(memory.buffer, at);
  const bytes = (at: number) => new Int8Array(memory.buffer, at);
  const octets = (at: number) => new Uint8Array(memory.buffer, at);
  const floats = (at: number) => new Float32Array(memory.buffer, at);
  const doubles = (at: number) => new Float64Array(memory.buffer, at, (memory.buffer.byteLength - at) >> 3);

  return {
    ...plainNeuronKernels(memory),

    gatherF32(starts, rows, height, width, perPosition, weights, stride, h, heightOut, widthOut, ...more) {
      const [kernelHeight, kernelWidth, sy, sx, dy, dx, top, left, , beta, first, bias, biasStride] = more;
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, perPosition };
      const window = [heightOut, widthOut, kernelHeight, kernelWidth, sy, sx, dy, dx, top, left] as const;
      const opening = { beta: first ? fround(beta) : 1, bias: bias === 0 ? null : floats(bias), biasStride };
      gather(spikes, floats(weights), stride, floats(h), opening, window);
    },
    columnsF32(starts, rows, height, width, perPosition, weights, stride, h, widthOut, kernelWidth, ...more) {
      const [strideX, padLeft, beta, first, bias, biasStride] = more;
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, perPosition };
      const window = [height, widthOut, 3, kernelWidth, 1, strideX, 1, 1, 1, padLeft] as const;
      const opening = { beta: first ? fround(beta) : 1, bias: bias === 0 ? null : floats(bias), biasStride };
      const w = columnar(floats(weights), kernelWidth, perPosition, stride, COLUMN_LANES_F32);
      gather(spikes, w, stride, floats(h), opening, window);
    },

    gatherI8(starts, rows, height, width, perPosition, weights, stride, h, heightOut, widthOut, ...more) {
      const [kernelHeight, kernelWidth, sy, sx, dy, dx, top, left, , first] = more;
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, perPosition };
      const window = [heightOut, widthOut, kernelHeight, kernelWidth, sy, sx, dy, dx, top, left] as const;
      const opening = { beta: first ? 2 : 1, bias: null, biasStride: 0 };
      const length = kernelHeight * kernelWidth * perPosition * stride;
      const w = unpacked(bytes(weights).subarray(0, length), stride);
      gather(spikes, w, stride, ints(h), opening, window);
    },
    columnsI8(starts, rows, height, width, perPosition, weights, stride, h, widthOut, kernelWidth, ...more) {
      const [strideX, padLeft, first] = more;
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, perPosition };
      const window = [height, widthOut, 3, kernelWidth, 1, strideX, 1, 1, 1, padLeft] as const;
      const opening = { beta: first ? 2 : 1, bias: null, biasStride: 0 };
      const w = columnar(bytes(weights), kernelWidth, perPosition, stride, COLUMN_LANES_I8);
      gather(spikes, unpacked(w, stride), stride, ints(h), opening, window);
    },
    scatterF32(starts, rows, height, width, channels, group, weights, perGroup, stride, h, ...window) {
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, channels };
      scatter(spikes, group, floats(weights), perGroup, stride, floats(h), window);
    },
    scatterI8(starts, rows, height, width, channels, group, weights, perGroup, stride, h, ...window) {
      const spikes = { starts: ints(starts), rows: ints(rows), height, width, channels };
      scatter(spikes, group, bytes(weights), perGroup, stride, ints(h), window);
    },

    averageF32(masks, positions, quads, weights, stride, h) {
      for (let channel = 0; channel < 4 * quads; channel++) {
        let sum = 0;
        for (let p = 0; p < positions; p++) {
          sum += signsOf(octets(masks)[p * quads + (channel >> 2)]!)[channel & 3]!;
        }
        const mean = fround(sum / positions);
        for (let c = 0; c < stride; c++) {
          floats(h)[c]! += fround(mean * floats(weights)[channel * stride + c]!);
        }
      }
    },

    scaleF32(h, n, beta) {
      const potentials = floats(h);
      for (let i = 0; i < n; i++) potentials[i]! *= fround(beta);
    },
    doubleI32(h, n) {
      const potentials = ints(h);
      for (let i = 0; i < n; i++) potentials[i]! *= 2;
    },

    tableF32(starts, rows, positions, channels, offsets, targets, weights, h) {
      const synapses = { offsets: ints(offsets), targets: ints(targets), weights: floats(weights) };
      table(ints(starts), ints(rows), positions, channels, synapses, floats(h));
    },
    tableI32(starts, rows, positions, channels, offsets, targets, weights, h) {
      const synapses = { offsets: ints(offsets), targets: ints(targets), weights: ints(weights) };
      table(ints(starts), ints(rows), positions, channels, synapses, ints(h));
    },

    oneToOneF32(starts, rows, positions, targets, weights, h) {
      const spikes = ints(rows).subarray(0, ints(starts)[positions]!);
      for (const row of spikes) floats(h)[ints(targets)[row]!]! += floats(weights)[row]!;
    },
    oneToOneI32(starts, rows, positions, targets, weights, h) {
      const spikes = ints(rows).subarray(0, ints(starts)[positions]!);
      for (const row of spikes) ints(h)[ints(targets)[row]!]! += ints(weights)[row]!;
    },

    skipF32(masks, width, quads, h, heightOut, widthOut, stride, strideY, strideX, offset, weights) {
      const seen = { masks: octets(masks), width, quads, strideY, strideX };
      skip(seen, heightOut, widthOut, (p, c, s) => {
        if (s !== 0) floats(h)[p * stride + offset + c]! += s * floats(weights)[c]!;
      });
    },
    skipI32(masks, width, quads, h, heightOut, widthOut, stride, strideY, strideX, offset, weights, first) {
      const seen = { masks: octets(masks), width, quads, strideY, strideX };
      skip(seen, heightOut, widthOut, (p, c, s) => {
        const i = p * stride + offset + c;
        ints(h)[i] = (first ? 2 : 1) * ints(h)[i]! + s * ints(weights)[c]!;
      });
    },

    listRows(masks, positions, quads, perPosition, perQuad, table, starts, rows) {
      let count = 0;
      for (let p = 0; p < positions; p++) {
        ints(starts)[p] = count;
        for (let q = 0; q < quads; q++) {
          const mask = octets(masks)[p * quads + q]!;
          const listed = ints(table).subarray(4 * mask, 4 * mask + octets(table + 4096)[mask]! / 4);
          for (const row of listed) ints(rows)[count++] = p * perPosition + q * perQuad + row;
        }
      }
      ints(starts)[positions] = count;
      return count;
    },

    poolMaxF32(h, height, width, stride, u, ...window) {
      poolMax(floats(h), height, width, stride, floats(u), window);
    },
    poolMaxF64(h, height, width, stride, u, ...window) {
      poolMax(doubles(h), height, width, stride, doubles(u), window);
    },

    countSpikes(masks, quads, steps, planes, counts) {
      for (let i = 0; i < 4 * quads; i++) {
        for (let t = 0; t < steps; t++) {
          const fired = signsOf(octets(masks)[t * planes + (i >> 2)]!)[i & 3] !== 0;
          ints(counts)[i]! += Number(fired);
        }
      }
    },
    spikesOf(masks, quads) {
      return octets(masks)
        .subarray(0, quads)
        .reduce((sum, mask) => sum + signsOf(mask).filter((s) => s !== 0).length, 0);
    },

    clear(pointer, count) {
      bytes(pointer).fill(0, 0, count);
    },
  };
}

/** The rows of a position, less those of the positions before. */
function rowsAt(starts: Int32Array, rows: Int32Array, position: number, perPosition: number): number[] {
  const here = rows.subarray(starts[position]!, starts[position + 1]!);
  return Array.from(here, (row) => row - perPosition * position);
}

/** Calls `send` with an output, a channel and its spike for all that a skip sees. */
function skip(
  seen: {
    readonly masks: Uint8Array;
    readonly width: number;
    readonly quads: number;
    readonly strideY: number;
    readonly strideX: number;
  },
  heightOut: number,
  widthOut: number,
  send: (p: number, c: number, s: number) => void,
): void {
  const { masks, width, quads, strideY, strideX } = seen;
  for (let p = 0; p < heightOut * widthOut; p++) {
    const at = (Math.floor(p / widthOut) * strideY * width + (p % widthOut) * strideX) * quads;
    for (let q = 0; q < quads; q++) {
      for (const [i, s] of signsOf(masks[at + q]!).entries()) send(p, 4 * q + i, s);
    }
  }
}

/** What output p sees of a plane: taps and the positions under them. */
function windowOver(
  kh: number,
  kw: number,
  sy: number,
  sx: number,
  dy: number,
  dx: number,
  top: number,
  left: number,
) {
  return (p: number, widthOut: number, height: number, width: number) => {
    const seen: { readonly tap: number; readonly position: number }[] = [];
    for (let tap = 0; tap < kh * kw; tap++) {
      const y = Math.floor(p / widthOut) * sy + Math.floor(tap / kw) * dy - top;
      const x = (p % widthOut) * sx + (tap % kw) * dx - left;
      if (y >= 0 && y < height && x >= 0 && x < width) seen.push({ tap, position: y * width + x });
    }
    return seen;
  };
}

interface Spikes {
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  readonly height: number;
  readonly width: number;
  readonly perPosition: number;
}

/** Sums in the kernel's order: for each output by tap, then by spike; each sum is rounded as it is stored. */
function gather(
  spikes: Spikes,
  weights: Numbers,
  stride: number,
  h: Numbers,
  opening: { readonly beta: number; readonly bias: Floats | null; readonly biasStride: number },
  [heightOut, widthOut, ...window]: Readonly<Window>,
): void {
  const { starts, rows, height, width, perPosition } = spikes;
  const { beta, bias, biasStride } = opening;
  const seen = windowOver(...window);
  for (let p = 0; p < heightOut * widthOut; p++) {
    const list = seen(p, widthOut, height, width).flatMap(({ tap, position }) =>
      rowsAt(starts, rows, position, perPosition).map((row) => tap * perPosition + row),
    );
    for (let c = 0; c < stride; c++) {
      const i = p * stride + c;
      h[i]! *= beta;
      if (bias !== null) h[i]! += bias[p * biasStride + c]!;
      for (const row of list) h[i]! += weights[row * stride + c]!;
    }
  }
}

/** Rows of columns as gathers have them. */
function columnar<A extends Float32Array | Int8Array>(
  packed: A,
  kernelWidth: number,
  rows: number,
  stride: number,
  lanes: number,
): A {
  const plain = packed.slice(0, 3 * kernelWidth * rows * stride) as A;
  return plain.map((_, i) => {
    const c = i % stride;
    const row = Math.floor(i / stride) % rows;
    const tap = Math.floor(i / stride / rows);
    return packed[columnRow(c, tap, row, rows, kernelWidth, lanes) + (c % lanes)]!;
  }) as A;
}

/** Weights of gatherI8 channel by channel, as they are. */
function unpacked(packed: Int8Array, stride: number): Int8Array {
  const paired = stride - (stride % 16);
  return packed.map((_, i) => {
    const c = i % stride;
    const byte = byteOf(c, paired);
    const stored = packed[i - c + byte]!;
    return c < paired && byte % 2 === 0 ? (stored & 255) - 128 : stored;
  });
}

/** Sums in the kernel's order: for each output by position, then by spike. */
function scatter(
  spikes: Omit<Spikes, 'perPosition'> & { readonly channels: number },
  group: number,
  weights: Numbers,
  perGroup: number,
  stride: number,
  h: Numbers,
  [heightOut, widthOut, ...window]: Readonly<Window>,
): void {
  const { starts, rows, height, width, channels } = spikes;
  const seen = windowOver(...window);
  for (let p = 0; p < heightOut * widthOut; p++) {
    for (const { tap, position } of seen(p, widthOut, height, width)) {
      for (const row of rowsAt(starts, rows, position, 2 * channels)) {
        const target = p * stride + Math.floor(((row % channels) * group) / channels) * perGroup;
        for (let i = 0; i < perGroup; i++) {
          h[target + i]! += weights[(tap * 2 * channels + row) * perGroup + i]!;
        }
      }
    }
  }
}

function table(
  starts: Int32Array,
  rows: Int32Array,
  positions: number,
  channels: number,
  synapses: { readonly offsets: Int32Array; readonly targets: Int32Array; readonly weights: Numbers },
  h: Numbers,
): void {
  const { offsets, targets, weights } = synapses;
  for (let p = 0; p < positions; p++) {
    for (const row of rowsAt(starts, rows, p, 2 * channels)) {
      const element = p * channels + (row % channels);
      const sign = row < channels ? 1 : -1;
      for (let k = offsets[element]!; k < offsets[element + 1]!; k++) h[targets[k]!]! += sign * weights[k]!;
    }
  }
}

function poolMax(
  h: Floats,
  height: number,
  width: number,
  stride: number,
  u: Floats,
  [heightOut, widthOut, ...window]: Readonly<Window>,
): void {
  const seen = windowOver(...window);
  for (let p = 0; p < heightOut * widthOut; p++) {
    const positions = seen(p, widthOut, height, width).map(({ position }) => position);
    for (let c = 0; c < stride; c++) {
      u[p * stride + c] = Math.max(...positions.map((position) => h[position * stride + c]!));
    }
  }
}

// Weights of convolutions in the order in which the kernels read them: a row of output channels for each tap and each row
// that a position can list (row-coding.ts).
import { isFloat, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { Row } from './row-coding.ts';

const { fround } = Math;

/**
 * Rows for gatherF32, [taps][rows][stride] with zeros behind C_out.
 * @param weights [C_out, C_in, ...kernel], group 1; the taps are the kernel's elements in order
 * @param rows those of one position
 * @param stride C_out in memory, a multiple of 4
 */
export function gatherWeightsF32(weights: Tensor, rows: readonly Row[], stride: number): Float32Array {
  const packed = new Float32Array(sizeOf(weights.shape.slice(2)) * rows.length * stride);
  eachWeight(weights, rows, (output, tap, row, weight) => {
    packed[(tap * rows.length + row) * stride + output] = weight;
  });
  return packed;
}

/**
 * Rows for gatherI8, [taps][rows][stride] with zeros behind C_out, in the order of its 16-bit lanes: of every 16
 * channels, channel j takes byte 2 j for j < 8 and byte 2 (j - 8) + 1 from there on. Even bytes are 128 larger, so that
 * their sums never borrow from the byte above. The last 8 channels of a stride that is no multiple of 16 are as they are.
 * @param weights whole numbers -127..127, [C_out, C_in, ...kernel], group 1
 * @param rows those of one position, a spike each
 * @param stride C_out in memory, a multiple of 8
 */
export function gatherWeightsI8(weights: Tensor, rows: readonly Row[], stride: number): Int8Array {
  const packed = new Int8Array(sizeOf(weights.shape.slice(2)) * rows.length * stride);
  const paired = stride & ~15;
  eachWeight(weights, rows, (output, tap, row, weight) => {
    packed[(tap * rows.length + row) * stride + byteOf(output, paired)] = weight;
  });
  for (let row = 0; row < packed.length; row += stride) {
    for (let byte = 0; byte < paired; byte += 2) packed[row + byte]! ^= -128;
  }
  return packed;
}

/**
 * Rows for columnsF32, [C_out / 8][kernelWidth][rows][3][8]: what a row adds to 8 channels of three outputs lies together.
 * @param weights [C_out, C_in, 3, kernelWidth], group 1, C_out a multiple of 8
 */
export function columnWeightsF32(weights: Tensor, rows: readonly Row[]): Float32Array {
  const [outputs, , , kernelWidth] = weights.shape as [number, number, number, number];
  const packed = new Float32Array(3 * kernelWidth * rows.length * outputs);
  fillColumns(packed, weights, rows, COLUMN_LANES_F32, (channel) => channel);
  return packed;
}

/** The same for columnsI8, a spike a row, by 16 channels, each 16 in the order of gatherWeightsI8. */
export function columnWeightsI8(weights: Tensor, rows: readonly Row[]): Int8Array {
  const [outputs, , , kernelWidth] = weights.shape as [number, number, number, number];
  const packed = new Int8Array(3 * kernelWidth * rows.length * outputs);
  fillColumns(packed, weights, rows, COLUMN_LANES_I8, (channel) => byteOf(channel, COLUMN_LANES_I8));
  for (let byte = 0; byte < packed.length; byte += 2) packed[byte]! ^= -128;
  return packed;
}

export const COLUMN_LANES_F32 = 8;
export const COLUMN_LANES_I8 = 16;

/** Where the rows of columns begin that are added to channel `output`, and to those that it shares vectors with. */
export function columnRow(
  output: number,
  tap: number,
  row: number,
  rows: number,
  kernelWidth: number,
  lanes: number,
): number {
  const kx = tap % kernelWidth;
  const ky = (tap - kx) / kernelWidth;
  return (((Math.floor(output / lanes) * kernelWidth + kx) * rows + row) * 3 + ky) * lanes;
}

function fillColumns(
  packed: Float32Array | Int8Array,
  weights: Tensor,
  rows: readonly Row[],
  lanes: number,
  elementOf: (channel: number) => number,
): void {
  const kernelWidth = weights.shape[3]!;
  eachWeight(weights, rows, (output, tap, row, weight) => {
    const at = columnRow(output, tap, row, rows.length, kernelWidth, lanes);
    packed[at + elementOf(output % lanes)] = weight;
  });
}

/** The byte of a row of gatherI8 that holds a channel; `paired` channels, a multiple of 16, are interleaved. */
export function byteOf(channel: number, paired: number): number {
  if (channel >= paired) return channel;
  const lane = channel & 15;
  return (channel & ~15) + (lane < 8 ? 2 * lane : 2 * (lane - 8) + 1);
}

/**
 * Rows for scatterF32 where the weights are floating point, for scatterI8 where they are whole numbers -127..127:
 * [taps][2 * C_in][C_out / group], no padding.
 * @param weights [C_out, C_in / group, ...kernel]
 */
export function scatterWeights(weights: Tensor, group: number): Float32Array | Int8Array {
  const [outputs, inputs] = weights.shape as [number, number];
  const perGroup = outputs / group;
  const channels = inputs * group;
  const taps = sizeOf(weights.shape.slice(2));
  const length = taps * 2 * channels * perGroup;
  const packed = isFloat(weights.dtype) ? new Float32Array(length) : new Int8Array(length);
  for (let tap = 0; tap < taps; tap++) {
    for (let channel = 0; channel < channels; channel++) {
      const firstOutput = Math.floor(channel / inputs) * perGroup;
      for (let i = 0; i < perGroup; i++) {
        const weight = weights.data[((firstOutput + i) * inputs + (channel % inputs)) * taps + tap]!;
        packed[(tap * 2 * channels + channel) * perGroup + i] = weight;
        packed[((tap * 2 + 1) * channels + channel) * perGroup + i] = -weight;
      }
    }
  }
  return packed;
}

/**
 * Weights for averageF32, [stride of the source][stride of the target] with zeros in both paddings.
 * @param weights [C_out, C_in, 1, 1]
 */
export function averageWeights({ shape, data }: Tensor, source: number, target: number): Float32Array {
  const [outputs, inputs] = shape as [number, number];
  const packed = new Float32Array(source * target);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      packed[input * target + output] = data[output * inputs + input]!;
    }
  }
  return packed;
}

/** Calls `put` with each row's weight for an output and a tap: the sum of what it sends, rounded to float32 term by term. */
function eachWeight(
  { shape, data }: Tensor,
  rows: readonly Row[],
  put: (output: number, tap: number, row: number, weight: number) => void,
): void {
  const [outputs, inputs] = shape as [number, number];
  const taps = sizeOf(shape.slice(2));
  for (let output = 0; output < outputs; output++) {
    for (const [row, sent] of rows.entries()) {
      for (let tap = 0; tap < taps; tap++) {
        let sum = 0;
        for (const { channel, sign } of sent) {
          sum = fround(sum + sign * data[(output * inputs + channel) * taps + tap]!);
        }
        put(output, tap, row, sum);
      }
    }
  }
}

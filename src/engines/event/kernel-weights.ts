// Weights of convolutions in the order in which the kernels read them: a row of output channels for each tap and each row
// of spikes, that of a negative spike negated.
import { isFloat, sizeOf, type Tensor } from '../../tensor/tensor.ts';

/**
 * Rows for gatherF32, [taps][2 * C_in][stride] with zeros behind C_out.
 * @param weights [C_out, C_in, ...kernel], group 1; the taps are the kernel's elements in order
 * @param stride C_out in memory, a multiple of 4
 */
export function gatherWeightsF32(weights: Tensor, stride: number): Float32Array {
  const packed = new Float32Array(rowsOf(weights) * stride);
  fillRows(packed, weights, stride, (channel) => channel);
  return packed;
}

/**
 * Rows for gatherI8, [taps][2 * C_in][stride] with zeros behind C_out, in the order of its 16-bit lanes: of every 16
 * channels, channel j takes byte 2 j for j < 8 and byte 2 (j - 8) + 1 from there on. Even bytes are 128 larger, so that
 * their sums never borrow from the byte above. The last 8 channels of a stride that is no multiple of 16 are as they are.
 * @param weights whole numbers -127..127, [C_out, C_in, ...kernel], group 1
 * @param stride C_out in memory, a multiple of 8
 */
export function gatherWeightsI8(weights: Tensor, stride: number): Int8Array {
  const packed = new Int8Array(rowsOf(weights) * stride);
  const paired = stride & ~15;
  fillRows(packed, weights, stride, (channel) => byteOf(channel, paired));
  for (let row = 0; row < packed.length; row += stride) {
    for (let byte = 0; byte < paired; byte += 2) packed[row + byte]! ^= -128;
  }
  return packed;
}

/**
 * Rows for columnsF32, [C_out / 8][kernelWidth][2 * C_in][3][8]: what a spike adds to 8 channels of three outputs lies together.
 * @param weights [C_out, C_in, 3, kernelWidth], group 1, C_out a multiple of 8
 */
export function columnWeightsF32(weights: Tensor): Float32Array {
  const packed = new Float32Array(2 * weights.data.length);
  fillColumns(packed, weights, COLUMN_LANES_F32, (channel) => channel);
  return packed;
}

/** The same for columnsI8, by 16 channels, each 16 in the order of gatherWeightsI8. */
export function columnWeightsI8(weights: Tensor): Int8Array {
  const packed = new Int8Array(2 * weights.data.length);
  fillColumns(packed, weights, COLUMN_LANES_I8, (channel) => byteOf(channel, COLUMN_LANES_I8));
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
  { shape, data }: Tensor,
  lanes: number,
  elementOf: (channel: number) => number,
): void {
  const [outputs, inputs, , kernelWidth] = shape as [number, number, number, number];
  const taps = 3 * kernelWidth;
  for (let output = 0; output < outputs; output++) {
    const element = elementOf(output % lanes);
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++) {
        const weight = data[(output * inputs + input) * taps + tap]!;
        const at = (row: number) => columnRow(output, tap, row, 2 * inputs, kernelWidth, lanes) + element;
        packed[at(input)] = weight;
        packed[at(inputs + input)] = -weight;
      }
    }
  }
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

function rowsOf({ shape }: Tensor): number {
  return sizeOf(shape.slice(1)) * 2;
}

function fillRows(
  packed: Float32Array | Int8Array,
  { shape, data }: Tensor,
  stride: number,
  elementOf: (channel: number) => number,
): void {
  const [outputs, inputs] = shape as [number, number];
  const taps = sizeOf(shape.slice(2));
  for (let output = 0; output < outputs; output++) {
    const element = elementOf(output);
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++) {
        const weight = data[(output * inputs + input) * taps + tap]!;
        packed[(tap * 2 * inputs + input) * stride + element] = weight;
        packed[((tap * 2 + 1) * inputs + input) * stride + element] = -weight;
      }
    }
  }
}

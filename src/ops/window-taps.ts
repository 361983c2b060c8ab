// Which input element each element of a window reads, over one channel: what the kernels of Conv, AveragePool
// and MaxPool loop over.
import { gatherIndex } from '../tensor/broadcast.ts';
import { showShape, sizeOf, stridesOf } from '../tensor/tensor.ts';
import { type FanOut, fanOut } from './fan-out.ts';
import { refuse } from './op.ts';
import type { Window } from './window.ts';

/** What one kernel offset reads: output element `outputs[i]` reads input element `inputs[i]`. Padding is left out. */
export interface Tap {
  /** Row-major index of the offset in the kernel. */
  readonly offset: number;
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;
}

/** Every kernel offset with the pairs of input and output elements it connects, over one channel. */
export function tapsOf(window: Window): readonly Tap[] {
  const inputStrides = stridesOf(window.input);
  const outputStrides = stridesOf(window.output);
  const steps = inputStrides.map((stride, axis) => stride * window.strides[axis]!);
  return boxesOf(window).map(({ first, shift, counts }, offset) => {
    const sum = (of: (axis: number) => number) => first.reduce((total, _, axis) => total + of(axis), 0);
    const firstOutput = sum((axis) => first[axis]! * outputStrides[axis]!);
    const firstInput = sum(
      (axis) => (first[axis]! * window.strides[axis]! + shift[axis]!) * inputStrides[axis]!,
    );
    return {
      offset,
      inputs: gatherIndex(counts, steps, firstInput),
      outputs: gatherIndex(counts, outputStrides, firstOutput),
    };
  });
}

/** How many pairs each kernel offset connects, over one channel. */
export function tapSizes(window: Window): readonly number[] {
  return boxesOf(window).map(({ counts }) => sizeOf(counts));
}

/** For each kernel offset, along each axis: the first output whose input there is real, the shift to it, and how many are. */
function boxesOf(window: Window) {
  const kernelStrides = stridesOf(window.kernel);
  return Array.from({ length: sizeOf(window.kernel) }, (_, offset) => {
    const shift = window.kernel.map((size, axis) => {
      const k = Math.floor(offset / kernelStrides[axis]!) % size;
      return k * window.dilations[axis]! - window.padsBegin[axis]!;
    });
    const first = shift.map((by, axis) => Math.max(0, Math.ceil(-by / window.strides[axis]!)));
    const counts = shift.map((by, axis) => {
      const end = Math.floor((window.input[axis]! - 1 - by) / window.strides[axis]!) + 1;
      return Math.max(0, Math.min(window.output[axis]!, end) - first[axis]!);
    });
    return { first, shift, counts };
  });
}

/**
 * How many kernel elements of each window (row-major over the output) lie inside the input, or inside the
 * input and its padding.
 */
export function coverage(window: Window, countPadding: boolean): Float64Array {
  let counts = Float64Array.of(1);
  window.output.forEach((positions, axis) => {
    const along = coverageAlong(window, axis, countPadding);
    const wider = new Float64Array(counts.length * positions);
    for (let i = 0; i < wider.length; i++) {
      wider[i] = counts[Math.floor(i / positions)]! * along[i % positions]!;
    }
    counts = wider;
  });
  return counts;
}

/** Like `coverage`, on one spatial axis. */
function coverageAlong(window: Window, axis: number, countPadding: boolean): number[] {
  const low = countPadding ? -window.padsBegin[axis]! : 0;
  const high = window.input[axis]! + (countPadding ? window.padsEnd[axis]! : 0);
  return Array.from({ length: window.output[axis]! }, (_, position) => {
    const begin = position * window.strides[axis]! - window.padsBegin[axis]!;
    let inside = 0;
    for (let k = 0; k < window.kernel[axis]!; k++) {
      const at = begin + k * window.dilations[axis]!;
      if (at >= low && at < high) inside++;
    }
    return inside;
  });
}

/** Refuses a pooling window that lies in the padding as a whole: it would have nothing to pool. */
export function expectCovered(node: string, op: string, window: Window): void {
  const empty = window.output.some((_, axis) => reachesNothing(window, axis));
  if (empty) {
    refuse(
      node,
      `${op} expects every window to reach into the input ${showShape(window.input)}, found one in the padding only (kernel ${showShape(window.kernel)}, pads ${showShape([...window.padsBegin, ...window.padsEnd])})`,
    );
  }
}

/**
 * Whether some window along one axis lies in the padding as a whole. Decided without walking kernels or positions: both may
 * be as large as an untrusted file claims.
 */
function reachesNothing(window: Window, axis: number): boolean {
  const [size, kernel, output] = [window.input[axis]!, window.kernel[axis]!, window.output[axis]!];
  const [stride, dilation] = [window.strides[axis]!, window.dilations[axis]!];
  const reaches = (position: number) => {
    const begin = position * stride - window.padsBegin[axis]!;
    const first = Math.max(0, Math.ceil(-begin / dilation));
    return first < kernel && begin + first * dilation < size;
  };
  if (output === 0) return false;
  if (!reaches(0) || !reaches(output - 1)) return true;
  // Between these two only a dilation wider than the input steps over it, the same way again after `period` positions.
  if (dilation <= size) return false;
  const period = dilation / greatestCommonDivisor(stride, dilation);
  for (let position = 1; position < Math.min(output, period); position++) if (!reaches(position)) return true;
  return false;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The taps turned around: for every input element of a channel, the windows it is read by and at which offset. */
export interface TapFanOut extends FanOut {
  /** By pair: kernel offset. */
  readonly offsets: Int32Array;
  /** By pair: output element. */
  readonly outputs: Int32Array;
}

/** Groups all taps of a window by input element. */
export function tapFanOut(window: Window): TapFanOut {
  const taps = tapsOf(window);
  const length = taps.reduce((sum, tap) => sum + tap.inputs.length, 0);
  const [inputs, outputs, offsets] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)];
  let at = 0;
  for (const tap of taps) {
    inputs.set(tap.inputs, at);
    outputs.set(tap.outputs, at);
    offsets.fill(tap.offset, at, at + tap.inputs.length);
    at += tap.inputs.length;
  }
  return { ...fanOut(inputs, sizeOf(window.input)), offsets, outputs };
}

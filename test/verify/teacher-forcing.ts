// Each layer of the event engine fed the spikes that another engine found, whatever its own sources emit: the kernels that fire
// are let fire, compared, and their lists overwritten.
import { EventNetwork } from '../../src/engines/event/event-network.ts';
import { type KernelMemory, type Kernels, kernelsOver } from '../../src/engines/event/kernels.ts';
import { planeOf } from '../../src/engines/event/plane.ts';
import { type Network, spikingLayers } from '../../src/snn/network/network.ts';
import { type FloatTensor, type Shape, sizeOf } from '../../src/tensor/tensor.ts';

/** The kernels that emit: addresses of the lists are their last two arguments. */
const EMITTING = ['encodeF32', 'fireF32', 'fireF64'] as const;

/** Spikes of one layer and image that differ from the expected ones, and how many of the latter there are. */
export interface Comparison {
  readonly differing: number;
  readonly spikes: number;
}

/**
 * Compares every layer, given the expected spikes of its sources.
 * @param image [1, ...image]
 * @param expected -1, 0 and 1 of each layer, [T, 1, ...shape]
 */
export function compareForced(
  network: Network,
  image: FloatTensor,
  expected: ReadonlyMap<string, Int8Array>,
): ReadonlyMap<string, Comparison> {
  const shapes = new Map(spikingLayers(network).map(({ name, shape }) => [name, shape]));
  const found = new Map([...shapes.keys()].map((name) => [name, { differing: 0, spikes: 0 }]));
  const steps = new Map<string, number>();
  let layer = '';
  const kernels = (memory: KernelMemory): Kernels => {
    const own = kernelsOver(memory);
    const forced = EMITTING.map((name) => [
      name,
      (...more: number[]): number => {
        (own[name] as (...more: number[]) => number)(...more);
        const [starts, rows] = more.slice(-2) as [number, number];
        const shape = shapes.get(layer)!;
        const step = steps.get(layer) ?? 0;
        steps.set(layer, step + 1);
        const wanted = expected.get(layer)!.subarray(step * sizeOf(shape), (step + 1) * sizeOf(shape));
        const comparison = found.get(layer)!;
        comparison.differing += differences(memory, { starts, rows }, shape, wanted);
        comparison.spikes += wanted.reduce((sum, s) => sum + Math.abs(s), 0);
        return overwrite(memory, { starts, rows }, shape, wanted);
      },
    ]);
    return { ...own, ...Object.fromEntries(forced) } as Kernels;
  };
  const event = new EventNetwork(network, {
    kernels,
    entering: ({ name, kind }) => {
      if (kind !== 'linear') layer = name;
    },
  });
  event.run(image, {});
  return found;
}

interface Lists {
  readonly starts: number;
  readonly rows: number;
}

function differences(memory: KernelMemory, { starts, rows }: Lists, shape: Shape, wanted: Int8Array): number {
  const { channels, positions } = planeOf(shape, 1);
  const begins = new Int32Array(memory.buffer, starts, positions + 1);
  const list = new Int32Array(memory.buffer, rows, begins[positions]!);
  const own = new Int8Array(wanted.length);
  for (let p = 0; p < positions; p++) {
    for (let k = begins[p]!; k < begins[p + 1]!; k++) {
      const row = list[k]! - 2 * channels * p;
      own[(row % channels) * positions + p] = row < channels ? 1 : -1;
    }
  }
  return own.filter((s, i) => s !== wanted[i]).length;
}

function overwrite(memory: KernelMemory, { starts, rows }: Lists, shape: Shape, wanted: Int8Array): number {
  const { channels, positions } = planeOf(shape, 1);
  const begins = new Int32Array(memory.buffer, starts, positions + 1);
  const list = new Int32Array(memory.buffer, rows, positions * channels);
  let count = 0;
  for (let p = 0; p < positions; p++) {
    begins[p] = count;
    for (let c = 0; c < channels; c++) {
      const s = wanted[c * positions + p]!;
      if (s !== 0) list[count++] = 2 * channels * p + (s > 0 ? c : channels + c);
    }
  }
  begins[positions] = count;
  return count;
}

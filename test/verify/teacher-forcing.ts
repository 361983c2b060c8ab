// Each layer of the event engine fed the spikes that another engine found, whatever its own sources emit: the kernels that fire
// are let fire, compared, and their masks overwritten.

import { type KernelMemory, kernelsOver } from '../../src/engines/event/compiled-kernels.ts';
import { EventNetwork } from '../../src/engines/event/event-network.ts';
import type { Kernels } from '../../src/engines/event/kernels.ts';
import { eachSpike, fillMasks, masksLength } from '../../src/engines/event/masks.ts';
import { type Plane, planeOf, strideStep } from '../../src/engines/event/plane.ts';
import { type Network, spikingLayers } from '../../src/snn/network/network.ts';
import { type FloatTensor, sizeOf } from '../../src/tensor/tensor.ts';

/** The kernels that emit: the address of the masks is their last argument. */
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
      (...more: number[]): void => {
        (own[name] as (...more: number[]) => void)(...more);
        const shape = shapes.get(layer)!;
        const plane = planeOf(shape, strideStep(network));
        const masks = new Uint8Array(memory.buffer, more.at(-1)!, masksLength(plane));
        const step = steps.get(layer) ?? 0;
        steps.set(layer, step + 1);
        const wanted = expected.get(layer)!.subarray(step * sizeOf(shape), (step + 1) * sizeOf(shape));
        const comparison = found.get(layer)!;
        comparison.differing += differences(masks, plane, wanted);
        comparison.spikes += wanted.reduce((sum, s) => sum + Math.abs(s), 0);
        fillMasks(masks, wanted, plane);
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

function differences(masks: Uint8Array, plane: Plane, wanted: Int8Array): number {
  const own = new Int8Array(wanted.length);
  eachSpike(masks, plane, (position, channel, sign) => {
    own[channel * plane.positions + position] = sign;
  });
  return own.filter((s, i) => s !== wanted[i]).length;
}

// How fast the kernels of a layer add when nothing else is done: its own connections and weights over spikes that are drawn,
// as many as its sources emit, again and again. What a network leaves of that is the price of memory that other layers have
// used meanwhile, and of spikes that are not evenly spread.
import { Arena } from '../src/engines/event/arena.ts';
import { kernelMemory, kernelsOver } from '../src/engines/event/compiled-kernels.ts';
import { ConnectionFinder, type ConvConnection } from '../src/engines/event/connections.ts';
import { SLACK_BYTES } from '../src/engines/event/kernels.ts';
import { fillMasks, masksLength } from '../src/engines/event/masks.ts';
import { lengthOf, type Plane, planeOf, strideStep } from '../src/engines/event/plane.ts';
import { listTable } from '../src/engines/event/row-coding.ts';
import { rowCodings } from '../src/engines/event/row-codings.ts';
import { type Emission, SynapseBuilder } from '../src/engines/event/synapses.ts';
import { type SpikeTally, totalSpikes } from '../src/metrics/tally.ts';
import { type Network, shapesOf, spikingLayers } from '../src/snn/network/network.ts';
import { type Shape, sizeOf } from '../src/tensor/tensor.ts';
import { median } from './cases.ts';

/** Steps that are drawn, and how often they are run. */
const STEPS = 8;
const ROUNDS = 40;
/** Share of the spikes that are negative. */
const NEGATIVE = 0.2;

/**
 * Milliseconds a step.
 * @param from shape of the source, @param to of the layer, @param spikes of the source at a step
 */
export function stepTime(
  network: Network,
  connection: ConvConnection,
  from: Shape,
  to: Shape,
  spikes: number,
): number {
  const arena = new Arena(kernelMemory(1 << 20));
  const kernels = kernelsOver(arena.memory);
  const codings = rowCodings(network, new Map([[connection.source, planeOf(from, strideStep(network))]]), [
    { connection, target: planeOf(to, strideStep(network)) },
  ]);
  const builder = new SynapseBuilder(network, arena, kernels, codings);
  const plane = planeOf(to, strideStep(network));
  const synapses = builder.build(connection, plane);
  const bias = { at: 0, stride: 0 };
  const h = arena.take(4 * lengthOf(plane));
  kernels.clear(h, 4 * lengthOf(plane));
  const next = numbers();
  const source = planeOf(from, strideStep(network));
  const coding = codings.get(connection.source)!;
  const table = arena.put(listTable(coding, source));
  const emissions = Array.from({ length: STEPS }, (): Emission => {
    const masks = drawn(arena, source, spikes / sizeOf(from), next);
    const lists = [
      arena.take(4 * (source.positions + 1)),
      arena.take(4 * sizeOf(from) + SLACK_BYTES),
    ] as const;
    const { positions, stride } = source;
    kernels.listRows(
      ...([masks, positions, stride / 4, coding.perPosition(source), coding.perQuad] as const),
      ...([table, ...lists] as const),
    );
    return { masks, starts: lists[0], rows: lists[1], values: null };
  });
  const times: number[] = [];
  for (let round = -ROUNDS / 4; round < ROUNDS; round++) {
    const began = performance.now();
    for (const emission of emissions) {
      synapses.add(emission, { h, plane, elements: lengthOf(plane) }, { beta: 0.5, bias });
    }
    if (round >= 0) times.push(performance.now() - began);
  }
  return median(times) / STEPS;
}

/** Masks of one step. */
function drawn(arena: Arena, plane: Plane, rate: number, next: () => number): number {
  const { channels, positions } = plane;
  const spikes = Int8Array.from({ length: channels * positions }, () =>
    next() < rate ? (next() < NEGATIVE ? -1 : 1) : 0,
  );
  const masks = new Uint8Array(masksLength(plane));
  fillMasks(masks, spikes, plane);
  return arena.put(masks);
}

/** Numbers in [0, 1), the same at every run. */
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Channels of a layer from which on its share of the kernels' own speed is looked at. */
export const WIDE = 64;

/** Milliseconds an image that a layer's convolutions would take by themselves; null where there are none, or it is narrow. */
export function limitOf(network: Network, tally: SpikeTally, layer: Network['nodes'][number]): number | null {
  if ((layer.kind !== 'neuron' && layer.kind !== 'readout') || layer.shape[0]! < WIDE) return null;
  const { T } = network.coding;
  const shapes = shapesOf(network);
  const finder = new ConnectionFinder(network);
  const to = layer.kind === 'neuron' ? layer.potentialShape : layer.shape;
  let time = 0;
  for (const connection of layer.sources.flatMap(({ value }) => finder.into(value))) {
    const source = spikingLayers(network).find(
      (node) => 'output' in node && node.output === connection.source,
    );
    if (connection.kind !== 'conv' || connection.group !== 1 || source === undefined) continue;
    const spikes = totalSpikes(tally, source.name) / tally.images / T;
    time += T * stepTime(network, connection, shapes.get(connection.source)!, to, spikes);
  }
  return time === 0 ? null : time;
}

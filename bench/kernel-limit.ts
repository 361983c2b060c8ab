// How fast the kernels of a layer add when nothing else is done: its own connections and weights over spikes that are drawn,
// as many as its sources emit, again and again. What a network leaves of that is the price of memory that other layers have
// used meanwhile, and of spikes that are not evenly spread.
import { Arena } from '../src/engines/event/arena.ts';
import { ConnectionFinder, type ConvConnection } from '../src/engines/event/connections.ts';
import { kernelMemory, kernelsOver } from '../src/engines/event/kernels.ts';
import { lengthOf, planeOf } from '../src/engines/event/plane.ts';
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
  const builder = new SynapseBuilder(network, arena, kernels);
  const plane = planeOf(to, builder.step);
  const synapses = builder.build(connection, plane);
  const bias = { at: 0, stride: 0 };
  const h = arena.take(4 * lengthOf(plane));
  kernels.clear(h, 4 * lengthOf(plane));
  const next = numbers();
  const emissions = Array.from({ length: STEPS }, () => drawn(arena, from, spikes / sizeOf(from), next));
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

function drawn(arena: Arena, shape: Shape, rate: number, next: () => number): Emission {
  const { channels, positions } = planeOf(shape, 1);
  const rows: number[] = [];
  const starts = new Int32Array(positions + 1);
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < channels; c++) {
      if (next() < rate) rows.push(2 * channels * p + (next() < NEGATIVE ? channels + c : c));
    }
    starts[p + 1] = rows.length;
  }
  return { starts: arena.put(starts), rows: arena.put(Int32Array.from(rows)), values: null };
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

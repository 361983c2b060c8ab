// What a layer emits over its window: masks of each step, the lists that are made of them, and how often each neuron spiked.
import { type EncoderNode, type Network, type NeuronNode, spikingLayers } from '../../snn/network/network.ts';
import type { Arena } from './arena.ts';
import type { Kernels } from './kernels.ts';
import type { LayerBuilder } from './layers.ts';
import { masksLength } from './masks.ts';
import { aligned } from './membranes.ts';
import { lengthOf, type Plane } from './plane.ts';
import { listTable } from './row-coding.ts';
import type { Emission } from './synapses.ts';
import type { TraceBuilder } from './trace-builder.ts';

/** Steps that countSpikes counts at a time. */
const COUNTED_STEPS = 255;

/** How a value's spikes are listed: see Kernels.listRows. */
interface ListTable {
  readonly perPosition: number;
  readonly perQuad: number;
  readonly table: number;
}

/** Writes the trains of one network's layers. */
export class Emitter {
  private readonly network: Network;
  private readonly arena: Arena;
  private readonly kernels: Kernels;
  private readonly builder: LayerBuilder;
  /** How the spikes of each value are listed. */
  private readonly tables: ReadonlyMap<string, ListTable>;
  /** How often each neuron of a layer spiked in a run: int32, in memory order. */
  private readonly counts: ReadonlyMap<string, number>;

  constructor(network: Network, arena: Arena, kernels: Kernels, builder: LayerBuilder) {
    this.network = network;
    this.arena = arena;
    this.kernels = kernels;
    this.builder = builder;
    this.tables = new Map(
      spikingLayers(network).map(({ output, shape }) => {
        const [coding, plane] = [builder.codings.get(output)!, builder.planeOf(shape)];
        const table = arena.put(listTable(coding, plane));
        return [output, { perPosition: coding.perPosition(plane), perQuad: coding.perQuad, table }];
      }),
    );
    this.counts = new Map(
      spikingLayers(network).map(({ name, shape }) => [
        name,
        arena.take(4 * lengthOf(builder.planeOf(shape))),
      ]),
    );
  }

  /** Begins a run. */
  clear(): void {
    for (const { name, shape } of spikingLayers(this.network)) {
      this.kernels.clear(this.counts.get(name)!, 4 * lengthOf(this.builder.planeOf(shape)));
    }
  }

  /** Hands over what a run counted. */
  counted(traces: TraceBuilder): void {
    for (const { name, shape } of spikingLayers(this.network)) {
      const plane = this.builder.planeOf(shape);
      traces.counted(name, plane, this.arena.ints(this.counts.get(name)!, lengthOf(plane)));
    }
  }

  /**
   * Runs the T firing steps of a layer.
   * @param step is told the step, 1 to T, and where its masks go
   */
  emit(
    node: EncoderNode | NeuronNode,
    image: number,
    traces: TraceBuilder,
    step: (t: number, masks: number) => void,
  ): readonly Emission[] {
    const { arena, kernels } = this;
    const { T } = this.network.coding;
    const plane = this.builder.planeOf(node.shape);
    const length = masksLength(plane);
    const apart = aligned(length);
    const first = arena.take(T * apart);
    const train: Emission[] = [];
    for (let t = 0; t < T; t++) {
      const masks = first + t * apart;
      step(t + 1, masks);
      train.push({ masks, ...this.listed(node.output, plane, masks), values: null });
      traces.spiked(node.name, t, kernels.spikesOf(masks, length));
      if (traces.options.spikes === true)
        traces.train(node.name, image, t, plane, arena.octets(masks, length));
    }
    for (let t = 0; t < T; t += COUNTED_STEPS) {
      const steps = Math.min(T - t, COUNTED_STEPS);
      kernels.countSpikes(first + t * apart, length, steps, apart, this.counts.get(node.name)!);
    }
    return train;
  }

  private listed(value: string, plane: Plane, masks: number) {
    const { arena, kernels } = this;
    const { positions, channels, stride } = plane;
    const { perPosition, perQuad, table } = this.tables.get(value)!;
    const starts = arena.take(4 * (positions + 1));
    const rows = arena.reserve(4 * positions * channels);
    const count = kernels.listRows(masks, positions, stride / 4, perPosition, perQuad, table, starts, rows);
    arena.take(4 * count);
    return { starts, rows };
  }
}

// Collects what a run over several images measured, image by image, in the order of the network's shapes.
import type { WindowEnd } from '../../neurons/tsa.ts';
import { type Network, readouts, spikingLayers } from '../../snn/network/network.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import type { LayerTrace, RunOptions, Trace } from '../engine.ts';
import { eachSpike } from './masks.ts';
import { fromMemory, type Plane } from './plane.ts';

/** The trace of one layer while it is filled. */
interface Filling {
  readonly perStep: Float64Array;
  readonly perNeuron: Float64Array;
  readonly spikes: Int8Array | null;
  decoded: Float32Array | null;
  residual: Float32Array | null;
  membranes: number[] | null;
}

/** The trace of a batch in the making. */
export class TraceBuilder {
  readonly options: RunOptions;
  private readonly images: number;
  private readonly layers: ReadonlyMap<string, Filling>;
  private readonly logits: ReadonlyMap<string, Float32Array>;

  constructor(network: Network, images: number, options: RunOptions) {
    const { T } = network.coding;
    this.images = images;
    this.options = options;
    this.layers = new Map(
      spikingLayers(network).map(({ name, shape }): [string, Filling] => {
        const size = sizeOf(shape);
        return [
          name,
          {
            perStep: new Float64Array(T),
            perNeuron: new Float64Array(size),
            spikes: options.spikes === true ? new Int8Array(T * images * size) : null,
            decoded: null,
            residual: null,
            membranes: null,
          },
        ];
      }),
    );
    this.logits = new Map(
      readouts(network).map(({ name, shape }) => [name, new Float32Array(T * images * sizeOf(shape))]),
    );
  }

  /** How many neurons of a layer spiked at a step of one image, from 0. */
  spiked(layer: string, t: number, count: number): void {
    this.layers.get(layer)!.perStep[t]! += count;
  }

  /** The spikes themselves of one step of one layer and image. */
  train(layer: string, image: number, t: number, plane: Plane, masks: Uint8Array): void {
    const size = plane.channels * plane.positions;
    const train = this.layers.get(layer)!.spikes!.subarray((t * this.images + image) * size);
    eachSpike(masks, plane, (position, channel, sign) => {
      train[channel * plane.positions + position] = sign;
    });
  }

  /**
   * How often each neuron of a layer spiked in all images.
   * @param counts in memory order
   */
  counted(layer: string, plane: Plane, counts: Int32Array): void {
    fromMemory(plane, counts, this.layers.get(layer)!.perNeuron);
  }

  /** The end of a layer's window of one image. */
  state(layer: string, image: number, end: WindowEnd, membranes: readonly number[]): void {
    const filling = this.layers.get(layer)!;
    const size = end.decoded.length;
    filling.decoded ??= new Float32Array(this.images * size);
    filling.residual ??= new Float32Array(this.images * size);
    filling.decoded.set(end.decoded, image * size);
    filling.residual.set(end.residual, image * size);
    filling.membranes = membranes.map((largest, k) => Math.max(largest, filling.membranes?.[k] ?? 0));
  }

  /** What a readout holds after step t, from 0. */
  answer(readout: string, image: number, t: number, logits: ArrayLike<number>): void {
    this.logits.get(readout)!.set(logits, (t * this.images + image) * logits.length);
  }

  trace(): Trace {
    const layers = [...this.layers].map(([name, filling]): [string, LayerTrace] => {
      const { perStep, perNeuron, spikes, decoded, residual, membranes } = filling;
      return [
        name,
        {
          perStep,
          perNeuron,
          ...(spikes === null ? {} : { spikes }),
          ...(decoded === null || residual === null ? {} : { decoded, residual }),
          ...(membranes === null || membranes.length === 0 ? {} : { membranes }),
        },
      ];
    });
    return { images: this.images, logits: this.logits, layers: new Map(layers) };
  }
}

// The dense engine: the network as an ONNX model, time folded into the batch, run by ONNX Runtime.
import { windowEnd } from '../../neurons/tsa.ts';
import { openSession, type Session } from '../../runtime/session.ts';
import { type Network, neuronLayers, readouts, spikingLayers } from '../../snn/network.ts';
import { tsaParameters } from '../../snn/population.ts';
import { networkToOnnx, outputNames, type SnnOnnxOptions } from '../../snn/to-onnx.ts';
import { type FloatTensor, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { defineEngine, type LayerTrace, type RunOptions, type Trace } from '../engine.ts';

/** Bytes of the largest layer's spike train per batch: what still fits a core's caches best (measured). */
const WINDOW_BYTES = 2 * 2 ** 20;

/** Runs the spiking ONNX model, one thread, whole windows at once. */
export const dense = defineEngine({
  name: 'dense',
  summary: 'the network as an ONNX model with time in the batch axis, run by ONNX Runtime',
  batch(network) {
    const largest = Math.max(...spikingLayers(network).map((node) => sizeOf(node.shape)));
    return Math.max(1, Math.min(64, Math.floor(WINDOW_BYTES / (4 * largest * network.coding.T))));
  },
  async compile(network) {
    const sessions = new Map<string, Promise<Session>>();
    const sessionFor = (options: SnnOnnxOptions) => {
      const key = JSON.stringify(options);
      const known = sessions.get(key);
      if (known !== undefined) return known;
      const opened = openSession(networkToOnnx(network, options), { where: 'spiking network' });
      sessions.set(key, opened);
      return opened;
    };
    return {
      async run(images, options = {}) {
        const session = await sessionFor({
          spikes: options.spikes === true,
          states: options.states === true,
        });
        const feeds = new Map([[session.inputNames[0]!, images]]);
        return traceOf(network, images, await session.run(feeds), options);
      },
      async release() {
        for (const session of sessions.values()) await (await session).release();
        sessions.clear();
      },
    };
  },
});

function traceOf(
  network: Network,
  images: FloatTensor,
  outputs: ReadonlyMap<string, Tensor>,
  options: RunOptions,
): Trace {
  const floats = (name: string) => outputs.get(name)!.data as Float32Array;
  const states = options.states ? statesOf(network, images.shape[0]!, floats) : undefined;
  return {
    images: images.shape[0]!,
    logits: new Map(readouts(network).map((node) => [node.name, floats(outputNames.logits(node.name))])),
    layers: new Map(
      spikingLayers(network).map((node): [string, LayerTrace] => [
        node.name,
        {
          perStep: Float64Array.from(floats(outputNames.perStep(node.name))),
          perNeuron: Float64Array.from(floats(outputNames.perNeuron(node.name))),
          ...(options.spikes ? { spikes: Int8Array.from(floats(outputNames.spikes(node.name))) } : {}),
          ...states?.get(node.name),
        },
      ]),
    ),
  };
}

/** Decoded outputs and residuals from the final h and g of every population. */
function statesOf(network: Network, images: number, floats: (name: string) => Float32Array) {
  return new Map(
    neuronLayers(network).map((node) => {
      const scale = network.coding.beta ** (network.coding.T + node.Ts);
      const h = floats(outputNames.potential(node.name)).map((value) => value * scale);
      const g = floats(outputNames.emitted(node.name)).map((value) => value * scale);
      return [node.name, windowEnd(tsaParameters(network, node, images), h, g)] as const;
    }),
  );
}

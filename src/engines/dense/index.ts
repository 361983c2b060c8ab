// The dense engine: the network as an ONNX model, time folded into the batch, run by ONNX Runtime.
import type { Potentials } from '../../neurons/neuron.ts';
import { biasShare, productOf, windowEnd } from '../../neurons/tsa.ts';
import { membraneSum } from '../../neurons/tsa-integer.ts';
import { feedsOf } from '../../runtime/activations.ts';
import { openSession, type Session } from '../../runtime/session.ts';
import { type Network, neuronLayers, readouts, spikingLayers } from '../../snn/network/network.ts';
import { membraneSumOf, tsaParameters } from '../../snn/network/population.ts';
import { networkToOnnx, outputNames, type SnnOnnxOptions } from '../../snn/onnx/to-onnx.ts';
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
    // Membranes of an integer network are float64.
    const bytes = network.arithmetic === 'integer' ? 8 : 4;
    return Math.max(1, Math.min(64, Math.floor(WINDOW_BYTES / (bytes * largest * network.coding.T))));
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
        return traceOf(network, images, await session.run(feedsOf(session, images)), options);
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

/** Decoded outputs, residuals and the largest membranes from the final h and g of every population. */
function statesOf(network: Network, images: number, potentials: (name: string) => Potentials) {
  return new Map(
    neuronLayers(network).map((node) => {
      const { T, beta } = network.coding;
      const atEnd = (values: Potentials) =>
        values.map((value) => value * beta ** (T + node.Ts)) as Potentials;
      const h = node.sources.map((_, k) => atEnd(potentials(outputNames.potential(node.name, k))));
      const g = atEnd(potentials(outputNames.emitted(node.name)));
      const parameters = tsaParameters(network, node, images);
      if (network.arithmetic === 'float32') {
        const [first, second] = h as readonly Float32Array[];
        const potential = node.product === true ? productOf(first!, second!, beta ** node.Ts) : first!;
        return [node.name, windowEnd(parameters, potential, g)] as const;
      }
      const u = new Float64Array(h[0]!.length);
      const sums = membraneSumOf(network, node, images);
      membraneSum(u, sums, h as Float64Array[], biasShare(T + node.Ts, T, beta));
      const membranes = node.sources.map(({ aheadSteps = 0 }, k) => {
        const largest = potentials(outputNames.largest(node.name, k));
        return Math.max(...Array.from(largest, (value, i) => value * beta ** (node.Ts + 1 + i + aheadSteps)));
      });
      return [node.name, { ...windowEnd(parameters, u, g), membranes }] as const;
    }),
  );
}

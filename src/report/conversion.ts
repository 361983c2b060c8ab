// What `convert` says of the network it made.
import { latencyOf } from '../metrics/latency.ts';
import { type Network, neuronLayers } from '../snn/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { inputLine } from './input-line.ts';

/** The new network in a few numbers. */
export interface ConversionSummary {
  readonly file: string;
  readonly model: string;
  readonly coding: Network['coding'];
  readonly amplitudes: string;
  readonly preprocessing: Network['preprocessing'];
  readonly layers: number;
  readonly neurons: number;
  readonly latency: ReturnType<typeof latencyOf>;
  /** Layers made only to turn currents back into spikes. */
  readonly respiked: readonly string[];
}

export function conversionSummary(network: Network, file: string): ConversionSummary {
  const layers = neuronLayers(network);
  return {
    file,
    model: network.provenance.model.file,
    coding: network.coding,
    amplitudes: network.provenance.amplitudes,
    preprocessing: network.preprocessing,
    layers: layers.length,
    neurons: layers.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    latency: latencyOf(network),
    respiked: layers.filter((node) => node.annValue !== node.name).map((node) => node.annValue),
  };
}

export function conversionText(summary: ConversionSummary): string {
  const { coding, latency, respiked } = summary;
  return [
    `${summary.file}: ${summary.model} as ${summary.neurons} TSA neurons in ${summary.layers} layers`,
    `${coding.name} coding: T ${coding.T}, beta ${coding.beta}, Ts ${coding.Ts}, phi ${Number(coding.phi.toPrecision(4))}; amplitudes: ${summary.amplitudes}`,
    `input: ${inputLine(summary.preprocessing)}`,
    `latency ${latency.steps} steps through ${latency.tsaLayers} TSA layers on the longest path, a new image every ${latency.interval}`,
    ...(respiked.length === 0
      ? []
      : [
          `re-spiked: ${respiked.length} tensors that would feed currents to a weighted map (${respiked.join(', ')})`,
        ]),
  ].join('\n');
}

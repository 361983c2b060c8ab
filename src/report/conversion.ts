// What `convert` says of the network it made.
import { latencyOf } from '../metrics/latency.ts';
import { type Network, neuronLayers } from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import type { SilentSearch } from '../tuning/silent-periods.ts';
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
  readonly arithmetic: Network['arithmetic'];
  readonly whyFloat: string | null;
  /** Bits that the levels of the quantizers take; null for a model without. */
  readonly bits: number | null;
  /** What the search for silent periods found, with the period of every layer; null where they were given. */
  readonly silentSearch:
    | (Omit<SilentSearch, 'layers'> & { readonly layers: Readonly<Record<string, number>> })
    | null;
}

export function conversionSummary(
  network: Network,
  file: string,
  found: { readonly bits?: number | null; readonly search?: SilentSearch | null } = {},
): ConversionSummary {
  const { bits = null, search = null } = found;
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
    arithmetic: network.arithmetic,
    whyFloat: network.whyFloat,
    bits,
    silentSearch: search && {
      ...search,
      layers: Object.fromEntries(layers.map(({ name, Ts }) => [name, Ts])),
    },
  };
}

function arithmeticLine({ arithmetic, whyFloat }: ConversionSummary): string {
  return arithmetic === 'integer'
    ? 'arithmetic: integer weights and currents, exact membranes'
    : `arithmetic: float32 (${whyFloat})`;
}

/** Whether the steps are as many as the quantizers' levels need. */
function stepsLines({ coding: { T, beta }, bits }: ConversionSummary): string[] {
  if (bits === null || T === bits || beta !== 2) return [];
  return T < bits
    ? [
        `steps: ${T}, fewer than the quantizers' ${bits} bits: spikes carry coarser values than the quantizers`,
      ]
    : [`steps: ${T}, more than the layers' ${bits} bits: codes end where the quantizers do`];
}

function searchLines({ silentSearch: found, coding }: ConversionSummary): string[] {
  if (found === null) return [];
  const { layers, images, integers, differing, latency, uniform, exactLatency } = found;
  return [
    `silent periods: ${Object.values(layers).join(' ')}; ${differing} of ${integers} integers of ${images} images differ from the quantized ANN's`,
    `latency: ${latency} steps; ${uniform.latency} with the longest of them, ${uniform.Ts}, in every layer, ${exactLatency} with ${coding.T - 1}`,
  ];
}

export function conversionText(summary: ConversionSummary): string {
  const { coding, latency, respiked } = summary;
  return [
    `${summary.file}: ${summary.model} as ${summary.neurons} TSA neurons in ${summary.layers} layers`,
    `${coding.name} coding: T ${coding.T}, beta ${coding.beta}, Ts ${coding.Ts}, phi ${Number(coding.phi.toPrecision(4))}; amplitudes: ${summary.amplitudes}`,
    `input: ${inputLine(summary.preprocessing)}`,
    arithmeticLine(summary),
    ...stepsLines(summary),
    `latency ${latency.steps} steps through ${latency.tsaLayers} TSA layers on the longest path, a new image every ${latency.interval}`,
    ...searchLines(summary),
    ...(respiked.length === 0
      ? []
      : [
          `re-spiked: ${respiked.length} tensors that would feed currents to a weighted map (${respiked.join(', ')})`,
        ]),
  ].join('\n');
}

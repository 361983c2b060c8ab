// What `convert` says of the network it made.
import { latencyOf } from '../metrics/latency.ts';
import { snnProducts } from '../metrics/operations.ts';
import { neuronNamed } from '../neurons/index.ts';
import { fedByCurrents } from '../snn/network/currents.ts';
import {
  mostAhead,
  type Network,
  type NeuronNode,
  neuronLayers,
  reEncoders,
} from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import type { Adjustment } from '../tuning/adjust-amplitudes.ts';
import type { SilentSearch } from '../tuning/silent-periods.ts';
import { inputLineWithRemark, scaleNote } from './input-line.ts';
import { count, figure, plural } from './table.ts';

/** The new network in a few numbers. */
export interface ConversionSummary {
  readonly file: string;
  readonly model: string;
  readonly coding: Network['coding'];
  readonly amplitudes: string;
  readonly preprocessing: Network['preprocessing'];
  /** Of 8-bit calibration images that are divided by 255 because no scale was given; null otherwise. */
  readonly largestPixel: number | null;
  readonly layers: number;
  readonly neurons: number;
  readonly latency: ReturnType<typeof latencyOf>;
  /** Layers made only to turn currents back into spikes. */
  readonly respiked: readonly string[];
  /** What is no map of spikes: neurons that multiply two potentials, nodes computed on decoded values and values that are encoded anew, weights that currents feed, and all products of an image. */
  readonly analog: {
    readonly products: readonly string[];
    readonly decoded: readonly string[];
    readonly reEncoded: readonly string[];
    /** Elements of `reEncoded`, each a membrane that spikes, besides `neurons`. */
    readonly reEncoders: number;
    readonly fedByCurrents: readonly string[];
    readonly macs: number;
  };
  /** Layers of functions that this silent period is short for, and why. */
  readonly cautions: readonly string[];
  readonly arithmetic: Network['arithmetic'];
  readonly whyFloat: string | null;
  /** Bits that the levels of the quantizers take; null for a model without. */
  readonly bits: number | null;
  /** Layers that forecast, and layers with a source that runs ahead, by up to so many steps; null where there are none. */
  readonly lookAhead: {
    readonly forecasting: number;
    readonly ahead: number;
    readonly longestSteps: number;
  } | null;
  /** What the search for silent periods found, with the period of every layer; null where they were given. */
  readonly silentSearch:
    | (Omit<SilentSearch, 'layers'> & { readonly layers: Readonly<Record<string, number>> })
    | null;
  /** What `--adjust` did, with the factor of every amplitude that changed; null without it. */
  readonly adjustment:
    | (Omit<Adjustment, 'scales'> & { readonly scales: Readonly<Record<string, number>> })
    | null;
}

export function conversionSummary(
  network: Network,
  file: string,
  found: {
    readonly bits?: number | null;
    readonly search?: SilentSearch | null;
    readonly adjustment?: Adjustment | null;
    readonly largestPixel?: number | null;
  } = {},
): ConversionSummary {
  const { bits = null, search = null, adjustment = null, largestPixel = null } = found;
  const layers = neuronLayers(network);
  const encoders = reEncoders(network);
  return {
    file,
    model: network.provenance.model.file,
    coding: network.coding,
    amplitudes: network.provenance.amplitudes,
    preprocessing: network.preprocessing,
    largestPixel,
    layers: layers.length,
    neurons: layers.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    latency: latencyOf(network),
    respiked: layers.filter((node) => node.annValue !== node.name).map((node) => node.annValue),
    analog: {
      products: layers.flatMap((node) => (node.product === true ? [node.name] : [])),
      reEncoded: encoders.map(({ name }) => name),
      reEncoders: encoders.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      decoded: network.nodes.flatMap((node) => (node.kind === 'analog' ? [node.name] : [])),
      fedByCurrents: [...fedByCurrents(network)].map(({ name }) => name),
      macs: snnProducts(network).fanOut,
    },
    cautions: layers.flatMap((node) => cautionOf(network, node) ?? []),
    arithmetic: network.arithmetic,
    whyFloat: network.whyFloat,
    bits,
    lookAhead: lookAheadOf(layers),
    silentSearch: search && {
      ...search,
      layers: Object.fromEntries(layers.map(({ name, Ts }) => [name, Ts])),
    },
    adjustment: adjustment && { ...adjustment, scales: Object.fromEntries(adjustment.scales) },
  };
}

function lookAheadOf(layers: readonly NeuronNode[]): ConversionSummary['lookAhead'] {
  const forecasting = layers.filter(({ forecast }) => forecast !== undefined).length;
  const steps = layers.map(mostAhead).filter((ahead) => ahead > 0);
  if (forecasting + steps.length === 0) return null;
  return { forecasting, ahead: steps.length, longestSteps: Math.max(0, ...steps) };
}

/** Steps of silence from which on no function needs a warning (docs/neurons.md). */
const LONG_SILENCE = 3;

/** What to say of a layer whose function loses much under a short silent period; quantized ones are searched for. */
function cautionOf(network: Network, node: NeuronNode): string | undefined {
  if (node.Ts >= LONG_SILENCE || network.arithmetic === 'integer') return undefined;
  const values = Object.entries(node.parameters ?? {}).map(
    ([name, constant]) => [name, [...network.constants.get(constant)!.data]] as const,
  );
  const caution = neuronNamed(node.neuron).caution?.(Object.fromEntries(values));
  return caution === undefined ? undefined : `"${node.name}" (${node.neuron}, Ts ${node.Ts}): ${caution}`;
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

function lookAheadLines({ lookAhead }: ConversionSummary): string[] {
  if (lookAhead === null) return [];
  const { forecasting, ahead, longestSteps } = lookAhead;
  const early =
    ahead === 0
      ? ''
      : `, ${plural(ahead, 'layer')} with a source up to ${plural(longestSteps, 'step')} ahead`;
  return [`looking ahead: ${plural(forecasting, 'layer')} with a forecast${early}`];
}

function searchLines({ silentSearch: found, coding }: ConversionSummary): string[] {
  if (found === null) return [];
  const { layers, images, integers, differing, latency, uniform, exactLatency } = found;
  return [
    `silent periods: ${Object.values(layers).join(' ')}; ${differing} of ${integers} integers of ${plural(images, 'image')} differ from the quantized ANN's`,
    `latency: ${latency} steps; ${uniform.latency} with the longest of them, ${uniform.Ts}, in every layer, ${exactLatency} with ${coding.T - 1}`,
  ];
}

function adjustmentLines({ adjustment }: ConversionSummary): string[] {
  if (adjustment === null) return [];
  if (adjustment.rounds.length === 0) return ['adjusted: nothing, all layers keep up'];
  const { rounds, kept, images } = adjustment;
  return [
    ...rounds.map(
      ({ layers, before, after }, i) =>
        `adjusted, round ${i + 1}: ${plural(layers, 'layer')}; largest residual ${figure(before)} theta before, ${figure(after)} after (${plural(images, 'image')})`,
    ),
    kept === 0
      ? 'adjusted: no round is better, amplitudes stay as measured'
      : `adjusted: round ${kept} is kept${kept < rounds.length ? ', later ones are no better' : ''}`,
  ];
}

function analogLines({ analog, coding }: ConversionSummary): string[] {
  const { products, decoded, reEncoded, reEncoders: elements, fedByCurrents: fed, macs } = analog;
  if (products.length + decoded.length + fed.length === 0) return [];
  return [
    ...(products.length === 0
      ? []
      : [
          `multiplying potentials at each firing step: ${plural(products.length, 'layer')} (${products.join(', ')})`,
        ]),
    ...(decoded.length === 0
      ? []
      : [
          `on decoded values, each ${coding.T} steps later: ${plural(decoded.length, 'node')} (${decoded.join(', ')})`,
        ]),
    ...(reEncoded.length === 0
      ? []
      : [
          `encoded anew behind them: ${elements} elements of ${reEncoded.length} values (${reEncoded.join(', ')})`,
        ]),
    ...(fed.length === 0
      ? []
      : [
          `multiplying currents, ${coding.T} times their MACs: ${plural(fed.length, 'map')} (${fed.join(', ')})`,
        ]),
    `not spiking: ${count(macs)} MAC per image`,
  ];
}

export function conversionText(summary: ConversionSummary): string {
  const { cautions, coding, latency, respiked } = summary;
  return [
    `${summary.file}: ${summary.model} as ${summary.neurons} TSA neurons in ${plural(summary.layers, 'layer')}`,
    `${coding.name} coding: T ${coding.T}, beta ${coding.beta}, Ts ${coding.Ts}, phi ${Number(coding.phi.toPrecision(4))}; amplitudes: ${summary.amplitudes}`,
    `input: ${inputLineWithRemark(summary.preprocessing)}`,
    ...scaleNote(summary.largestPixel, summary.preprocessing),
    arithmeticLine(summary),
    ...stepsLines(summary),
    `latency ${latency.steps} steps through ${plural(latency.tsaLayers, 'TSA layer')} on the longest path, a new image every ${latency.interval}`,
    ...adjustmentLines(summary),
    ...lookAheadLines(summary),
    ...searchLines(summary),
    ...analogLines(summary),
    ...cautions.map((caution) => `caution: ${caution}`),
    ...(respiked.length === 0
      ? []
      : [
          `re-spiked: ${plural(respiked.length, 'tensor')} that would feed currents to a weighted map (${respiked.join(', ')})`,
        ]),
  ].join('\n');
}

// One point of the search: everything that a network is converted with. Settings are readonly; moves build new ones.
import { type Unit, unitProduct } from '../ops/unit.ts';
import type { LayerOverrides } from '../snn/conversion/check-conversion.ts';
import type { Coding } from '../snn/network/coding.ts';
import type { BiasShifts } from '../snn/plan/shift-biases.ts';

export interface Setting {
  readonly coding: Coding;
  /** Percentile of |activation| that a code reaches before `scales`. */
  readonly percentile: number;
  /** Factors of the measured amplitudes, by layer: one number or one for each channel. */
  readonly scales: ReadonlyMap<string, Unit>;
  /** Silent periods and thresholds other than the coding's. */
  readonly layers: ReadonlyMap<string, LayerOverrides>;
  readonly biases: BiasShifts;
}

/** A coding with amplitudes as they are measured. */
export function plainSetting(coding: Coding, percentile: number): Setting {
  return { coding, percentile, scales: new Map(), layers: new Map(), biases: new Map() };
}

/** The setting with the amplitudes of these layers multiplied. */
export function withScales(setting: Setting, factors: ReadonlyMap<string, Unit>): Setting {
  const scales = new Map(setting.scales);
  for (const [layer, factor] of factors) scales.set(layer, unitProduct(scales.get(layer) ?? 1, factor));
  return { ...setting, scales };
}

/** The setting with parameters of one layer replaced. */
export function withLayer(setting: Setting, layer: string, overrides: LayerOverrides): Setting {
  const layers = new Map(setting.layers);
  return { ...setting, layers: layers.set(layer, { ...layers.get(layer), ...overrides }) };
}

/** Equal for equal settings, whatever order their layers were changed in. */
export function keyOf({ coding, percentile, scales, layers, biases }: Setting): string {
  const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([coding, percentile, sorted(scales), sorted(layers), sorted(biases)]);
}

/** In a line: "T 6, beta 2, Ts 0 to 2, phi 0.667, percentile 99.99, amplitudes x 0.707 to 4". */
export function describeSetting({ coding, percentile, scales, layers, biases }: Setting): string {
  const overrides = [...layers.values()];
  const silent = range([coding.Ts, ...overrides.flatMap(({ Ts }) => Ts ?? [])]);
  const phi = range([coding.phi, ...overrides.flatMap((layer) => layer.phi ?? [])]);
  const factors = [...scales.values()].flat();
  return [
    `T ${coding.T}, beta ${coding.beta}, Ts ${silent}, phi ${phi}, percentile ${percentile}`,
    ...(factors.some((factor) => factor !== 1) ? [`amplitudes x ${range(factors)}`] : []),
    ...(biases.size > 0 ? ['biases corrected'] : []),
  ].join(', ');
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => Number(value.toPrecision(3)));
  return low === high ? `${low}` : `${low} to ${high}`;
}

// Amplitudes from the quantizers themselves (SWS Eq. 11, 12 with spikes that carry q - Z): no calibration is needed.
import { kappa } from '../encoders/kappa.ts';
import type { Unit } from '../ops/unit.ts';
import type { Grid } from '../tensor/grid.ts';
import type { Amplitudes } from './check-conversion.ts';
import type { SpikingPlan } from './plan.ts';

/**
 * The amplitude that lets T spikes reach both ends of a grid: the quantizer's own step C where K covers its levels, else
 * C n_levels / K. Then spikes carry q - Z itself, or a coarser code of it.
 */
export function quantizedAmplitude(
  { scale, low, high }: Grid,
  coding: { readonly T: number; readonly beta: number },
): Unit {
  const levels = Math.max(high, -low);
  const stretch = Math.max(1, levels / kappa(coding.T, coding.beta));
  return scale.length === 1 ? scale[0]! * stretch : scale.map((step) => step * stretch);
}

/** The amplitude of every spiking tensor that has a quantizer, by layer. */
export function quantizedAmplitudes(
  plan: SpikingPlan,
  coding: { readonly T: number; readonly beta: number },
): Amplitudes {
  const grids: (readonly [string, Grid | undefined])[] = [
    [plan.input, plan.inputQuantizer],
    ...plan.nodes.flatMap((node) => (node.kind === 'neuron' ? [[node.output, node.quantizer] as const] : [])),
  ];
  return new Map(
    grids.flatMap(([layer, grid]) =>
      grid === undefined ? [] : [[layer, quantizedAmplitude(grid, coding)] as const],
    ),
  );
}

/** Bits that the levels of the widest grid take, sign apart: the T at which beta = 2 carries every integer; null without one. */
export function bitsOf(plan: SpikingPlan): number | null {
  const grids = [
    plan.inputQuantizer,
    ...plan.nodes.map((node) => (node.kind === 'neuron' ? node.quantizer : undefined)),
  ].filter((grid) => grid !== undefined);
  if (grids.length === 0) return null;
  const levels = Math.max(...grids.map(({ low, high }) => Math.max(high, -low)));
  return Math.ceil(Math.log2(levels + 1));
}

// Amplitudes from the quantizers themselves (SWS Eq. 11, 12 with spikes that carry q - Z): no calibration is needed.
import { kappa } from '../../encoders/kappa.ts';
import type { Unit } from '../../ops/unit.ts';
import type { Grid } from '../../tensor/grid.ts';
import type { SpikingPlan } from '../plan/planned.ts';
import type { Amplitudes } from './check-conversion.ts';

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
  return new Map(
    plan.nodes.flatMap((node) => {
      if ((node.kind !== 'neuron' && node.kind !== 'encoder') || node.quantizer === undefined) return [];
      const layer = node.kind === 'neuron' ? node.output : node.name;
      return [[layer, quantizedAmplitude(node.quantizer, coding)] as const];
    }),
  );
}

/**
 * Bits that the levels of the layers' widest grid take, sign apart: the T at which beta = 2 carries every integer. The
 * input may have more (coding-for.ts). Null without a quantized layer.
 */
export function bitsOf(plan: SpikingPlan): number | null {
  const grids = plan.nodes.flatMap((node) => (node.kind === 'neuron' ? (node.quantizer ?? []) : []));
  return grids.length === 0 ? null : Math.max(...grids.map(bitsOfGrid));
}

/** Bits that the levels of a grid take, sign apart. */
export function bitsOfGrid({ low, high }: Grid): number {
  return Math.ceil(Math.log2(Math.max(high, -low) + 1));
}

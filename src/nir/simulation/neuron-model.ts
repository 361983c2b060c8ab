// NIR's neurons over one step of length dt: what their differential equations come to, and when they fire.
import type { NirNodeOf, NirPrimitive } from '../graph.ts';

/**
 * How tau dv/dt = (v_leak - v) + R I becomes a step, with I constant within it:
 * - `euler`: v += dt/tau ((v_leak - v) + R I), as snnTorch, SpikingJelly and Norse step
 * - `exponential`: v += (1 - exp(-dt/tau)) ((v_leak - v) + R I), the equation's own solution
 * Where there is no leak, dv/dt = R I, both are v += dt R I.
 */
export const DISCRETISATIONS = ['euler', 'exponential'] as const;
export type Discretisation = (typeof DISCRETISATIONS)[number];

/**
 * What becomes of v where it fires:
 * - `zero`: v = v_reset, as NIR has it; what is above the threshold is forgotten
 * - `subtract`: v -= v_threshold - v_reset, as many networks are trained, which a NIR file cannot say
 */
export const RESETS = ['zero', 'subtract'] as const;
export type Reset = (typeof RESETS)[number];

/** The length of a step, in the unit of the file's tau (seconds by NIR's convention), and the rules. */
export interface TimeStep {
  readonly dt: number;
  readonly discretisation: Discretisation;
  readonly reset: Reset;
}

/** Kinds with a membrane. */
export type StatefulKind = 'I' | 'LI' | 'IF' | 'LIF';
export type StatefulNode = NirNodeOf<StatefulKind>;

export function isStateful(node: NirPrimitive): node is StatefulNode {
  return node.type === 'I' || node.type === 'LI' || node.type === 'IF' || node.type === 'LIF';
}

/** Whether what comes out is 0 or 1. */
export function fires(node: NirPrimitive): node is NirNodeOf<'IF' | 'LIF' | 'Threshold'> {
  return node.type === 'IF' || node.type === 'LIF' || node.type === 'Threshold';
}

/** Advances a membrane `v` by one step of current `input` and writes what comes out: spikes, or v where nothing fires. */
export type MembraneStep = (v: Float32Array, input: Float32Array, out: Float32Array) => void;

const { fround } = Math;

/**
 * The step of a population. float32 after every operation, in the order v + gain * ((v_leak - v) + r * I). It fires where
 * v > v_threshold, strictly, in the step that v gets there, and v is reset in the same step.
 */
export function membraneStep(node: StatefulNode, { dt, discretisation, reset }: TimeStep): MembraneStep {
  const r = Float32Array.from(node.r.data);
  const gain =
    'tau' in node
      ? Float32Array.from(node.tau.data, (tau) =>
          discretisation === 'euler' ? dt / tau : -Math.expm1(-dt / tau),
        )
      : null;
  const leak = 'v_leak' in node ? Float32Array.from(node.v_leak.data) : null;
  // Without a leak dt and R are one factor.
  const whole = r.map((value, i) => dt * (node.r.data[i] ?? value));
  const integrate = (v: Float32Array, input: Float32Array) => {
    if (gain === null || leak === null) {
      for (let i = 0; i < v.length; i++) v[i] = v[i]! + fround(whole[i]! * input[i]!);
      return;
    }
    for (let i = 0; i < v.length; i++) {
      const driven = fround(fround(leak[i]! - v[i]!) + fround(r[i]! * input[i]!));
      v[i] = v[i]! + fround(gain[i]! * driven);
    }
  };
  if (!fires(node)) {
    return (v, input, out) => {
      integrate(v, input);
      out.set(v);
    };
  }
  const threshold = Float32Array.from(node.v_threshold.data);
  const resting =
    node.v_reset === undefined ? new Float32Array(threshold.length) : Float32Array.from(node.v_reset.data);
  const drop = threshold.map((theta, i) => theta - resting[i]!);
  return (v, input, out) => {
    integrate(v, input);
    for (let i = 0; i < v.length; i++) {
      const spike = v[i]! > threshold[i]!;
      out[i] = spike ? 1 : 0;
      if (spike) v[i] = reset === 'zero' ? resting[i]! : v[i]! - drop[i]!;
    }
  };
}

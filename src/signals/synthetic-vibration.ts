// A machine's vibration, made: something to encode where there is no measurement.
import { noise } from '../tensor/noise.ts';
import type { Signal } from './signal.ts';

export interface VibrationOptions {
  /** Samples. Default: 3000, a quarter of a second at 12 kHz. */
  readonly time?: number;
  /** Default: 1. */
  readonly seed?: number;
}

const SAMPLING_HZ = 12_000;
const SHAFT_HZ = 30;
const MESH_HZ = 420;
const FAULT_HZ = 107;
const RESONANCE_HZ = 2_800;
const RING_SECONDS = 0.003;
const HISS = 0.1;

/**
 * Acceleration of a bearing housing, within about -1 to 1: a shaft at 30 Hz with two harmonics, a gear mesh that the shaft
 * modulates, a fault of the bearing that rings a resonance at every hit, and noise. Phases, the time of the first hit and
 * noise come from the seed.
 */
export function syntheticVibration({ time = 3000, seed = 1 }: VibrationOptions = {}): Signal {
  const phases = noise([6], Math.PI, seed).data;
  const hiss = noise([time], HISS, seed + 1).data;
  const firstHit = (phases[5]! / Math.PI + 1) / 2 / FAULT_HZ;
  const values = Float64Array.from({ length: time }, (_, t) => {
    const seconds = t / SAMPLING_HZ;
    const wave = (hz: number, phase: number) => Math.sin(2 * Math.PI * hz * seconds + phases[phase]!);
    const shaft = 0.3 * wave(SHAFT_HZ, 0) + 0.15 * wave(2 * SHAFT_HZ, 1) + 0.06 * wave(3 * SHAFT_HZ, 2);
    const mesh = 0.15 * (1 + 0.5 * wave(SHAFT_HZ, 3)) * wave(MESH_HZ, 4);
    const sinceHit = (seconds + firstHit) % (1 / FAULT_HZ);
    const ring = 0.35 * Math.exp(-sinceHit / RING_SECONDS) * Math.sin(2 * Math.PI * RESONANCE_HZ * sinceHit);
    return shaft + mesh + ring + hiss[t]!;
  });
  return { features: [{ name: 'acceleration', values }], time, flat: true };
}

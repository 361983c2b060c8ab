// Input encoders against the errors that theory and measurement give them.
import { describe, expect, it } from 'vitest';
import type { SpikingEncoder } from '../../src/encoders/encoder.ts';
import { encoderNamed, encoders } from '../../src/encoders/index.ts';
import { kappa } from '../../src/encoders/kappa.ts';
import { DirectInput, SpikeEncoder } from '../../src/encoders/spike-encoder.ts';
import { relativeRms, uniform } from '../snn/tiny.ts';

const PAPER = { T: 12, beta: 1.5 };
const BINARY = { T: 8, beta: 2 };

/** theta * sum of beta^(T-t) s[t] for each value. */
function decoded(name: string, coding: typeof PAPER, theta: number, values: Float32Array) {
  const encoder = new SpikeEncoder(encoderNamed(name) as SpikingEncoder, coding, theta, values);
  const spikes = new Float32Array(values.length);
  const sum = new Float64Array(values.length);
  const alphabet = new Set<number>();
  for (let t = 1; t <= coding.T; t++) {
    encoder.step(spikes);
    for (let i = 0; i < sum.length; i++) sum[i] = coding.beta * sum[i]! + spikes[i]!;
    for (const spike of spikes) alphabet.add(spike);
  }
  return { values: sum.map((value) => theta * value + 0), alphabet };
}

const next = uniform(11);
const signed = Float32Array.from({ length: 20_000 }, () => 2 * next() - 1);

describe('kappa', () => {
  it('is the sum of the weights', () => {
    expect(kappa(8, 2)).toBe(255);
    expect(kappa(1, 1.5)).toBe(1);
    expect(kappa(12, 1.5)).toBeCloseTo((1.5 ** 12 - 1) / 0.5, 10);
  });
});

describe('relative RMS error on uniform values', () => {
  const errorOf = (name: string, coding: typeof PAPER) =>
    relativeRms(decoded(name, coding, 1 / kappa(coding.T, coding.beta), signed).values, signed);

  it.each([
    // measured with an independent implementation
    ['SWS Eq. 9', 'constant-current', PAPER, 0.015],
    ['SWS Eq. 9', 'constant-current', BINARY, 0.03],
    // rounding to theta: (theta / sqrt 12) / (1 / sqrt 3) = theta / 2
    ['CSS Theorem 3', 'css', BINARY, 1 / 510],
  ] as const)('%s, %s %j, is %d within a fifth', (_, name, coding, expected) => {
    const ratio = errorOf(name, coding) / expected;
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.2);
  });

  it('of CSS is at most that of errors of half an amplitude throughout', () => {
    // (theta / 2) / (1 / sqrt 3)
    expect(errorOf('css', PAPER)).toBeLessThan(Math.sqrt(3) / 2 / kappa(PAPER.T, PAPER.beta));
  });
});

describe('css', () => {
  it.each([PAPER, BINARY, { T: 1, beta: 2 }, { T: 5, beta: 1.75 }])(
    'is within half an amplitude: %j',
    (coding) => {
      const theta = 1 / kappa(coding.T, coding.beta);
      const edges = Float32Array.of(1, -1, 0, 1e-30);
      for (const values of [signed, edges]) {
        decoded('css', coding, theta, values).values.forEach((value, i) => {
          expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual((theta / 2) * (1 + 1e-4));
        });
      }
    },
  );

  it('saturates beyond theta K', () => {
    const { values } = decoded('css', BINARY, 0.5, Float32Array.of(1000, -1000));
    expect([...values]).toEqual([0.5 * 255, -0.5 * 255]);
  });

  it('carries whole multiples of theta exactly when beta is 2', () => {
    const integers = Float32Array.from({ length: 511 }, (_, i) => 0.25 * (i - 255));
    expect([...decoded('css', BINARY, 0.25, integers).values]).toEqual([...integers]);
  });
});

describe.each(encoders.filter((encoder) => encoder.spikes))('$name', ({ name }) => {
  it('emits ternary spikes, mirrored for the opposite sign', () => {
    const { values, alphabet } = decoded(name, PAPER, 0.01, signed);
    const mirrored = decoded(
      name,
      PAPER,
      0.01,
      signed.map((v) => -v),
    );
    expect([...alphabet].every((s) => [-1, 0, 1].includes(s))).toBe(true);
    // 0 - v: no negative zeros
    expect(mirrored.values).toEqual(values.map((v) => 0 - v));
  });

  it('leaves zero silent', () => {
    expect([...decoded(name, PAPER, 0.01, new Float32Array(3)).alphabet]).toEqual([0]);
  });
});

describe('rate', () => {
  it('fires evenly: by hand', () => {
    // theta is 1/K: a value of 1, 1/2 or 1/4 adds as much of theta at every step; half of theta fires, and a spike takes one.
    const encoder = new SpikeEncoder(
      encoderNamed('rate') as SpikingEncoder,
      { T: 6, beta: 2 },
      1 / 63,
      Float32Array.of(1, 0.5, 0.25, -0.5),
    );
    const trains = Array.from({ length: 6 }, () => {
      const spikes = new Float32Array(4);
      encoder.step(spikes);
      return [...spikes];
    });
    expect(trains.map((at) => at[0])).toEqual([1, 1, 1, 1, 1, 1]);
    expect(trains.map((at) => at[1])).toEqual([1, 0, 1, 0, 1, 0]);
    expect(trains.map((at) => at[2])).toEqual([0, 1, 0, 0, 0, 1]);
    expect(trains.map((at) => at[3])).toEqual([-1, 0, -1, 0, -1, 0]);
  });
});

describe('direct input', () => {
  it('is the value at the first step and silence after it', () => {
    const values = Float32Array.of(-1.5, 0, 3);
    const input = new DirectInput(values);
    const out = new Float32Array(3).fill(7);
    input.step(out);
    expect([...out]).toEqual([-1.5, 0, 3]);
    input.step(out);
    expect([...out]).toEqual([0, 0, 0]);
  });
});

// Residuals, saturation and decoded errors of one layer with two channels, worked out by hand.
import { describe, expect, it } from 'vitest';
import { PERCENTILE_ERROR_BOUND } from '../../src/calibration/histogram.ts';
import type { Trace } from '../../src/engines/engine.ts';
import { addDiagnosis, type DiagnosisSums, diagnosisOf } from '../../src/metrics/diagnosis.ts';
import { graphOf, networkOf } from '../snn/tiny.ts';

// K = 3: a code is full above 2.5
const network = networkOf(graphOf({ input: [2], nodes: [['Relu', ['x'], 'r']] }), {
  coding: { T: 2, beta: 2, Ts: 1 },
  theta: new Map([['r', [0.5, 2]]]),
});

function traceOf(decoded: readonly number[], residual: readonly number[]): Trace {
  const states = { decoded: Float32Array.from(decoded), residual: Float32Array.from(residual) };
  return {
    images: decoded.length / 2,
    logits: new Map(),
    layers: new Map([['r', { perStep: new Float64Array(2), perNeuron: new Float64Array(2), ...states }]]),
  };
}

describe('diagnosis', () => {
  it('is in units of theta for residuals, in the units of the ANN for errors', () => {
    const sums: DiagnosisSums = new Map();
    addDiagnosis(sums, network, traceOf([3, 1], [0.25, -0.5]), new Map([['r', Float32Array.of(1, 2)]]));
    addDiagnosis(sums, network, traceOf([2, 2.5], [0, 0.5]), new Map([['r', Float32Array.of(1, 4)]]));
    const { residualP999, saturated, decodedError, own } = diagnosisOf(sums, 'r')!;
    // theta * decoded: 1.5, 2, 1, 5 against 1, 2, 1, 4
    expect(decodedError).toBeCloseTo(Math.sqrt((0.25 + 1) / (1 + 4 + 1 + 16)), 7);
    expect(saturated).toBe(1 / 4);
    // Half a spike is rounding; of the amplitudes 0.5, 2, 0.5, 2.
    expect(own!.rounding).toBeCloseTo(Math.sqrt((0.125 ** 2 + 1 + 1) / 22), 7);
    expect([own!.saturation, own!.residual]).toEqual([0, 0]);
    expect(Math.abs(residualP999 - 0.5)).toBeLessThanOrEqual(0.5 * PERCENTILE_ERROR_BOUND);
  });

  it('has no decoded error without the values of the ANN', () => {
    const sums: DiagnosisSums = new Map();
    addDiagnosis(sums, network, traceOf([1, 1], [0, 0]), new Map());
    expect(diagnosisOf(sums, 'r')).toEqual({
      residualP999: 0,
      saturated: 0,
      decodedError: null,
      own: null,
      membrane: 0,
    });
  });

  it('tells what a full code lost from what came too late', () => {
    const sums: DiagnosisSums = new Map();
    // Full and more to come; full but too much; room left, and still behind; rounded.
    const trace = traceOf([3, 3, 1, 0], [2, -1, 1.5, 0.25]);
    addDiagnosis(sums, network, trace, new Map([['r', Float32Array.of(2, 0, 0, 0)]]));
    const { own } = diagnosisOf(sums, 'r')!;
    expect(own!.saturation).toBeCloseTo((2 * 0.5) / 2, 7);
    expect(own!.residual).toBeCloseTo(Math.hypot(1 * 2, 1.5 * 0.5) / 2, 7);
    expect(own!.rounding).toBeCloseTo((0.25 * 2) / 2, 7);
  });

  it('is null where nothing was observed', () => {
    expect(diagnosisOf(new Map(), 'r')).toBeNull();
  });
});

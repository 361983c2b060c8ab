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
    const { residualP999, saturated, decodedError } = diagnosisOf(sums, 'r')!;
    // theta * decoded: 1.5, 2, 1, 5 against 1, 2, 1, 4
    expect(decodedError).toBeCloseTo(Math.sqrt((0.25 + 1) / (1 + 4 + 1 + 16)), 7);
    expect(saturated).toBe(1 / 4);
    expect(Math.abs(residualP999 - 0.5)).toBeLessThanOrEqual(0.5 * PERCENTILE_ERROR_BOUND);
  });

  it('has no decoded error without the values of the ANN', () => {
    const sums: DiagnosisSums = new Map();
    addDiagnosis(sums, network, traceOf([1, 1], [0, 0]), new Map());
    expect(diagnosisOf(sums, 'r')).toEqual({
      residualP999: 0,
      saturated: 0,
      decodedError: null,
      membrane: 0,
    });
  });

  it('is null where nothing was observed', () => {
    expect(diagnosisOf(new Map(), 'r')).toBeNull();
  });
});

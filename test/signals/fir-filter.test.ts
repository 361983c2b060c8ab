// The filter against SciPy's firwin where SciPy is installed, else against NumPy's Hamming window and sinc.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lowPassTaps } from '../../src/signals/fir-filter.ts';
import { NEEDS_NUMPY, python } from '../examples/python.ts';

const PROGRAM = `
import json, numpy as np
try:
    from scipy.signal import firwin
    taps = lambda order, cutoff: firwin(order + 1, cutoff, fs=1.0)
except ImportError:
    def taps(order, cutoff):
        m = np.arange(order + 1) - order / 2
        h = 2 * cutoff * np.sinc(2 * cutoff * m) * np.hamming(order + 1)
        return h / h.sum()
print(json.dumps([[o, c, list(taps(o, c))] for o in (1, 2, 9, 10, 35, 50) for c in (0.001, 0.0826, 0.2, 0.25, 0.4)]))
`;

describe('low-pass taps', () => {
  it('are those of the reference for order 10 at 0.2', () => {
    const taps = [...lowPassTaps(10, 0.2)];
    [0, -0.012642, -0.024692, 0.063505, 0.274798, 0.398063].forEach((tap, k) => {
      expect(taps[k]).toBeCloseTo(tap, 6);
      expect(taps[10 - k]).toBeCloseTo(tap, 6);
    });
  });

  it.skipIf(python === null)(`are firwin's ${NEEDS_NUMPY}`, () => {
    const { stdout, stderr } = spawnSync(python!, ['-c', PROGRAM], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const cases = JSON.parse(stdout) as [number, number, number[]][];
    expect(cases).toHaveLength(30);
    for (const [order, cutoff, expected] of cases) {
      const taps = lowPassTaps(order, cutoff);
      expect(taps).toHaveLength(order + 1);
      taps.forEach((tap, k) => {
        expect(tap).toBeCloseTo(expected[k]!, 12);
      });
      expect(taps.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    }
  });
});

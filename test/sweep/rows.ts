// A row with figures that tests set.
import type { RowFigures } from '../../src/sweep/rows.ts';

export function rowOf(given: Partial<RowFigures>): RowFigures {
  return {
    ...{ T: 4, beta: 2, Ts: 1, phi: 0.5, encoder: 'css', percentile: 99.99, images: 100 },
    ...{ accuracy: 0.9, accuracyInterval: { low: 0.8, high: 0.95 } },
    ...{ annAccuracy: 0.92, annAccuracyInterval: { low: 0.85, high: 0.96 } },
    ...{ loss: 0.02, lossInterval: { low: -0.01, high: 0.05 } },
    ...{ agreement: 0.95, agreementInterval: { low: 0.9, high: 0.98 }, logitError: 0.1 },
    ...{ latency: 6, interval: 5, spikesPerNeuron: 1, opf: 1e6, opfWithEncoder: 1.1e6, syops: 1e6, macs: 0 },
    ...{ energyMj: 0.9e-3, annEnergyMj: 4e-3, energyModel: '45 nm', arithmetic: 'float32' },
    residual: { mean: 0.2, median: 0.2, p999: 0.5, worstLayer: 'a', worstLayerP999: 0.6 },
    ...given,
  };
}

import { describe, expect, it } from 'vitest';
import { tradeOffCurves } from '../../src/sweep/trade-off-curves.ts';
import { rowOf } from './rows.ts';

describe('trade-off curves', () => {
  it('run over T, one for each combination of the rest', () => {
    const rows = [4, 8].flatMap((T) =>
      [0, 1].map((Ts) => rowOf({ T, Ts, accuracy: T / 10, latency: T + Ts })),
    );
    const curves = tradeOffCurves(rows, 'css');
    expect(curves.map(({ name, label }) => [name, label])).toEqual([
      ['css-ts-0', 'Ts 0'],
      ['css-ts-1', 'Ts 1'],
    ]);
    expect(curves[1]!.points).toEqual([
      {
        ...{ label: 'T 4, beta 2, Ts 1, phi 0.5, percentile 99.99', steps: 4, latency: 5, accuracy: 0.4 },
        ...{ images: 100, agreement: 0.95, spikesPerNeuron: 1, syops: 1e6, macs: 0, energyMj: 0.9e-3 },
      },
      expect.objectContaining({ steps: 8, latency: 9, accuracy: 0.8 }),
    ]);
  });

  it('are one where T does not vary; rows without accuracy have no place on it', () => {
    const rows = [rowOf({ beta: 1.5 }), rowOf({ beta: 2 }), rowOf({ accuracy: null })];
    expect(tradeOffCurves(rows)).toMatchObject([{ name: 'sweep', points: [{ steps: 4 }, { steps: 4 }] }]);
  });
});

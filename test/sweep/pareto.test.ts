import { describe, expect, it } from 'vitest';
import { paretoFronts } from '../../src/sweep/pareto.ts';
import { rowOf } from './rows.ts';

const onEnergy = (rows: Parameters<typeof rowOf>[0][]) =>
  paretoFronts(rows.map(rowOf)).map(({ energy }) => energy);

describe('Pareto fronts', () => {
  it('hold what nothing beats in one figure without losing in the other', () => {
    const rows = [
      { accuracy: 0.9, energyMj: 1 },
      { accuracy: 0.95, energyMj: 2 },
      { accuracy: 0.94, energyMj: 2 },
      { accuracy: 0.95, energyMj: 3 },
      { accuracy: 0.5, energyMj: 0.5 },
      { accuracy: 0.89, energyMj: 1.5 },
    ];
    expect(onEnergy(rows)).toEqual([true, true, false, false, true, false]);
  });

  it('keep equals, and are apart for each cost', () => {
    const same = { accuracy: 0.9, energyMj: 1 };
    expect(onEnergy([same, same])).toEqual([true, true]);
    const rows = [rowOf({ energyMj: 1, latency: 9, opf: 5 }), rowOf({ energyMj: 2, latency: 8, opf: 5 })];
    expect(paretoFronts(rows)).toEqual([
      { energy: true, latency: false, opf: true },
      { energy: false, latency: true, opf: true },
    ]);
  });

  it('go by agreement without labels, and by the error of outputs without scores', () => {
    const unlabelled = { accuracy: null, energyMj: 1 };
    expect(
      onEnergy([
        { ...unlabelled, agreement: 0.9 },
        { ...unlabelled, agreement: 0.8 },
      ]),
    ).toEqual([true, false]);
    const unscored = { ...unlabelled, agreement: null };
    expect(
      onEnergy([
        { ...unscored, logitError: 0.2 },
        { ...unscored, logitError: 0.1 },
      ]),
    ).toEqual([false, true]);
  });
});

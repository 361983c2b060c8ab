// Rows as curves of accuracy against cost, for plots and comparisons.
import type { TradeOffCurve, TradeOffPoint } from '../metrics/trade-off.ts';
import type { RowFigures } from './rows.ts';

/** Parameters that tell curves apart, as names of files and readers have them. */
const PARAMETERS = [
  { of: (row: RowFigures) => row.T, name: 't', label: 'T' },
  { of: (row: RowFigures) => row.beta, name: 'beta', label: 'beta' },
  { of: (row: RowFigures) => row.Ts, name: 'ts', label: 'Ts' },
  { of: (row: RowFigures) => row.phi, name: 'phi', label: 'phi' },
  { of: (row: RowFigures) => row.percentile, name: 'p', label: 'percentile' },
] as const;

const short = (value: number) => String(Number(value.toPrecision(4)));

/** "T 8, beta 2, Ts 1, phi 0.6667, percentile 99.99" */
export function settingLabel(row: RowFigures): string {
  return PARAMETERS.map(
    ({ of, label }) => `${label} ${label === 'percentile' ? of(row) : short(of(row))}`,
  ).join(', ');
}

/**
 * One curve over T for each combination of the other parameters; where all rows have one T, a single curve. Rows without
 * accuracy have no place on it.
 * @param prefix of the curves' names, such as the name of the coding
 */
export function tradeOffCurves(rows: readonly RowFigures[], prefix = 'sweep'): TradeOffCurve[] {
  const varying = PARAMETERS.filter(({ of }) => new Set(rows.map(of)).size > 1);
  const overT = varying.some(({ name }) => name === 't');
  const apart = overT ? varying.filter(({ name }) => name !== 't') : [];
  const curves = new Map<string, { readonly label: string; readonly points: TradeOffPoint[] }>();
  for (const row of rows) {
    if (row.accuracy === null) continue;
    const name = [prefix, ...apart.map((one) => `${one.name}-${short(one.of(row))}`)].join('-');
    const label = apart.map((one) => `${one.label} ${short(one.of(row))}`).join(', ') || prefix;
    const curve = curves.get(name) ?? { label, points: [] };
    curves.set(name, curve);
    curve.points.push(pointOf(row, row.accuracy));
  }
  return [...curves].map(([name, curve]) => ({ name, ...curve }));
}

function pointOf(row: RowFigures, accuracy: number): TradeOffPoint {
  const { images, agreement, latency, spikesPerNeuron, syops, macs, energyMj } = row;
  const label = settingLabel(row);
  return {
    label,
    steps: row.T,
    latency,
    accuracy,
    images,
    agreement,
    spikesPerNeuron,
    syops,
    macs,
    energyMj,
  };
}

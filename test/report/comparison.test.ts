// When a coding counts as near the ANN, and what the comparison prints.
import { describe, expect, it } from 'vitest';
import type { TradeOffPoint } from '../../src/metrics/trade-off.ts';
import { paperTheme } from '../../src/plots/theme.ts';
import { type Comparison, comparisonText, firstWithin, needsOf } from '../../src/report/comparison.ts';
import { comparisonFigures } from '../../src/report/comparison-figures.ts';

const point = (steps: number, accuracy: number): TradeOffPoint => ({
  label: `T ${steps}`,
  steps,
  latency: steps + 3,
  accuracy,
  images: 1000,
  agreement: null,
  spikesPerNeuron: steps / 10,
  syops: 1000 * steps,
  macs: 0,
  energyMj: 9e-7 * steps,
});
const curve = (...points: TradeOffPoint[]) => ({ name: 'some', label: 'some coding', points });

describe('a curve is within a tolerance', () => {
  const ann = 0.92;
  it('from the first point on that no later one leaves', () => {
    const bumpy = curve(point(2, 0.915), point(4, 0.9), point(8, 0.91), point(16, 0.919));
    expect(firstWithin(bumpy, ann, 1)?.steps).toBe(8);
    expect(firstWithin(bumpy, ann, 0.1)?.steps).toBe(16);
  });

  it('not at all where its last point is outside', () => {
    expect(firstWithin(curve(point(2, 0.92), point(4, 0.9)), ann, 1)).toBeNull();
  });

  it('where it is better than the ANN, in whatever order its points are', () => {
    expect(firstWithin(curve(point(8, 0.93), point(4, 0.93)), ann, 0.1)?.steps).toBe(4);
  });
});

const curves = [curve(point(4, 0.85), point(8, 0.92))];
const comparison: Comparison = {
  model: { file: 'm.onnx', sha256: '0' },
  data: { file: 'd.npz', sha256: '0', images: 1000 },
  calibrationImages: 10,
  ann: { accuracy: 0.92, classes: 10, macs: 1e6, energyMj: 4.6e-3 },
  curves,
  needs: needsOf(curves, 0.92),
  leftOut: [
    { name: 'rate', reasons: ['layer "p": a max-pool'] },
    { name: 'phase', reasons: ['layer "p": a max-pool'] },
  ],
  energyModel: 'some model',
};

it('the text has a line for each coding and joins those left out for one reason', () => {
  const text = comparisonText(comparison);
  expect(text).toMatch(/To stay within 1 point of the ANN \(91\.00 %\)\n.*\n.*\nsome +8 +11 +92\.00 %/);
  expect(text).toMatch(/ANN +92\.00 % .* 1\.00 M +4\.6 µJ +1\n/);
  expect(text).toMatch(/Left out: rate, phase: layer "p": a max-pool\.$/);
});

it('the text says where the ANN itself guesses', () => {
  expect(comparisonText(comparison)).not.toContain('note:');
  const guessing = { ...comparison, ann: { ...comparison.ann, accuracy: 0.1 } };
  expect(comparisonText(guessing)).toContain('\nnote: the ANN itself is near chance (10.00 % of 10 classes)');
});

it('the figures have one curve for each coding, the line of the ANN, and its place where it has one', () => {
  const figures = comparisonFigures({ ...comparison, curves: [...curves, { ...curves[0]!, name: 'other' }] });
  expect(figures.map(({ name }) => name)).toEqual(['accuracy-steps', 'accuracy-latency', 'accuracy-energy']);
  for (const { name, draw, table } of figures) {
    const svg = draw(paperTheme);
    for (const label of ['some', 'other', 'ANN 92.00 %']) expect(svg).toContain(`>${label}</text>`);
    expect(svg.includes('ANN, at its energy')).toBe(name === 'accuracy-energy');
    expect(table.rows).toHaveLength(4);
  }
  expect(figures[1]!.description).toBe(
    'ANN: 92.00 %. some: 85.00 % at 7, 92.00 % at 11. other: 85.00 % at 7, 92.00 % at 11.',
  );
});

import { beforeAll, describe, expect, it } from 'vitest';
import { type PreparedModel, prepare } from '../../src/pipeline.ts';
import { type SweepAxes, settingsOf } from '../../src/sweep/grid.ts';
import { MODEL } from '../cli/digits.ts';

let model: PreparedModel;
beforeAll(async () => {
  model = await prepare(MODEL);
});

const of = (axes: SweepAxes, preset?: string) => settingsOf(model.plan, axes, preset);
const shown = (axes: SweepAxes) =>
  of(axes).settings.map(({ coding: { T, beta, Ts, phi }, percentile }) => [T, beta, Ts, phi, percentile]);

describe('the settings of a grid', () => {
  it('are all combinations, sorted, each once', () => {
    expect(shown({ T: [8, 4], beta: [2, 1.5], Ts: [0], phi: [0.5, 0.5], percentile: [99.9] })).toEqual([
      [4, 1.5, 0, 0.5, 99.9],
      [4, 2, 0, 0.5, 99.9],
      [8, 1.5, 0, 0.5, 99.9],
      [8, 2, 0, 0.5, 99.9],
    ]);
  });

  it("have the preset's value where no axis is given", () => {
    expect(shown({})).toEqual([[12, 1.5, 1, 0.5, 99.99]]);
    // Its silent period, or the longest that T allows.
    expect(shown({ T: [1, 2] }).map(([T, , Ts]) => [T, Ts])).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(of({}, 'canonical').settings[0]!.coding).toMatchObject({ name: 'canonical', T: 8, Ts: 2 });
  });

  it('leave out silent periods that are too long for some T, and count them', () => {
    const { settings, skipped } = of({ T: [2, 4], Ts: [0, 1, 2, 3] });
    expect(settings.map(({ coding: { T, Ts } }) => [T, Ts])).toEqual([
      [2, 0],
      [2, 1],
      [4, 0],
      [4, 1],
      [4, 2],
      [4, 3],
    ]);
    expect(skipped).toBe(2);
  });

  it('refuse every value that is wrong wherever it stands, at once', () => {
    const wrong = () =>
      of({ T: [4, 40], beta: [1, 2], Ts: [0, 30, 0.5, -1], phi: [0.4, 1 / 2], percentile: [0, 99] });
    expect(wrong).toThrow(/steps \(T\).*found 40/);
    for (const found of [
      /beta.*found 1$/m,
      /Ts.*found 30/,
      /Ts.*found 0.5/,
      /Ts.*found -1/,
      /phi.*found 0.4/,
    ])
      expect(wrong).toThrow(found);
    expect(wrong).toThrow(/percentile: .*found 0$/m);
  });
});

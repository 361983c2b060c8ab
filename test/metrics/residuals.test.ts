import { expect, it } from 'vitest';
import type { Trace } from '../../src/engines/engine.ts';
import { addResiduals, RESIDUAL_EDGES, type ResidualCounts } from '../../src/metrics/residuals.ts';

it('counts residuals in bins of 0.05 theta from -2 to 2, ends apart', () => {
  const layer: ResidualCounts = { name: 'r', counts: new Float64Array(80), below: 0, above: 0 };
  const residual = Float32Array.of(-2.5, -2, 0, 0.01, 0.06, 1.99, 2, 2.1);
  const counted = { perStep: new Float64Array(), perNeuron: new Float64Array() };
  const trace: Trace = { images: 1, logits: new Map(), layers: new Map([['r', { ...counted, residual }]]) };
  addResiduals([layer], trace);
  const bins = [...layer.counts].flatMap((count, bin) => (count === 0 ? [] : [[bin, count]]));
  expect(bins).toEqual([
    [0, 1],
    [40, 2],
    [41, 1],
    [79, 2],
  ]);
  expect({ below: layer.below, above: layer.above }).toEqual({ below: 1, above: 1 });
  expect([RESIDUAL_EDGES[0], RESIDUAL_EDGES[40], RESIDUAL_EDGES.at(-1)]).toEqual([-2, 0, 2]);
});

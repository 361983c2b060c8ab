// Observing activations through ONNX Runtime, against plain evaluation of the same graph.
import { describe, expect, it } from 'vitest';
import { observeActivations } from '../../src/calibration/calibrate.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { planSpiking } from '../../src/snn/plan/plan.ts';
import { observedValues } from '../../src/snn/plan/planned.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../../src/tensor/tensor.ts';
import { annValues, filled, graphOf, uniform } from '../snn/tiny.ts';

const preprocessing = { scale: 1, mean: [0], std: [1], channels: 'as-is' } as const;

/** A data set in memory. */
function inMemory(images: FloatTensor): Dataset {
  const [count, ...shape] = images.shape as [number, ...number[]];
  const size = sizeOf(shape);
  return {
    path: 'memory',
    reader: 'memory',
    count,
    shape,
    dtype: 'float32',
    labels: null,
    classNames: null,
    sha256: '',
    read: async (from, to) => floatTensor([to - from, ...shape], images.data.slice(from * size, to * size)),
  };
}

describe('observeActivations', () => {
  const next = uniform(9);
  const constants = { w: filled([3, 2], next) };
  const images = filled([300, 3], next);

  it('sees the input and what each layer emits, over all images', async () => {
    const graph = graphOf({
      input: [3],
      nodes: [
        ['MatMul', ['x', 'w'], 'z'],
        ['Relu', ['z'], 'a'],
      ],
      constants,
    });
    const layers = observedValues(planSpiking(graph));
    const found = await observeActivations(graph, layers, inMemory(images), preprocessing);
    const expected = annValues(graph, images);
    expect([...found.keys()]).toEqual(['x', 'a']);
    for (const [name, values] of [
      ['x', images],
      ['a', expected.get('a')!],
    ] as const) {
      const histogram = found.get(name)!;
      const data = Array.from(values.data);
      expect(histogram.count).toBe(data.length);
      expect(histogram.zeros).toBe(data.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0));
      expect(histogram.max).toBeCloseTo(
        data.reduce((top, value) => Math.max(top, Math.abs(value)), 0),
        5,
      );
    }
  });

  it('sees the input of a network without neurons', async () => {
    const graph = graphOf({ input: [3], nodes: [['MatMul', ['x', 'w'], 'y']], constants });
    const found = await observeActivations(graph, [], inMemory(images), preprocessing);
    expect([...found].map(([name, { count }]) => [name, count])).toEqual([['x', 900]]);
  });
});

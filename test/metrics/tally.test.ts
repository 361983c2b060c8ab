import { describe, expect, it } from 'vitest';
import type { Trace } from '../../src/engines/engine.ts';
import { addTrace, emptyTally, totalSpikes } from '../../src/metrics/tally.ts';

function traceOf(images: number, perStep: readonly number[], perNeuron: readonly number[]): Trace {
  const layer = { perStep: Float64Array.from(perStep), perNeuron: Float64Array.from(perNeuron) };
  return { images, logits: new Map(), layers: new Map([['x', layer]]) };
}

describe('addTrace', () => {
  const tally = emptyTally();
  const first = traceOf(2, [1, 0], [0, 0, 1]);
  addTrace(tally, first);
  addTrace(tally, traceOf(1, [2, 3], [1, 4, 0]));

  it('sums images, steps and neurons', () => {
    const layer = { perStep: Float64Array.of(3, 3), perNeuron: Float64Array.of(1, 4, 1) };
    expect(tally).toEqual({ images: 3, layers: new Map([['x', layer]]) });
    expect(totalSpikes(tally, 'x')).toBe(6);
  });

  it('leaves the traces alone', () => {
    expect(first.layers.get('x')!.perStep).toEqual(Float64Array.of(1, 0));
  });
});

// Spike times and potentials by hand; all numbers are exact in float32 unless said otherwise.
import { describe, expect, it } from 'vitest';
import type { NirNode } from '../../../src/nir/graph.ts';
import { EULER, full, graphOf, spikeTimes, valuesOf } from './tiny-graph.ts';

const one = (value: number) => full([1], value);
const alone = (node: NirNode) => graphOf([1], { neuron: node }, [1]);

describe('IF', () => {
  const neuron = (fields = {}) => alone({ type: 'IF', r: one(1), v_threshold: one(1), ...fields });

  it('fires in the step that takes v above the threshold, and forgets what is over', () => {
    // v: 3/8, 6/8, 9/8 fires, 3/8, ...
    expect(spikeTimes(neuron(), 'neuron', [0.375], 9)).toEqual([3, 6, 9]);
  });

  it('does not fire at the threshold itself', () => {
    // v: 1/2, 1, 3/2 fires.
    expect(spikeTimes(neuron(), 'neuron', [0.5], 7)).toEqual([3, 6]);
  });

  it('starts again from v_reset', () => {
    // v: 3/4, 3/2 fires -> -1/2, 1/4, 1, 7/4 fires -> -1/2, ...
    expect(spikeTimes(neuron({ v_reset: one(-0.5) }), 'neuron', [0.75], 10)).toEqual([2, 5, 8]);
  });

  it('keeps what is over where the threshold is subtracted', () => {
    // v: 3/8, 6/8, 9/8 fires -> 1/8, 4/8, 7/8, 10/8 fires -> 2/8, 5/8, 1, 11/8 fires -> 3/8 ...
    const time = { ...EULER, reset: 'subtract' } as const;
    expect(spikeTimes(neuron(), 'neuron', [0.375], 10, time)).toEqual([3, 6, 9]);
    expect(spikeTimes(neuron(), 'neuron', [0.75], 8, time)).toEqual([2, 3, 5, 6, 7]);
    // Down by 3/2 from there to v_reset = -1/2: 3/4, 3/2 fires -> 0, 3/4, 3/2 fires ...
    expect(spikeTimes(neuron({ v_reset: one(-0.5) }), 'neuron', [0.75], 6, time)).toEqual([2, 4, 6]);
  });

  it('integrates r times the current times dt, by either rule', () => {
    // v grows by 2 * 3/8 * 1/2 = 3/8 in a step.
    const graph = neuron({ r: one(2) });
    for (const discretisation of ['euler', 'exponential'] as const) {
      expect(spikeTimes(graph, 'neuron', [0.375], 9, { ...EULER, dt: 0.5, discretisation })).toEqual([
        3, 6, 9,
      ]);
    }
  });
});

describe('LIF', () => {
  const neuron = (fields = {}) =>
    alone({ type: 'LIF', tau: one(2), r: one(2), v_leak: one(0), v_threshold: one(1), ...fields });

  it('by Euler at dt = tau/2 and R = 2 is v = v/2 + I', () => {
    // I = 3/4: 3/4, 9/8 fires. I = 17/32: .53, .797, .930, .996, 1.029 fires.
    expect(spikeTimes(neuron(), 'neuron', [0.75], 6)).toEqual([2, 4, 6]);
    expect(spikeTimes(neuron(), 'neuron', [17 / 32], 11)).toEqual([5, 10]);
  });

  it('stays below 2 I = 1 for ever', () => {
    expect(spikeTimes(neuron(), 'neuron', [0.5], 100)).toEqual([]);
  });

  it('leaks to v_leak and starts again from v_reset', () => {
    // v = v/2 + 1/4 + I, I = 1/2: 3/4, 9/8 fires -> 1/2, 1, 5/4 fires -> 1/2, ...
    const graph = neuron({ v_leak: one(0.5), v_reset: one(0.5) });
    expect(spikeTimes(graph, 'neuron', [0.5], 8)).toEqual([2, 4, 6, 8]);
  });

  it('decays by exp(-dt/tau) with the exponential rule', () => {
    // tau = dt / ln 2 halves v in a step, as Euler does with tau = 2 dt.
    const graph = neuron({ tau: one(1 / Math.LN2) });
    const time = { ...EULER, discretisation: 'exponential' } as const;
    expect(spikeTimes(graph, 'neuron', [0.75], 6, time)).toEqual([2, 4, 6]);
    expect(spikeTimes(graph, 'neuron', [17 / 32], 11, time)).toEqual([5, 10]);
  });
});

describe('what does not fire', () => {
  it('LI follows the solution v(t) = R I (1 - exp(-t/tau)) by the exponential rule', () => {
    const graph = alone({ type: 'LI', tau: one(3), r: one(2), v_leak: one(0) });
    const found = valuesOf(graph, 'neuron', [0.7], 6, { ...EULER, dt: 0.5, discretisation: 'exponential' });
    found.forEach(([v], i) => {
      expect(v).toBeCloseTo(2 * 0.7 * (1 - Math.exp((-(i + 1) * 0.5) / 3)), 6);
    });
  });

  it('I adds up, Threshold is 1 above its threshold', () => {
    const graph = graphOf(
      [1],
      { sum: { type: 'I', r: one(1) }, over: { type: 'Threshold', threshold: one(1) } },
      [1],
    );
    expect(valuesOf(graph, 'sum', [0.5], 4).flat()).toEqual([0.5, 1, 1.5, 2]);
    expect(valuesOf(graph, 'over', [0.5], 4).flat()).toEqual([0, 0, 1, 1]);
  });

  it('a loop brings back what came out one step before', () => {
    // v = v + 1/2 - s of the step before; s = v > 1/2: 1/2, 1 fires, 1/2, 1 fires, ...
    const graph = graphOf(
      [1],
      {
        sum: { type: 'I', r: one(1) },
        over: { type: 'Threshold', threshold: one(0.5) },
      },
      [1],
      [
        ['over', 'back'],
        ['back', 'sum'],
      ],
    );
    const looped = {
      ...graph,
      nodes: new Map([...graph.nodes, ['back', { type: 'Scale', scale: one(-1) } as const]]),
    };
    expect(valuesOf(looped, 'sum', [0.5], 5, EULER).flat()).toEqual([0.5, 1, 0.5, 1, 0.5]);
    expect(spikeTimes(looped, 'over', [0.5], 5)).toEqual([2, 4]);
  });
});

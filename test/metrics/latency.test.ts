// Latency by the window rule: T + Ts L (SWS Eq. 6) on the graph's own longest path.
import { describe, expect, it } from 'vitest';
import { latencyOf } from '../../src/metrics/latency.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { graphOf, networkOf, type TinyModel } from '../snn/tiny.ts';

const w = floatTensor([2, 2], [1, 0, 0, 1]);
const residual: TinyModel = {
  input: [2],
  nodes: [
    ['Gemm', ['x', 'w'], 'a'],
    ['Relu', ['a'], 'r'],
    ['Gemm', ['r', 'w'], 'b'],
    ['Relu', ['b'], 'q'],
    ['Gemm', ['q', 'w'], 'c'],
    ['Add', ['c', 'r'], 's'],
    ['Relu', ['s'], 't'],
    ['Gemm', ['t', 'w'], 'y'],
  ],
  constants: { w },
};

describe('latencyOf', () => {
  it.each([
    { T: 8, Ts: 2 },
    { T: 12, Ts: 1 },
    { T: 4, Ts: 0 },
  ])('of a residual net with 3 TSA layers on its longest path, T $T Ts $Ts', ({ T, Ts }) => {
    const network = networkOf(graphOf(residual), { coding: { T, Ts } });
    expect(latencyOf(network)).toEqual({ steps: T + 3 * Ts, tsaLayers: 3, interval: T + Ts });
  });

  it('takes the latest branch where layers differ in their silent periods', () => {
    const layers = new Map([['q', { Ts: 5 }]]);
    const network = networkOf(graphOf(residual), { coding: { T: 8, Ts: 1 }, layers });
    expect(latencyOf(network)).toEqual({ steps: 8 + 1 + 5 + 1, tsaLayers: 3, interval: 8 + 5 });
    const join = network.nodes.find((node) => node.name === 's')!;
    const delays =
      join.kind === 'linear' ? join.sources.map((s) => ('value' in s ? s.delaySteps : null)) : [];
    expect(delays, 'the skip waits for the silent period of the layer on the other branch').toEqual([0, 5]);
  });

  it('counts a layer that turns currents back into spikes', () => {
    const nodes: TinyModel['nodes'] = [
      ['Gemm', ['x', 'w'], 'a'],
      ['Gemm', ['a', 'w'], 'y'],
    ];
    const network = networkOf(graphOf({ input: [2], nodes, constants: { w } }), { coding: { T: 8, Ts: 2 } });
    expect(latencyOf(network)).toEqual({ steps: 10, tsaLayers: 1, interval: 10 });
  });

  it('is T without neurons', () => {
    const network = networkOf(graphOf({ input: [2], nodes: [['Gemm', ['x', 'w'], 'y']], constants: { w } }), {
      coding: { T: 8, Ts: 2 },
    });
    expect(latencyOf(network)).toEqual({ steps: 8, tsaLayers: 0, interval: 8 });
  });

  it('ends with the last of several outputs', () => {
    const network = networkOf(graphOf({ ...residual, outputs: ['a', 'y'] }), { coding: { T: 8, Ts: 2 } });
    expect(latencyOf(network).steps).toBe(8 + 3 * 2);
  });
});

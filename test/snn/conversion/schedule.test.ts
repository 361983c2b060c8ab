// When windows begin: neurons as early as they can, linear nodes as late as they may.
import { describe, expect, it } from 'vitest';
import { runStepped } from '../../../src/engines/reference/stepped.ts';
import type { CanonicalGraph } from '../../../src/graph/graph.ts';
import { latencyOf } from '../../../src/metrics/latency.ts';
import type { Network } from '../../../src/snn/network/network.ts';
import { parseGraph } from '../../passes/graph-text.ts';
import { quantizedNetwork } from '../quantized-network.ts';
import { filled, graphOf, networkOf, uniform } from '../tiny.ts';

const next = uniform(5);
const weights = filled([2, 2], next);

/** x -> a -> b -> sum with a map of a: the map's spikes wait, not its currents. */
function residual(): Network {
  return networkOf(
    graphOf({
      input: [2],
      nodes: [
        ['MatMul', ['x', 'w'], 'za'],
        ['Relu', ['za'], 'a'],
        ['MatMul', ['a', 'w'], 'zb'],
        ['Relu', ['zb'], 'b'],
        ['MatMul', ['b', 'w'], 'long'],
        ['MatMul', ['a', 'w'], 'short'],
        ['Add', ['long', 'short'], 'sum'],
        ['Relu', ['sum'], 'c'],
        ['MatMul', ['c', 'w'], 'y'],
      ],
      constants: { w: weights },
    }),
    { coding: { T: 4, beta: 2, Ts: 2 } },
  );
}

function delays(network: Network): Record<string, number> {
  return Object.fromEntries(
    network.nodes.flatMap((node) => {
      const sources = node.kind === 'encoder' ? [] : node.sources;
      return sources.flatMap((source) =>
        'value' in source && source.delaySteps > 0
          ? [[`${source.value} -> ${node.name}`, source.delaySteps]]
          : [],
      );
    }),
  );
}

describe('schedule', () => {
  it('delays spikes by Ts times the difference in depth, and no current', () => {
    const network = residual();
    expect(delays(network)).toEqual({ 'a -> short': 2 });
    const starts = Object.fromEntries(network.nodes.map((node) => [node.name, node.start]));
    expect(starts).toMatchObject({ x: 0, za: 0, a: 2, zb: 2, b: 4, long: 4, short: 4, sum: 4, c: 6, y: 6 });
    expect(latencyOf(network)).toEqual({ steps: 10, tsaLayers: 3, interval: 6 });
  });

  it('measures latency to the readout that is last, whatever the order of outputs', () => {
    const network = networkOf(
      graphOf({
        input: [2],
        nodes: [
          ['MatMul', ['x', 'w'], 'za'],
          ['Relu', ['za'], 'a'],
          ['MatMul', ['a', 'w'], 'late'],
          ['MatMul', ['x', 'w'], 'early'],
        ],
        constants: { w: weights },
        outputs: ['late', 'early'],
      }),
      { coding: { T: 4, beta: 2, Ts: 2 } },
    );
    const { latencySteps, intervalSteps, trace } = runStepped(network, filled([2, 2], next));
    expect([latencySteps, intervalSteps]).toEqual([6, 6]);
    expect(latencyOf(network)).toEqual({ steps: 6, tsaLayers: 1, interval: 6 });
    expect([...trace.logits.keys()]).toEqual(['late', 'early']);
  });

  it('lets the skip of an integer network run ahead where neurons look ahead', () => {
    const grid = 'scale: [1], axis: 1, type: "uint8", zeroPoint: 0, low: 0, high: 255, absorbed: []';
    const { network } = quantizedNetwork(
      parseGraph(`
input x [1, 2, 3, 3]
q = FakeQuantize(x) {${grid}}
const w [2, 2, 1, 1] = 1, 2, -1, 3 on {scale: [0.5], axis: 0, low: -127, high: 127}
za = Conv(q, w)
a = FakeQuantize(za) {${grid}}
zb = Conv(a, w)
b = FakeQuantize(zb) {${grid}}
zc = Conv(b, w)
s = Add(zc, a)
c = FakeQuantize(s) {${grid}}
y = Conv(c, w)
output y`) as CanonicalGraph,
    );
    const sources = (lookAhead: boolean, Ts: number) =>
      network({ Ts, phi: 1 / 2, lookAhead }).nodes.flatMap((node) =>
        node.name !== 'c' || node.kind !== 'neuron'
          ? []
          : node.sources.map(({ delaySteps, aheadSteps }) => [delaySteps, aheadSteps]),
      );
    expect(sources(false, 2)).toEqual([
      [0, undefined],
      [2, undefined],
    ]);
    expect(sources(true, 2)).toEqual([
      [0, undefined],
      [0, 2],
    ]);
    // T is 8: with Ts = 5 two steps tell all that is to be known at the first firing step.
    expect(sources(true, 5)).toEqual([
      [0, undefined],
      [3, 2],
    ]);
    expect(latencyOf(network({ Ts: 2, lookAhead: true }))).toEqual({ steps: 14, tsaLayers: 3, interval: 12 });
    expect(latencyOf(network({ Ts: 2 }))).toEqual({ steps: 14, tsaLayers: 3, interval: 10 });
  });
});

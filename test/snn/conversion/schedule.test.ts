// When windows begin: neurons as early as they can, linear nodes as late as they may.
import { describe, expect, it } from 'vitest';
import { runStepped } from '../../../src/engines/reference/stepped.ts';
import { latencyOf } from '../../../src/metrics/latency.ts';
import type { Network } from '../../../src/snn/network/network.ts';
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
});

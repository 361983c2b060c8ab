import { describe, expect, it } from 'vitest';
import { codingOf } from '../../src/snn/network/coding.ts';
import { neuronLayers } from '../../src/snn/network/network.ts';
import { changedLayers, variantsOf } from '../../src/sweep/variants.ts';
import { dyadicNetwork } from '../engines/dyadic-network.ts';

describe('the variants of a coding', () => {
  it('are the network itself, what the papers take away, and longer silence', () => {
    const variants = variantsOf(codingOf('css'), 3);
    expect(variants.map(({ name, coding: { Ts, phi }, change }) => [name, Ts, phi, change])).toEqual([
      ['as-converted', 1, 0.5, {}],
      ['threshold-theta', 1, 1, { lastPhi: 1 }],
      ['no-silent-period', 0, 0.5, {}],
      ['threshold-theta-no-silent-period', 0, 1, { lastPhi: 1 }],
      ['silent-period-2', 2, 0.5, {}],
      ['silent-period-3', 3, 0.5, {}],
      ['no-negative-spikes', 1, 0.5, { negativeSpikes: false }],
      ...[0, 1, 2, 3].map((Ts) => [`integrate-and-fire-${Ts}`, Ts, 1, { lastPhi: 1, negativeSpikes: false }]),
    ]);
  });

  it('have no silent period that T does not allow', () => {
    const periods = variantsOf(codingOf('css', { T: 2, Ts: 1 }), 9).map(({ coding }) => coding.Ts);
    expect(Math.max(...periods)).toBe(1);
  });
});

it('leaves negative spikes to layers that carry negative values', () => {
  const networks = Array.from({ length: 20 }, (_, seed) => dyadicNetwork(seed + 1).network);
  const layers = networks.flatMap((network) => {
    const changed = changedLayers(network, { lastPhi: 1, negativeSpikes: false });
    return neuronLayers(network).map(({ name, neuron }) => ({ neuron, change: changed.get(name) }));
  });
  const of = (neuron: string) =>
    layers.filter((layer) => layer.neuron === neuron).map(({ change }) => change);
  expect(new Set(of('tsa-relu').map((change) => JSON.stringify(change)))).toEqual(
    new Set(['{"lastPhi":1,"negativeSpikes":false}']),
  );
  expect(new Set(of('tsa-identity').map((change) => JSON.stringify(change)))).toEqual(
    new Set(['{"lastPhi":1}']),
  );
});

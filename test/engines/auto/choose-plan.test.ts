// How the engine auto decides, and what it refuses.
import { describe, expect, it } from 'vitest';
import { checkPlan, planEngine } from '../../../src/engines/auto/choose-plan.ts';
import { layerWorks } from '../../../src/engines/auto/layer-work.ts';
import { parsePlan, planText } from '../../../src/engines/auto/plan-file.ts';
import { spikeRates } from '../../../src/engines/auto/spike-rates.ts';
import type { EnginePlan } from '../../../src/engines/engine-plan.ts';
import { isSpiking, type Network } from '../../../src/snn/network/network.ts';
import { filled, graphOf, networkOf, uniform } from '../../snn/tiny.ts';
import { dyadicNetwork } from '../dyadic-network.ts';

/** The network with the same rate at every layer. */
function spikingAt(network: Network, spikesPerNeuron: number): Network {
  const nodes = network.nodes.map((node) => (isSpiking(node) ? { ...node, spikesPerNeuron } : node));
  return { ...network, nodes };
}

const { network } = dyadicNetwork(1);

const ints = (...value: number[]) => ({ type: 'ints' as const, value });

/** Positive weights. */
const weights = (...shape: number[]) => filled(shape, uniform(7));

describe('a plan', () => {
  it('is the same every time, and says which rates it had to assume', () => {
    expect(planEngine(network)).toEqual(planEngine(network));
    expect(planEngine(network).assumed).toBe(network.nodes.filter(isSpiking).length);
    expect(planEngine(spikingAt(network, 1)).assumed).toBe(0);
  });

  it('expects lists of spikes to cost more the more there are, and the dense engine not to mind', () => {
    const [seldom, often] = [0.1, 5].map((rate) => planEngine(spikingAt(network, rate)).expected!);
    expect(often!.event).toBeGreaterThan(seldom!.event);
    expect(often!.dense).toBe(seldom!.dense);
    expect(seldom!.plan).toBeLessThanOrEqual(Math.min(seldom!.event, seldom!.dense));
  });

  it('gives a layer to ONNX Runtime where it spikes at every step, and not where it seldom does', () => {
    // 64 to 256 channels, 3 x 3: work enough for a call.
    const wide = networkOf(
      graphOf({
        input: [64, 24, 24],
        nodes: [
          ['Conv', ['x', 'w'], 'c', { pads: ints(1, 1, 1, 1) }],
          ['Relu', ['c'], 'r'],
        ],
        constants: { w: weights(256, 64, 3, 3) },
      }),
      { coding: { T: 8, beta: 2, Ts: 1 } },
    );
    const currents = (rate: number) =>
      planEngine(spikingAt(wide, rate)).layers.map((layer) => layer.currents);
    expect(currents(0.1)).toContain('event');
    expect(currents(8)).toContain('dense');
  });

  it('comes back from its file as it was, but for what it expected', () => {
    const plan = planEngine(network);
    expect(parsePlan(planText(plan), 'plan.json')).toEqual({ ...plan, expected: null });
  });
});

describe('checking a plan', () => {
  const plan = planEngine(network);
  const [first, ...others] = plan.layers;
  const problems = (changed: Partial<EnginePlan>) => {
    try {
      checkPlan(network, { ...plan, ...changed }, 'plan.json');
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  it('accepts its own', () => {
    expect(problems({})).toBe('');
  });

  it('names what is missing, unknown, twice there or contradicts itself', () => {
    const name = first!.name;
    expect(problems({ layers: others })).toContain(`"${name}": expected every layer, found it missing`);
    expect(problems({ layers: [...plan.layers, { ...first!, name: 'other' }] })).toContain(
      '"other": expected a layer',
    );
    expect(problems({ layers: [...plan.layers, first!] })).toContain(`"${name}": expected every layer once`);
    const layers = plan.layers.map((layer) => ({ ...layer, currents: 'event' as const }));
    expect(problems({ neurons: 'dense', layers })).toContain(
      `"${name}": expected "dense" where the neurons are`,
    );
  });
});

describe('the work of a layer', () => {
  it('counts the taps that see a spike, borders and strides included', () => {
    const made = networkOf(
      graphOf({
        input: [1, 4, 4],
        nodes: [
          ['Conv', ['x', 'w'], 'c', { strides: ints(2, 2), pads: ints(1, 1, 1, 1) }],
          ['Relu', ['c'], 'r'],
        ],
        constants: { w: weights(4, 1, 3, 3) },
      }),
      { coding: { T: 4, beta: 2, Ts: 1 } },
    );
    const rates = spikeRates(spikingAt(made, 1));
    const { event } = layerWorks(made, rates).get('neuron r')!;
    // Along one axis outputs 0 and 1 see inputs -1..1 and 1..3: 5 of them inside, for 4 inputs.
    expect(event.gatherRow).toBeCloseTo(16 * (5 / 4) ** 2, 9);
    expect(event.gatherAdd).toBeCloseTo(4 * event.gatherRow!, 9);
  });
});

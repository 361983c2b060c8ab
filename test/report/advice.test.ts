// What is advised follows from the layer that loses and stays within the limits of the coding.
import { describe, expect, it } from 'vitest';
import type { Loss } from '../../src/metrics/losses.ts';
import { adviceOn, keepingUp } from '../../src/report/advice.ts';
import type { Coding } from '../../src/snn/network/coding.ts';
import { type Network, neuronLayers } from '../../src/snn/network/network.ts';
import { filled, graphOf, networkOf, normal } from '../snn/tiny.ts';

const gauss = normal(5);

/** A layer behind a convolution and one behind a global mean. */
const graph = graphOf({
  input: [2, 4, 4],
  nodes: [
    ['Conv', ['x', 'w'], 'c'],
    ['Relu', ['c'], 'r'],
    ['GlobalAveragePool', ['r'], 'mean'],
    ['Conv', ['mean', 'v'], 'e'],
    ['Relu', ['e'], 'y'],
  ],
  constants: { w: filled([3, 2, 3, 3], gauss), v: filled([3, 3, 1, 1], gauss) },
});

const networkWith = (coding: Partial<Omit<Coding, 'name'>>) =>
  networkOf(graph, { coding: { T: 12, beta: 1.5, Ts: 1, phi: 0.5, ...coding } });

/** The same, with a quantizer that gives the first layer's theta. */
function quantized(coding: Partial<Omit<Coding, 'name'>>): Network {
  const network = networkWith(coding);
  const nodes = network.nodes.map((node) =>
    node.kind === 'neuron' && node.name === 'r' ? { ...node, annGrid: { scale: 1, zeroPoint: 0 } } : node,
  );
  return { ...network, nodes };
}

function adviceFor(network: Network, layer: string, cause: Loss['cause']): string {
  const losses = [{ layer, error: 0.5, sourceError: 0, cause }];
  return adviceOn(network, losses, { agreement: 0.5, outputs: [], scores: 'y' })[0]!.advice;
}

describe('advice', () => {
  it('is none where nothing is lost', () => {
    const losses: Loss[] = [{ layer: 'r', error: 0.5, sourceError: 0, cause: 'rounding' }];
    expect(adviceOn(networkWith({}), losses, { agreement: 1, outputs: [], scores: 'y' })).toEqual([]);
  });

  it.each<[string, Loss['cause'], Partial<Omit<Coding, 'name'>>, string]>([
    ['r', 'rounding', {}, 'more steps (--steps 14)'],
    ['r', 'rounding', { T: 29 }, 'more steps (--steps 30)'],
    ['r', 'rounding', { T: 30 }, 'another preset (--coding): this one is at its limits'],
    ['r', 'residual', {}, 'a longer silent period (--silent 2 or more), or larger amplitudes (--adjust 3)'],
    [
      ...(['r', 'residual', { T: 3, Ts: 1, phi: 2 / 3 }] as const),
      'a longer silent period (--silent 2), or a threshold of 1/2 (--threshold 1/2), or larger amplitudes (--adjust 3)',
    ],
    ['r', 'residual', { T: 3, Ts: 2 }, 'larger amplitudes (--adjust 3)'],
    [
      'r',
      'sources',
      { T: 30, Ts: 29 },
      'the layers in front of it first: another preset (--coding): this one is at its limits',
    ],
    [
      'r',
      'sources',
      { T: 30 },
      'the layers in front of it first: a longer silent period (--silent 2 or more)',
    ],
    [
      'r',
      'saturation',
      {},
      'a larger amplitude: a higher --percentile (now given), or calibration images more like these',
    ],
  ])('for %s, lost to %s, with %o', (layer, cause, coding, expected) => {
    expect(adviceFor(networkWith(coding), layer, cause)).toBe(expected);
  });

  it('asks the layer whether its amplitude is measured', () => {
    expect(adviceFor(quantized({}), 'r', 'saturation')).toBe('more steps (--steps 13)');
    expect(adviceFor(quantized({}), 'y', 'saturation')).toContain('a higher --percentile');
    expect(adviceFor(quantized({}), 'r', 'residual')).not.toContain('--adjust');
    expect(adviceFor(quantized({}), 'y', 'residual')).toContain('--adjust');
    const network = networkWith({});
    const all = { ...network, provenance: { ...network.provenance, amplitudes: 'quantizers' } };
    expect(adviceFor(all, 'y', 'saturation')).toBe('more steps (--steps 13)');
  });

  it('names what lies behind a global mean, which waits longer', () => {
    expect(adviceFor(networkWith({}), 'y', 'residual')).toBe(
      'a longer silent period (--silent 3 or more: behind a mean, what it tracks is a small difference of large sums), or larger amplitudes (--adjust 3)',
    );
  });

  it('is the same for a layer that does not keep up, and none for one that does', () => {
    const network = networkWith({});
    const [r, y] = neuronLayers(network);
    expect(keepingUp(network, r!, 0.5)).toBeNull();
    expect(keepingUp(network, r!, 3)).toBe(adviceFor(network, 'r', 'residual'));
    expect(keepingUp(network, y!, 3)).toBe(adviceFor(network, 'y', 'residual'));
  });
});

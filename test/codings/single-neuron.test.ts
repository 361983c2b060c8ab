// One neuron by itself: closed forms of the papers for what its spikes decode to.
import { describe, expect, it } from 'vitest';
import { baselineCodingNamed } from '../../src/codings/index.ts';
import { neuronResponses } from '../../src/codings/single-neuron.ts';
import { encoderResponses, stepwiseResponses } from '../../src/codings/stepwise-neuron.ts';
import { kappa } from '../../src/encoders/kappa.ts';
import { codingOf } from '../../src/snn/network/coding.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { graphOf, measuredTheta, networkOf, runTiny } from '../snn/tiny.ts';

/** No value lies on the edge of a stair, where rounding decides. */
const VALUES = [0, 0.013, 0.11, 0.27, 0.41, 0.52, 0.683, 0.77, 0.951];

describe('what the spikes of a value decode to', () => {
  it.each<[string, number, (v: number, T: number) => number]>([
    ['rate', 16, (v, T) => Math.floor(v * T) / T],
    ['rate-half', 16, (v, T) => Math.floor(v * T + 0.5) / T],
    // One spike every ceil(1 / v) steps: the rest above the threshold is lost.
    ['rate-hard', 16, (v, T) => (v === 0 ? 0 : Math.floor(T / Math.ceil(1 / v)) / T)],
    ['fs', 5, (v, K) => Math.floor(v * (2 ** K - 1)) / (2 ** K - 1)],
    ['ttfs', 16, (v, T) => Math.round(v * T) / T],
    ['tsc', 16, (v, T) => Math.round(v * (T - 1)) / (T - 1)],
  ])('%s, T = %i', async (name, T, expected) => {
    const responses = await neuronResponses(baselineCodingNamed(name), T, VALUES);
    for (const { value, decoded } of responses) expect(decoded).toBeCloseTo(expected(value, T), 5);
  });

  it('saturates at 1, and says at which steps spikes came', async () => {
    const [half, above] = await neuronResponses(baselineCodingNamed('ttfs'), 4, [0.5, 1.3]);
    expect(half).toEqual({ value: 0.5, spikes: [0, 0, 1, 0], decoded: 0.5 });
    expect(above).toMatchObject({ spikes: [1, 0, 0, 0], decoded: 1 });
  });

  it('tells spikes that are taken back, where the input was too much at first', async () => {
    const [low] = await neuronResponses(baselineCodingNamed('rate-signed'), 4, [0.5, 1], [3, 3, -1, -1]);
    // Potentials from 0.5: 2, 2.5, 1, -0.5, each before its spike.
    expect(low).toEqual({ value: 0.5, spikes: [1, 1, 1, -1], decoded: 0.5 });
  });
});

describe('stepwise-weighted spikes', () => {
  it.each(['css', 'canonical', 'sws'])('%s: as the reference engine has them in a network', async (name) => {
    const coding = codingOf(name, { T: 6 });
    const graph = graphOf({
      input: [1],
      nodes: [
        ['Gemm', ['x', 'one'], 'u'],
        ['Relu', ['u'], 'a'],
        ['Gemm', ['a', 'one'], 'y'],
      ],
      constants: { one: floatTensor([1, 1], [1]) },
    });
    const theta = measuredTheta(graph, floatTensor([1, 1], [1]), coding);
    const images = floatTensor([VALUES.length, 1], VALUES);
    const { decoded } = await runTiny(networkOf(graph, { coding, theta }), images);
    const responses = stepwiseResponses(coding, VALUES);
    const expected = decoded.get('y')!;
    // The readout has the unit of the ANN's output.
    responses.forEach((response, i) => {
      expect(response.decoded).toBeCloseTo(expected[i]!, 5);
    });
  });

  it('the encoder css is within half an amplitude', () => {
    for (const { value, spikes, decoded } of encoderResponses({ T: 8, beta: 2, encoder: 'css' }, VALUES)) {
      expect(spikes).toHaveLength(8);
      expect(Math.abs(decoded - value)).toBeLessThan(0.5001 / kappa(8, 2));
    }
  });

  it('the encoder constant-current is not: it cannot make up for a spike that it left out', () => {
    const [response] = encoderResponses({ T: 8, beta: 2, encoder: 'constant-current' }, [0.951]);
    // Membranes before the spike, in amplitudes: 0.951, 0.853, 0.657, 0.265, 1.481, 1.913, 2.777, 4.505.
    expect(response!.spikes).toEqual([1, 1, 1, 0, 1, 1, 1, 1]);
    expect(response!.decoded).toBeCloseTo((255 - 16) / 255, 6);
  });
});

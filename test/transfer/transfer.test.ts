// The parts of the transfer on networks whose answers are known.
import { describe, expect, it } from 'vitest';
import { compileNir } from '../../src/nir/simulation/program.ts';
import { noise } from '../../src/tensor/noise.ts';
import { type FloatTensor, floatTensor } from '../../src/tensor/tensor.ts';
import { correctBiases } from '../../src/transfer/biases.ts';
import { inputCode, withMappingLayer, withPlainEncoder } from '../../src/transfer/mapping-layer.ts';
import { classesOf, observe } from '../../src/transfer/observation.ts';
import { presentationOf } from '../../src/transfer/presentation.ts';
import { calibrateThresholds } from '../../src/transfer/thresholds.ts';
import { transferToEvents } from '../../src/transfer/transfer.ts';
import { EULER, full, graphOf, spikeTimes, valuesOf } from '../nir/simulation/tiny-graph.ts';

const STEPS = 16;
const presentation = { ...EULER, steps: STEPS };

/** A weight of 1 from each of n inputs to an IF of its own. */
function rowOf(n: number, weight = 1) {
  const identity = floatTensor(
    [n, n],
    Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? weight : 0)),
  );
  return graphOf(
    [n],
    {
      fc: { type: 'Linear', weight: identity },
      fire: { type: 'IF', r: full([n], 1), v_threshold: full([n], 1) },
    },
    [n],
  );
}

describe('the mapping layer', () => {
  it.each([
    { title: 'positive', values: [0, 1 / 64, 0.2, 0.5, 0.77, 2] },
    { title: 'signed', values: [-2, -0.77, -1 / 64, 0, 0.3, 1.9] },
  ])('is within half an event of $title values at every step', ({ values }) => {
    const graph = rowOf(values.length);
    const code = inputCode(Float32Array.from(values));
    expect(code).toEqual({ theta: 2, signed: values.some((x) => x < 0) });
    const mapped = withMappingLayer(graph, compileNir(graph, 'tiny'), code, 1);
    // The first weights have theta in them: what comes out of them is the value that the events carry.
    const carried = values.map(() => 0);
    valuesOf(mapped, 'fc', values, STEPS).forEach((currents, t) => {
      currents.forEach((current, i) => {
        expect([-2, 0, 2]).toContain(current);
        carried[i]! += current;
        expect(Math.abs(values[i]! * (t + 1) - carried[i]!)).toBeLessThanOrEqual(1 + 1e-5);
      });
    });
  });

  it('puts its amplitude into a Scale where the image meets a membrane without weights', () => {
    const graph = graphOf([1], { fire: { type: 'IF', r: full([1], 1), v_threshold: full([1], 1) } }, [1]);
    const mapped = withMappingLayer(graph, compileNir(graph, 'tiny'), { theta: 2, signed: false }, 1);
    expect(mapped.nodes.get('input_amplitude')).toMatchObject({
      type: 'Scale',
      scale: { data: Float32Array.of(2) },
    });
    expect(mapped.edges).toContainEqual(['input_events', 'input_amplitude']);
    // Events at 1, 3, 5 ... of amplitude 2 stand for the image of 1.
    expect(spikeTimes(mapped, 'input_events', [1.25], 6)).toEqual([1, 3, 5, 6]);
    expect(spikeTimes(mapped, 'fire', [1.25], 6)).toEqual([1, 3, 5, 6]);
  });

  it('is a plain IF of threshold 1 in the naive switch', () => {
    const graph = rowOf(1);
    const naive = withPlainEncoder(graph, compileNir(graph, 'tiny'), 1);
    expect(spikeTimes(naive, 'input_events', [1], 6)).toEqual([2, 4, 6]);
    expect(spikeTimes(naive, 'input_events', [0.4], 6)).toEqual([3, 6]);
  });
});

describe('calibration', () => {
  const images = { data: Float32Array.of(0.3, 0.9, 0.45, 0.1, 1, 0.62), count: 2 };
  const direct = rowOf(3);
  const program = compileNir(direct, 'tiny');

  it('of thresholds finds the half where all currents are halved', () => {
    const many = { data: noise([60, 3], 1).data, count: 60 };
    const { graph, factors } = calibrateThresholds(rowOf(3, 0.5), program, many, presentation);
    expect(factors).toMatchObject([{ layer: 'fire', factor: 0.5, error: 0 }]);
    expect(factors[0]!.errorBefore).toBeGreaterThan(1);
    expect(graph.nodes.get('fire')).toMatchObject({ v_threshold: { data: Float32Array.of(0.5, 0.5, 0.5) } });
  });

  it('of thresholds leaves what fires alike', () => {
    const { factors } = calibrateThresholds(direct, program, images, presentation);
    expect(factors).toEqual([{ layer: 'fire', factor: 1, errorBefore: 0, error: 0 }]);
  });

  it('of biases adds the difference of mean currents, and makes an Affine of a Linear', () => {
    const { graph, corrections } = correctBiases(
      rowOf(3, 0.5),
      ['fc'],
      images,
      presentation,
      observe(program, images, presentation),
    );
    // Half of the mean of each input.
    const node = graph.nodes.get('fc')!;
    expect(node.type).toBe('Affine');
    const added = [0.1, 0.475, 0.2675];
    const { bias } = node as { readonly bias: FloatTensor };
    for (const [c, wanted] of added.entries()) expect(bias.data[c]).toBeCloseTo(wanted, 6);
    expect(corrections[0]!.rms).toBeCloseTo(Math.hypot(...added) / Math.sqrt(3), 6);
  });
});

it('measures every stage, and agreement where there are no labels', () => {
  const images = { data: Float32Array.of(0.3, 0.9, 0.45, 0.1, 1, 0.62), count: 2 };
  const { stages, graph } = transferToEvents(rowOf(3), {
    presentation,
    calibration: images,
    test: images,
    labels: null,
  });
  expect(stages.map(({ stage, accuracy, agreement }) => ({ stage, accuracy, agreement }))).toEqual(
    ['direct', 'naive', 'mapping', 'thresholds', 'biases'].map((stage) => ({
      stage,
      accuracy: null,
      agreement: 1,
    })),
  );
  expect(stages[0]!.operations).toMatchObject({ macs: 3 * STEPS, macsOnce: 3 });
  expect(stages.map(({ multiplies }) => multiplies)).toEqual([['fc'], [], [], [], []]);
  expect(stages.at(-1)!.operations.macs).toBe(0);
  const observed = observe(compileNir(graph, 'tiny'), images, presentation);
  expect([...classesOf(observed)]).toEqual([1, 1]);
});

describe('how a network is run', () => {
  const graph = rowOf(1);
  it('is what was given, else what the file says, else Euler at 1e-4', () => {
    const told = {
      ...graph,
      metadata: { steps: 5, dt: 0.5, discretisation: 'exponential', reset: 'subtract' },
    };
    expect(presentationOf(told, {}, 'x')).toEqual(told.metadata);
    expect(presentationOf(told, { steps: 3, discretisation: 'euler' }, 'x')).toEqual({
      steps: 3,
      dt: 0.5,
      discretisation: 'euler',
      reset: 'subtract',
    });
    expect(presentationOf(graph, { steps: 3 }, 'x')).toEqual({
      steps: 3,
      dt: 1e-4,
      discretisation: 'euler',
      reset: 'zero',
    });
  });

  it('has no usual number of steps, and all that is wrong is named', () => {
    expect(() => presentationOf(graph, {}, 'x')).toThrow(
      '--steps: expected how many steps an image is shown',
    );
    const wrong = { ...graph, metadata: { steps: 'many', dt: -1, discretisation: 'rk4' } };
    expect(() => presentationOf(wrong, {}, 'x')).toThrow(
      /"discretisation".*"rk4"\n.*"steps".*"many"\n.*"dt".*-1/,
    );
  });
});

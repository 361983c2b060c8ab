// Networks broken on purpose, each in one way: the diagnosis names the layer that was broken, and the way.
import { describe, expect, it } from 'vitest';
import type { CanonicalGraph } from '../../src/graph/graph.ts';
import { addDiagnosis, type DiagnosisSums } from '../../src/metrics/diagnosis.ts';
import { largestLosses, TOLERATED_ERROR } from '../../src/metrics/losses.ts';
import type { LayerOverrides } from '../../src/snn/conversion/check-conversion.ts';
import type { Coding } from '../../src/snn/network/coding.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { annValues, filled, graphOf, measuredTheta, networkOf, normal, runTiny } from '../snn/tiny.ts';

const FEATURES = 24;
const LAYERS = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];

const next = normal(7);
const weights = (): Tensor => filled([FEATURES, FEATURES], () => next() * Math.sqrt(2 / FEATURES));
/** Six layers in a row with a skip over two of them. */
const graph = graphOf({
  input: [FEATURES],
  nodes: [
    ...LAYERS.flatMap((layer, i) => [
      ['Gemm', [i === 0 ? 'x' : LAYERS[i - 1]!, `w${i}`], `z${i}`] as const,
      ...(layer === 'r4' ? [['Add', ['z3', 'r2'], 'sum'] as const] : []),
      ['Relu', [layer === 'r4' ? 'sum' : `z${i}`], layer] as const,
    ]),
    ['Gemm', ['r6', 'last'], 'y'],
  ],
  constants: Object.fromEntries([...LAYERS.map((_, i) => [`w${i}`, weights()]), ['last', weights()]]),
});
const images = filled([40, FEATURES], next);

interface Breakage {
  readonly coding?: Partial<Omit<Coding, 'name'>>;
  /** Factors of the amplitudes that just reach the largest value. */
  readonly scales?: Readonly<Record<string, number>>;
  readonly layers?: ReadonlyMap<string, LayerOverrides>;
}

const losses = (breakage: Breakage) => lossesOf(graph, breakage);

async function lossesOf(graph: CanonicalGraph, { coding = {}, scales = {}, layers }: Breakage) {
  const { T = 10, beta = 2, Ts = 2 } = coding;
  const theta = new Map(
    [...measuredTheta(graph, images, { T, beta })].map(([layer, amplitude]) => [
      layer,
      (amplitude as number) * (scales[layer] ?? 1),
    ]),
  );
  const network = networkOf(graph, {
    coding: { phi: 1 / 2, ...coding, T, beta, Ts },
    theta,
    ...(layers === undefined ? {} : { layers }),
  });
  const sums: DiagnosisSums = new Map();
  const ann = new Map([...annValues(graph, images)].map(([name, { data }]) => [name, data as Float32Array]));
  addDiagnosis(sums, network, (await runTiny(network, images)).trace, ann);
  return largestLosses(network, sums);
}

describe('the largest losses', () => {
  it('are none in a network that keeps up', async () => {
    expect(await losses({})).toEqual([]);
  });

  it.each(LAYERS)('are in %s alone where its amplitude is an eighth', async (layer) => {
    const found = await losses({ scales: { [layer]: 1 / 8 } });
    expect(found.map((loss) => loss.layer)).toEqual([layer]);
    expect(found[0]!.cause).toBe('saturation');
    expect(found[0]!.error).toBeGreaterThan(5 * found[0]!.sourceError);
  });

  it('are saturation, first in the first layer, where all amplitudes reach a small percentile only', async () => {
    const found = await losses({ scales: Object.fromEntries(LAYERS.map((layer) => [layer, 0.4])) });
    expect(found[0]).toMatchObject({ layer: 'r1', cause: 'saturation', sourceError: 0 });
  });

  it('are residuals wherever nothing waits for its input', async () => {
    const found = await losses({ coding: { Ts: 0 } });
    expect(found.length).toBeGreaterThan(1);
    for (const { cause } of found) expect(cause).toBe('residual');
  });

  it.each(['r3', 'r5'])('are in %s alone, which alone does not wait', async (layer) => {
    const found = await losses({ coding: { Ts: 4, phi: 3 / 4 }, layers: new Map([[layer, { Ts: 0 }]]) });
    expect(found.map((loss) => loss.layer)).toEqual([layer]);
    expect(found[0]!.cause).toBe('residual');
  });

  it('are rounding where steps are few', async () => {
    const found = await losses({ coding: { T: 3, Ts: 2 } });
    expect(found[0]).toMatchObject({ layer: 'r1', cause: 'rounding' });
  });

  it('hold the largest error of the sources, over a skip as well', async () => {
    const found = await losses({ scales: { r2: 1 / 2, r4: 1 / 32 } });
    const r4 = found.find(({ layer }) => layer === 'r4')!;
    const r2 = found.find(({ layer }) => layer === 'r2')!;
    expect(r2.error).toBeGreaterThan(TOLERATED_ERROR);
    // r3 and r2 feed r4; r3 has r2's error and its own.
    expect(r4.sourceError).toBeGreaterThan(0.5 * r2.error);
    expect(r4.error).toBeGreaterThan(r4.sourceError);
  });

  it('begin where the error is made, in front of the weights that amplify it', async () => {
    // Two halves of r1 differ by a tenth; r2 reads what they differ by.
    const half = FEATURES / 2;
    const [one, tenth] = [filled([FEATURES, half], next), filled([FEATURES, half], next)];
    const both = filled([FEATURES, FEATURES], () => 0);
    const difference = filled([FEATURES, half], () => 0);
    for (let i = 0; i < FEATURES; i++) {
      for (let j = 0; j < half; j++) {
        const value = one.data[i * half + j]!;
        both.data[i * FEATURES + j] = value + 0.1 * tenth.data[i * half + j]!;
        both.data[i * FEATURES + half + j] = value;
        if (i % half === j) difference.data[i * half + j] = i < half ? 10 : -10;
      }
    }
    const amplifying = graphOf({
      input: [FEATURES],
      nodes: [
        ['Gemm', ['x', 'both'], 'z1'],
        ['Relu', ['z1'], 'r1'],
        ['Gemm', ['r1', 'difference'], 'z2'],
        ['Relu', ['z2'], 'y'],
      ],
      constants: { both, difference },
    });
    const found = await lossesOf(amplifying, { coding: { T: 4, Ts: 3 } });
    expect(found).toMatchObject([
      { layer: 'r1', cause: 'rounding', sourceError: 0 },
      { layer: 'y', cause: 'sources' },
    ]);
    expect(found[1]!.error).toBeGreaterThan(4 * found[0]!.error);
  });
});

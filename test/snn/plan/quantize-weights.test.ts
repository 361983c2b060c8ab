// Weights rounded to grids of their own, worked out by hand; and what that costs the embedded network.
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/data/dataset.ts';
import { dense } from '../../../src/engines/dense/index.ts';
import { evaluate } from '../../../src/evaluate.ts';
import { type CanonicalGraph, type ValueId, valueId } from '../../../src/graph/graph.ts';
import { calibrate, convertModel, prepare, preprocessingFor } from '../../../src/pipeline.ts';
import { codingOf } from '../../../src/snn/network/coding.ts';
import { neuronLayers } from '../../../src/snn/network/network.ts';
import { quantizeWeights } from '../../../src/snn/plan/quantize-weights.ts';
import { CALIBRATION_SET, MODEL, SCALE, TEST_SET } from '../../cli/digits.ts';
import { parseGraph } from '../../passes/graph-text.ts';

const graphOf = (text: string) => parseGraph(text) as CanonicalGraph;

/** The weights that a node reads. */
function weightsOf(graph: CanonicalGraph, name: string) {
  const node = graph.nodes.find((each) => each.name === name)!;
  return graph.constants.get(node.inputs[1]!)!;
}

const CONV = graphOf(`
input x [1, 1, 1, 1]
const w [3, 1, 1, 2] = 1.27, -0.624, 0, 0, -2.54, 0.05
const b [3] = 0.123, 0, 1
y = Conv(x, w, b) {pads: [0, 0, 0, 1]}
output y`);

describe('quantizeWeights', () => {
  it('gives each output channel a scale of its own: max|w| / 127', () => {
    const { data, grid, shape } = weightsOf(quantizeWeights(CONV, 8), 'y');
    expect(shape).toEqual([3, 1, 1, 2]);
    expect(grid).toMatchObject({ axis: 0, low: -127, high: 127 });
    // Of 0.01: 127 and -62; of 1, as nothing is to be scaled: 0 and 0; of 0.02: -127 and 2.5, which goes to 2.
    const scale = [Math.fround(1.27 / 127), 1, Math.fround(2.54 / 127)];
    for (const [channel, expected] of scale.entries()) expect(grid!.scale[channel]).toBeCloseTo(expected, 9);
    const integers = Array.from(data, (w, i) => w / grid!.scale[i >> 1]!);
    for (const [i, expected] of [127, -62, 0, 0, -127, 2].entries()) {
      if (i === 5) expect([2, 3]).toContain(Math.round(integers[i]!));
      else expect(integers[i]).toBeCloseTo(expected, 4);
    }
  });

  it('has 15 levels with 4 bits, and rounds halves to even', () => {
    const graph = graphOf(`
input x [1, 8]
const w [1, 8] = 7, 6.5, 5.5, 0.5, 1.5, -0.5, -6.75, 0.25
y = Gemm(x, w) {transB: 1}
output y`);
    const { data, grid } = weightsOf(quantizeWeights(graph, 4), 'y');
    expect(grid).toEqual({ scale: [1], axis: 0, low: -7, high: 7 });
    expect([...data]).toEqual([7, 6, 6, 0, 2, -0, -7, 0]);
  });

  it('leaves biases, and weights that are on a grid', () => {
    const text = `
input x [1, 1, 1, 1]
const w [1, 1, 1, 1] = 0.75 on {scale: [0.25], axis: 0, low: -127, high: 127}
const v [1, 1, 1, 1] = 0.3
const b [1] = 0.1
a = Conv(x, w, b)
y = Conv(a, v, b)
output y`;
    const before = graphOf(text);
    const after = quantizeWeights(before, 8);
    expect(weightsOf(after, 'a')).toBe(weightsOf(before, 'a'));
    expect(weightsOf(before, 'y').grid).toBeUndefined();
    expect(weightsOf(after, 'y').grid!.scale).toEqual([Math.fround(Math.fround(0.3) / 127)]);
    for (const node of after.nodes) expect(node.inputs[2]).toBe('b');
    expect(after.constants.get(valueId('b'))).toEqual(before.constants.get(valueId('b')));
    expect(quantizeWeights(after, 4).constants).toEqual(after.constants);
  });

  it('quantizes weights that two layers share once for both', () => {
    const shared = quantizeWeights(
      graphOf(`
input x [1, 2]
const w [2, 2] = 1, 2, 3, 4
a = Gemm(x, w) {transB: 1}
y = Gemm(a, w) {transB: 1}
output y`),
      8,
    );
    expect(weightsOf(shared, 'a')).toEqual(weightsOf(shared, 'y'));
    expect(weightsOf(shared, 'y').grid!.scale).toEqual([2 / 127, 4 / 127].map(Math.fround));
  });

  it.each([8, 4] as const)('is never off by more than half a step: %d bits', async (bits) => {
    const { plan } = await prepare(MODEL);
    const quantized = (await prepare(MODEL, { weightBits: bits })).plan;
    const weighted = plan.graph.nodes.filter(({ op }) => op === 'Conv' || op === 'Gemm');
    expect(weighted).toHaveLength(5);
    for (const node of weighted) {
      const original = plan.graph.constants.get(node.inputs[1] as ValueId)!;
      const { data, grid } = weightsOf(quantized.graph, node.name);
      const fan = data.length / original.shape[0]!;
      for (const [i, w] of original.data.entries()) {
        const step = grid!.scale[Math.floor(i / fan)]!;
        expect(Math.abs(data[i]! - w)).toBeLessThanOrEqual(0.5001 * step);
        expect(Math.abs(data[i]! / step - Math.round(data[i]! / step))).toBeLessThan(1e-5);
      }
    }
  });
});

describe('the digits with 8-bit weights', () => {
  it('are an integer network within 1 % of the float one', async () => {
    const coding = codingOf('canonical');
    const reports = [];
    for (const options of [{}, { weightBits: 8 }] as const) {
      const model = await prepare(MODEL, options);
      const set = await openDataset(CALIBRATION_SET);
      const calibration = await calibrate(model, set, preprocessingFor(set, { scale: SCALE }));
      const network = convertModel(model, calibration, coding);
      expect(neuronLayers(network)).toHaveLength(3);
      reports.push(
        await evaluate(network, await openDataset(TEST_SET), {
          engine: dense,
          ann: model.file,
          diagnosed: 0,
        }),
      );
    }
    const [float, integer] = reports as [(typeof reports)[0], (typeof reports)[0]];
    expect([float.arithmetic, integer.arithmetic]).toEqual(['float32', 'integer']);
    expect(integer.images).toBe(500);
    expect(float.ann.accuracy).toBe(0.992);
    expect(integer.ann.accuracy).toBe(0.992);
    expect(Math.abs(integer.snn.accuracy! - float.snn.accuracy!)).toBeLessThanOrEqual(0.01);
    expect(integer.snn.agreement).toBeGreaterThan(0.98);
  });
});

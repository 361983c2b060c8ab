// What is said of integer networks: their arithmetic, what their ANN costs, their registers, the silent periods in use.
import { describe, expect, it } from 'vitest';
import { emptyHistogram } from '../../src/calibration/histogram.ts';
import type { CanonicalGraph } from '../../src/graph/graph.ts';
import { buildReport, type EvaluationFacts } from '../../src/report/build-report.ts';
import { conversionSummary, conversionText } from '../../src/report/conversion.ts';
import type { Report } from '../../src/report/report.ts';
import { reportText } from '../../src/report/text.ts';
import type { LayerOverrides } from '../../src/snn/conversion/check-conversion.ts';
import { type Network, spikingLayers } from '../../src/snn/network/network.ts';
import { sizeOf } from '../../src/tensor/tensor.ts';
import type { SilentSearch } from '../../src/tuning/silent-periods.ts';
import { parseGraph } from '../passes/graph-text.ts';
import { quantizedNetwork } from '../snn/quantized-network.ts';
import { graphOf, networkOf } from '../snn/tiny.ts';

const fq = (high: number) =>
  `{scale: [1], axis: 1, type: "uint8", zeroPoint: 0, low: 0, high: ${high}, absorbed: ["relu"]}`;
const ON = 'on {scale: [1], axis: 0, low: -127, high: 127}';

/** [2] -> 2 x 2 weights -> [2] -> 2 x 2 weights -> [2]: 4 products a layer. */
function integerNetwork(high: number, periods: readonly number[] = []): Network {
  const graph = parseGraph(`
input x [1, 2]
q = FakeQuantize(x) ${fq(high)}
const w [2, 2] = 3, -4, 1, 1 ${ON}
a = Gemm(q, w) {transB: 1}
r = FakeQuantize(a) ${fq(high)}
const v [2, 2] = 1, 1, 1, 1 ${ON}
b = Gemm(r, v) {transB: 1}
p = FakeQuantize(b) ${fq(high)}
output p`) as CanonicalGraph;
  const network = quantizedNetwork(graph).network({ Ts: 1 });
  const nodes = network.nodes.map((node) => {
    const layer = node.kind === 'neuron' ? ['r', 'p'].indexOf(node.name) : -1;
    return layer < 0 || periods[layer] === undefined ? node : { ...node, Ts: periods[layer]! };
  });
  return { ...network, nodes };
}

const FLOAT = networkOf(graphOf({ input: [2], nodes: [['Relu', ['x'], 'r']] }), {
  coding: { T: 4, beta: 1.5, Ts: 1 },
});

const FACTS: EvaluationFacts = {
  engine: 'reference',
  enginePlan: null,
  data: { file: 'none', sha256: '0' },
  interrupted: null,
  memory: { perWorker: 1e6, allowed: 1e9 },
  workers: { used: 1, asked: 1 },
  seconds: { ann: 0, snn: 1, total: 2 },
  measuredLatency: { measured: null, whyNotMeasured: 'not here' },
};

/** The report of one image of which every neuron spiked once, in the first step. */
function reportOf(network: Network, membranes: Readonly<Record<string, number>> = {}): Report {
  const layers = spikingLayers(network).map(({ name, shape }) => {
    const perStep = new Float64Array(network.coding.T);
    perStep[0] = sizeOf(shape);
    return [name, { perStep, perNeuron: new Float64Array(sizeOf(shape)).fill(1) }] as const;
  });
  const diagnosis = new Map(
    Object.entries(membranes).map(([layer, membrane]) => [
      layer,
      {
        ...{
          residuals: { ...emptyHistogram(), zeros: 2, count: 2 },
          absoluteResiduals: 0,
          membrane,
          values: 2,
        },
        ...{ saturated: 0, squaredError: 0, squaredAnn: 0, compared: false },
        own: { saturation: 0, residual: 0, rounding: 0 },
      },
    ]),
  );
  return buildReport(
    network,
    {
      tally: { images: 1, layers: new Map(layers) },
      diagnosis,
      outputs: new Map(),
      diagnosedImages: Object.keys(membranes).length,
      perStep: null,
      ann: null,
      agreeing: null,
    },
    FACTS,
  );
}

describe('values that are encoded anew', () => {
  const ANEW = networkOf(
    graphOf({
      input: [2],
      nodes: [
        ['Relu', ['x'], 'r'],
        ['Mul', ['r', 'r'], 'square'],
        ['Relu', ['square'], 'y'],
      ],
    }),
    { coding: { T: 4, beta: 1.5, Ts: 1 }, plan: { analog: new Set(['square']) } },
  );

  it('have a kind of their own, and spikes that count', () => {
    const report = reportOf(ANEW);
    expect(report.layers.map(({ name, kind }) => [name, kind])).toEqual([
      ['x', 'encoder'],
      ['r', 'tsa-relu'],
      ['square', 're-encoder'],
      ['y', 'tsa-relu'],
    ]);
    // One spike of each of the 2 elements of 3 layers; the input's are not among them.
    expect(report.spikes).toEqual({ perNeuron: 1, total: 6 });
    expect(report.operations.neuronUpdates).toBe(2 * 5 + 2 * 4 + 2 * 5);
    expect(reportText(report)).toContain('Ts 1,');
    const said = conversionSummary(ANEW, 'net.snn');
    expect(said).toMatchObject({ neurons: 4, analog: { reEncoded: ['square'], reEncoders: 2 } });
    expect(conversionText(said)).toContain('\nencoded anew behind them: 2 elements of 1 values (square)\n');
  });
});

describe('energy', () => {
  it.each([
    [255, 8, 0.23],
    [15, 4, 0.13],
  ])('of an integer network is set against the quantized ANN of its bits: levels to %d', (high, T, macPj) => {
    const { energy } = reportOf(integerNetwork(high));
    // 2 pixels and 2 neurons reach 2 each, 2 more the readout; 8 products
    expect(energy.snnMj).toBeCloseTo(10 * 0.03e-9, 20);
    expect(energy.annMj).toBeCloseTo(8 * macPj * 1e-9, 20);
    expect(energy.ratio).toBeCloseTo((10 * 0.03) / (8 * macPj), 12);
    expect(energy.ann).toBe(`bit-matched quantized ANN (${T}-bit activations, 8-bit weights)`);
    expect(energy.constants).toMatchObject({ acPj: 0.03 });
    expect(energy.constants.macPj).toBeCloseTo(macPj, 12);
    expect(energy.rules).toHaveLength(2);
  });

  it('of a float32 network is set against the float32 ANN', () => {
    expect(reportOf(FLOAT).energy).toMatchObject({
      ann: 'float32 ANN',
      constants: { acPj: 0.9, macPj: 4.6 },
    });
  });

  it('names the ANN in the text', () => {
    expect(reportText(reportOf(integerNetwork(15)))).toMatch(
      /\nenergy per image .*: 0\.288 of the bit-matched quantized ANN \(4-bit activations, 8-bit weights\) /,
    );
    expect(reportText(reportOf(integerNetwork(15)))).toMatch(
      /\nenergy model +0\.03 pJ per AC, 0\.13 pJ per MAC, arithmetic only/,
    );
  });
});

describe('membranes', () => {
  it('have the width that what was seen needs, and that any image could need', () => {
    const { layers } = reportOf(integerNetwork(15), { r: 100 });
    // The largest row is 3 + 4, the other layer's 1 + 1; 15 of them in 4 steps, twice that in one of silence.
    expect(layers.map(({ name, membrane }) => [name, membrane])).toEqual([
      ['x', null],
      ['r', { seen: 100, bound: 7 * 15 * 2, bitsSeen: 8, bits: 9 }],
      ['p', { seen: null, bound: 2 * 15 * 2, bitsSeen: null, bits: 7 }],
    ]);
  });

  it('grow with the silent period', () => {
    const [, r, p] = reportOf(integerNetwork(15, [3, 0])).layers;
    expect([r!.membrane!.bound, p!.membrane!.bound]).toEqual([7 * 15 * 8, 2 * 15]);
  });

  it('have a column in the table of an integer network, and none in that of a float32 one', () => {
    const text = reportText(reportOf(integerNetwork(15), { r: 100 }));
    expect(text).toMatch(/\nlayer .* error +bits\n/);
    expect(text).toMatch(/\nx +encoder .* -\n/);
    expect(text).toMatch(/\nr +tsa-\w+ .* 8 of 9\n/);
    expect(text).toMatch(/\np +tsa-\w+ .* \? of 7\n/);
    expect(text).toContain(
      '\nbits: of a signed register for the largest membrane seen, of what any image could reach',
    );
    const float = reportText(reportOf(FLOAT));
    expect(float).toMatch(/\nlayer .* error\n/);
    expect(float).not.toContain('bits:');
    expect(reportOf(FLOAT).layers.every(({ membrane }) => membrane === null)).toBe(true);
  });
});

describe('arithmetic and silent periods', () => {
  it.each([
    ['one for all', [], 'Ts 1,'],
    ['a range', [3, 0], 'Ts 0 to 3,'],
    ['another one for all', [2, 2], 'Ts 2,'],
  ])('are told in the report: %s', (_, periods, expected) => {
    const text = reportText(reportOf(integerNetwork(15, periods)));
    expect(text).toContain(expected);
    expect(text).toMatch(/\narithmetic +integer, exact membranes\n/);
  });

  it('are told of a float32 network', () => {
    const report = reportOf(FLOAT);
    expect(reportText(report)).toMatch(/\ncoding .*T 4, beta 1\.5, Ts 1, .*\narithmetic +float32\n/);
    expect([report.arithmetic, report.whyFloat]).toEqual(['float32', 'beta is 1.5, not 2']);
    const integer = reportOf(integerNetwork(15));
    expect([integer.arithmetic, integer.whyFloat]).toEqual(['integer', null]);
  });

  it('are told of a conversion, with why it is not integer', () => {
    const lines = (network: Network) => conversionText(conversionSummary(network, 'net.snn')).split('\n');
    expect(lines(integerNetwork(15))).toContain('arithmetic: integer weights and currents, exact membranes');
    expect(lines(FLOAT)).toContain('arithmetic: float32 (beta is 1.5, not 2)');
    expect(conversionSummary(FLOAT, 'net.snn')).toMatchObject({ arithmetic: 'float32', silentSearch: null });
  });

  it('are told of steps that are not the bits of the quantizers', () => {
    const text = (bits: number | null) =>
      conversionText(conversionSummary(integerNetwork(15), 'net.snn', { bits }));
    expect(text(8)).toContain("\nsteps: 4, fewer than the quantizers' 8 bits: ");
    expect(text(3)).toContain("\nsteps: 4, more than the layers' 3 bits: ");
    expect(text(4)).not.toContain('\nsteps: ');
    expect(text(null)).not.toContain('\nsteps: ');
  });

  it('are told of a search, with what it buys', () => {
    const search: SilentSearch = {
      layers: new Map<string, LayerOverrides>([
        ['r', { Ts: 3 }],
        ['p', { Ts: 0 }],
      ]),
      ...{
        images: 7,
        integers: 700,
        differing: 2,
        latency: 7,
        uniform: { Ts: 2, latency: 8 },
        exactLatency: 10,
      },
    };
    const summary = conversionSummary(integerNetwork(15, [3, 0]), 'net.snn', { search });
    expect(summary.silentSearch).toEqual({ ...search, layers: { r: 3, p: 0 } });
    const text = conversionText(summary);
    expect(text).toContain(
      "\nsilent periods: 3 0; 2 of 700 integers of 7 images differ from the quantized ANN's\n",
    );
    expect(text).toContain('latency: 7 steps; 8 with the longest of them, 2, in every layer, 10 with 3');
  });
});

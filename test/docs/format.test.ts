// docs/format.md is complete: a simulator written from the page alone reproduces the reference engine, and the
// page's worked example and calibration file mean what the page says.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseCalibration } from '../../src/calibration/calibration.ts';
import { openDataset } from '../../src/data/dataset.ts';
import { preprocess } from '../../src/data/preprocessing.ts';
import type { Trace } from '../../src/engines/engine.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { annOperations } from '../../src/metrics/ann-operations.ts';
import { latencyOf } from '../../src/metrics/latency.ts';
import { calibrate, convertModel, prepare, preprocessingFor } from '../../src/pipeline.ts';
import { convert } from '../../src/snn/conversion/convert.ts';
import { quantizedAmplitudes } from '../../src/snn/conversion/quantized-amplitudes.ts';
import { codingOf } from '../../src/snn/network/coding.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { readNetwork, writeNetwork } from '../../src/snn/network/network-file.ts';
import { writeSafetensors } from '../../src/tensor/safetensors.ts';
import {
  type FloatTensor,
  floatTensor,
  indexTensor,
  sizeOf,
  type Tensor,
  tensor,
} from '../../src/tensor/tensor.ts';
import { ablated } from '../engines/ablated.ts';
import { filled, graphOf, measuredTheta, networkOf, uniform } from '../snn/tiny.ts';
import { parseSnn, type Run, simulate } from './snn-simulator.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const page = readFileSync(path('docs/format.md'), 'utf8');
const [networkJson, integerNodesJson, calibrationJson] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(
  (m) => m[1]!,
);

/** The file of the worked example, as section 10 gives it. */
function exampleFile(): Uint8Array {
  const tensors = new Map([
    ['w1', floatTensor([1, 1], [0.5])],
    ['b1', floatTensor([1], [0.25])],
    ['w2', floatTensor([1, 1], [2])],
    ['b2', floatTensor([1], [-0.5])],
  ]);
  return writeSafetensors({ tensors, metadata: { network: networkJson! } });
}

/** The file of the integer example, as section 10 gives it. */
function integerExampleFile(): Uint8Array {
  const json = { ...JSON.parse(networkJson!), nodes: JSON.parse(integerNodesJson!), arithmetic: 'integer' };
  const scalar = (value: number) => tensor('float64', [], [value]);
  const tensors = new Map([
    ['w1', tensor('int8', [1, 1], [3])],
    ['w2', tensor('int8', [1, 1], [2])],
    ['a1.source0.scale', scalar(0.25)],
    ['a1.bias', scalar(-0.25)],
    ['a1.low', scalar(0)],
    ['a1.high', scalar(6)],
    ['y.readout.source0.scale', scalar(0.0625)],
    ['y.readout.bias', scalar(1)],
  ]);
  return writeSafetensors({ tensors, metadata: { network: JSON.stringify({ ...json, whyFloat: null }) } });
}

async function referenceTrace(network: Network, images: FloatTensor): Promise<Trace> {
  const compiled = await reference.compile(network);
  return compiled.run(images, { spikes: true });
}

/** The nearest whole number, the even one of two. */
function halfEven(x: number): number {
  const near = Math.round(x);
  return near - x === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

/** Asserts that one simulated image equals image `n` of a trace in every spike and every logit. */
function expectEqualRuns(network: Network, run: Run, trace: Trace, n: number): void {
  const { T } = network.coding;
  for (const node of network.nodes) {
    const size = sizeOf(node.shape);
    const at = (t: number) => (t * trace.images + n) * size;
    for (let t = 0; t < T; t++) {
      if (node.kind === 'readout') {
        const expected = trace.logits.get(node.name)!.subarray(at(t), at(t) + size);
        expect([...run.logits.get(node.name)![t]!], `${node.name}, step ${t + 1}`).toEqual([...expected]);
      } else if (node.kind === 'encoder' || node.kind === 'neuron') {
        const expected = trace.layers.get(node.name)!.spikes!.subarray(at(t), at(t) + size);
        expect([...run.spikes.get(node.name)![t]!], `${node.name}, step ${t + 1}`).toEqual([...expected]);
      }
    }
  }
}

describe('the worked example', () => {
  it('gives the spikes and logits of the tables', () => {
    const run = simulate(parseSnn(exampleFile()), Float32Array.of(2.5));
    expect(run.spikes.get('x')!.map((s) => s[0])).toEqual([1, 1, -1]);
    expect(run.spikes.get('a1')!.map((s) => s[0])).toEqual([1, 0, 0]);
    expect(run.logits.get('y')!.map((y) => y[0])).toEqual([1.5, 2.5, 4.5]);
    expect(run.steps).toBe(4);
  });

  it('is a file that the toolkit reads and runs alike', async () => {
    const network = readNetwork(exampleFile(), 'example.snn');
    expect(latencyOf(network).steps).toBe(4);
    const images = floatTensor([4, 1], [2.5, -3.5, 0.1, 1.7]);
    const trace = await referenceTrace(network, images);
    images.data.forEach((x, n) => {
      expectEqualRuns(network, simulate(parseSnn(exampleFile()), Float32Array.of(x)), trace, n);
    });
  });

  it('has an integer network with the spikes and logits of the tables', () => {
    const run = simulate(parseSnn(integerExampleFile()), Float32Array.of(2.6));
    expect(run.spikes.get('x')!.map((s) => s[0])).toEqual([1, 1, -1]);
    expect(run.spikes.get('a1')!.map((s) => s[0])).toEqual([1, 0, 0]);
    const logits = run.logits.get('y')!.map((y) => y[0]);
    expect(logits).toEqual([0.125 + 1 / 7, 0.25 + 3 / 7, 1.5].map(Math.fround));
    expect(logits[0]).toBeCloseTo(0.2678571, 7);
    expect(logits[1]).toBeCloseTo(0.6785714, 7);
  });

  it('has an integer network that the toolkit runs alike, and whose spikes are the quantized ANN', async () => {
    const network = readNetwork(integerExampleFile(), 'example.snn');
    // Half of these lie between two steps of the input grid, some beyond its ends.
    const images = floatTensor(
      [20, 1],
      Array.from({ length: 20 }, (_, i) => i / 4 - 1 / 2),
    );
    const trace = await referenceTrace(network, images);
    images.data.forEach((x, n) => {
      const run = simulate(parseSnn(integerExampleFile()), Float32Array.of(x));
      expectEqualRuns(network, run, trace, n);
      const q = Math.min(Math.max(halfEven(x / 0.5), 0), 7);
      const hidden = Math.min(Math.max(halfEven((3 * 0.25 * 0.5 * q - 0.125) / 0.5), 0), 6);
      expect(run.logits.get('y')![2]![0]).toBe(2 * 0.125 * 0.5 * hidden + 1);
    });
  });

  it('is refused under the format of version 1', () => {
    const tensors = new Map<string, Tensor>();
    const network = networkJson!.replace('ann2snn-network/2', 'ann2snn-network/1');
    const file = writeSafetensors({ tensors, metadata: { network } });
    expect(() => readNetwork(file, 'old.snn')).toThrow(/format/);
    expect(() => parseSnn(file)).toThrow(/format/);
  });

  it('has a calibration file that the toolkit reads', () => {
    const { layers } = parseCalibration(calibrationJson!, 'example.json');
    expect(layers).toEqual({ x: { amplitude: 0.5 }, a1: { amplitude: 2 } });
  });
});

const edge = (value: string, delaySteps = 0) => ({ value, delaySteps });
const gemm = { alpha: 1, beta: 1, transA: false, transB: true };
const window = (kernel: number, stride: number, pad: number) => ({
  kernelShape: [kernel, kernel],
  strides: [stride, stride],
  dilations: [1, 1],
  pads: [pad, pad, pad, pad],
  autoPad: 'NOTSET' as const,
});

/** MaxPool with a negative scale, a per-channel amplitude, padding, strides, a group, a delay and a re-spiked sum. */
function handMadeNetwork(): Network {
  const base = readNetwork(exampleFile(), 'example.snn');
  const next = uniform(1);
  const random = () => next() - 0.5;
  const weights = (...shape: number[]) =>
    floatTensor(
      shape,
      Array.from({ length: sizeOf(shape) }, () => random()),
    );
  return {
    ...base,
    coding: { name: 'test', T: 6, beta: 1.7, Ts: 2, phi: 2 / 3, encoder: 'constant-current' },
    nodes: [
      {
        kind: 'encoder',
        name: 'x',
        output: 'x',
        encoder: 'constant-current',
        theta: 0.07,
        shape: [2, 5, 5],
        start: 0,
      },
      {
        kind: 'linear',
        name: 'conv',
        output: 'c',
        op: 'Conv',
        attributes: { ...window(3, 1, 1), group: 2 },
        sources: [edge('x'), { constant: 'w1' }, { constant: 'b1' }],
        shape: [4, 5, 5],
        start: 0,
      },
      {
        kind: 'neuron',
        name: 'p',
        output: 'p',
        neuron: 'tsa-relu',
        sources: [edge('c')],
        potentialShape: [4, 5, 5],
        shape: [4, 3, 3],
        theta: [0.5, 1, 2, 3],
        Ts: 2,
        phi: 2 / 3,
        pool: { ...window(2, 2, 0), ceilMode: true },
        affine: { scale: 'scale', shift: 'shift' },
        annValue: 'p',
        start: 2,
      },
      {
        kind: 'neuron',
        name: 'c#spikes',
        output: 'c#spikes',
        neuron: 'tsa-identity',
        sources: [edge('c')],
        potentialShape: [4, 5, 5],
        shape: [4, 5, 5],
        theta: 1,
        Ts: 1,
        phi: 1 / 2,
        annValue: 'c',
        start: 1,
      },
      {
        kind: 'linear',
        name: 'mean',
        output: 'm',
        op: 'AveragePool',
        attributes: { ...window(3, 2, 1), ceilMode: false, countIncludePad: false },
        sources: [edge('c#spikes')],
        shape: [4, 3, 3],
        start: 1,
      },
      {
        kind: 'linear',
        name: 'scaled',
        output: 's',
        op: 'Mul',
        attributes: {},
        sources: [edge('p'), { constant: 'ratio' }],
        shape: [4, 3, 3],
        start: 2,
      },
      {
        kind: 'linear',
        name: 'sum',
        output: 'sum',
        op: 'Add',
        attributes: {},
        sources: [edge('s'), edge('m', 1)],
        shape: [4, 3, 3],
        start: 2,
      },
      {
        kind: 'linear',
        name: 'flat',
        output: 'flat',
        op: 'Reshape',
        attributes: { shape: [0, -1], allowZero: false },
        sources: [edge('sum')],
        shape: [36],
        start: 2,
      },
      {
        kind: 'neuron',
        name: 'n',
        output: 'n',
        neuron: 'tsa-clip',
        sources: [edge('flat')],
        potentialShape: [36],
        shape: [36],
        theta: 1,
        Ts: 0,
        phi: 1 / 2,
        parameters: { low: 'low', high: 'high' },
        annValue: 'n',
        start: 2,
      },
      {
        kind: 'linear',
        name: 'fc',
        output: 'z',
        op: 'Gemm',
        attributes: gemm,
        sources: [edge('n'), { constant: 'w2' }, { constant: 'b2' }],
        shape: [3],
        start: 2,
      },
      { kind: 'readout', name: 'y', sources: [edge('z')], shape: [3], start: 2, head: 'none' },
    ],
    constants: new Map([
      ['w1', weights(4, 1, 3, 3)],
      ['b1', weights(4)],
      ['scale', floatTensor([4], [1, -0.5, 2, 0.75])],
      ['shift', weights(4)],
      ['ratio', weights(4, 1, 1)],
      ['low', floatTensor([], [-0.1])],
      [
        'high',
        floatTensor(
          [36],
          Array.from({ length: 36 }, (_, i) => 0.3 + i / 3),
        ),
      ],
      ['w2', weights(3, 36)],
      ['b2', weights(3)],
    ]),
  };
}

/**
 * Whole numbers throughout: an input grid, a pool over potentials from two sources that arrive at different steps,
 * scales per channel and for all, a scale and shift behind the pool, a bias per element, bounds on either side, a mean
 * as a Conv of ones, a readout with several sources.
 */
function handMadeIntegerNetwork(): Network {
  const next = uniform(2);
  const whole = (most: number) => Math.round((2 * next() - 1) * most);
  const integers = (dtype: 'int8' | 'int16', shape: number[], most: number) =>
    tensor(
      dtype,
      shape,
      Array.from({ length: sizeOf(shape) }, () => whole(most)),
    );
  const scales = (shape: number[], from: number, to: number) =>
    tensor(
      'float64',
      shape,
      Array.from({ length: sizeOf(shape) }, () => from + (to - from) * next()),
    );
  const scaled = (value: string, scale: string, delaySteps = 0) => ({ value, delaySteps, scale });
  return {
    ...readNetwork(integerExampleFile(), 'example.snn'),
    coding: { name: 'test', T: 6, beta: 2, Ts: 2, phi: 2 / 3, encoder: 'css' },
    nodes: [
      {
        kind: 'encoder',
        name: 'x',
        output: 'x',
        encoder: 'css',
        theta: 0.05,
        grid: { scale: 0.025, low: -40, high: 50 },
        shape: [2, 5, 5],
        start: 0,
      },
      {
        kind: 'linear',
        name: 'conv',
        output: 'c',
        op: 'Conv',
        attributes: { ...window(3, 1, 1), group: 2 },
        sources: [edge('x'), { constant: 'w1' }],
        shape: [4, 5, 5],
        start: 0,
      },
      {
        kind: 'neuron',
        name: 'a',
        output: 'a',
        neuron: 'tsa-clip',
        sources: [scaled('c', 'a.scale')],
        potentialShape: [4, 5, 5],
        shape: [4, 5, 5],
        theta: 1,
        Ts: 2,
        phi: 2 / 3,
        parameters: { low: 'a.low' },
        annValue: 'a',
        start: 2,
      },
      {
        kind: 'linear',
        name: 'pointwise',
        output: 'd',
        op: 'Conv',
        attributes: { ...window(1, 1, 0), group: 1 },
        sources: [edge('a'), { constant: 'w2' }],
        shape: [4, 5, 5],
        start: 2,
      },
      {
        kind: 'neuron',
        name: 'p',
        output: 'p',
        neuron: 'tsa-clip',
        sources: [scaled('d', 'p.scale1'), scaled('c', 'p.scale2', 2)],
        bias: 'p.bias',
        potentialShape: [4, 5, 5],
        shape: [4, 3, 3],
        theta: [0.5, 1, 2, 3],
        Ts: 2,
        phi: 2 / 3,
        pool: { ...window(2, 2, 0), ceilMode: true },
        affine: { scale: 'p.factor', shift: 'p.shift' },
        parameters: { low: 'p.low', high: 'p.high' },
        annValue: 'p',
        start: 4,
      },
      {
        kind: 'linear',
        name: 'mean',
        output: 'm',
        op: 'Conv',
        attributes: { ...window(3, 1, 0), group: 4 },
        sources: [edge('p'), { constant: 'ones' }],
        shape: [4, 1, 1],
        start: 4,
      },
      {
        kind: 'linear',
        name: 'flat',
        output: 'flat',
        op: 'Reshape',
        attributes: { shape: [-1, 4], allowZero: false },
        sources: [edge('m')],
        shape: [4],
        start: 4,
      },
      {
        kind: 'linear',
        name: 'fc',
        output: 'z',
        op: 'Gemm',
        attributes: gemm,
        sources: [edge('flat'), { constant: 'w3' }],
        shape: [4],
        start: 4,
      },
      {
        kind: 'readout',
        name: 'y',
        // The first two cancel where sources are added in order, and swallow the others where they are not.
        sources: [
          scaled('z', 'y.huge'),
          scaled('z', 'y.minus'),
          scaled('z', 'y.scale1'),
          scaled('flat', 'y.scale2'),
        ],
        bias: 'y.bias',
        shape: [4],
        start: 4,
        head: 'none',
      },
    ],
    constants: new Map([
      ['w1', integers('int8', [4, 1, 3, 3], 127)],
      ['w2', integers('int16', [4, 4, 1, 1], 300)],
      ['ones', tensor('int8', [4, 1, 3, 3], new Int8Array(36).fill(1))],
      ['w3', integers('int8', [4, 4], 127)],
      ['a.scale', scales([], 0.003, 0.01)],
      ['a.low', tensor('float64', [], [-20])],
      ['p.scale1', scales([4], 0.001, 0.01)],
      ['p.scale2', scales([4], -0.01, 0.01)],
      ['p.bias', scales([4, 5, 5], -10, 10)],
      ['p.factor', floatTensor([4], [1, -0.5, 2, 0.75])],
      ['p.shift', floatTensor([4], [0, 0.3, -0.1, 0.05])],
      ['p.low', tensor('float64', [4], [-3, 0, -8, 1])],
      ['p.high', tensor('float64', [4], [15, 30, 63, 7])],
      ['y.huge', tensor('float64', [], [1e20])],
      ['y.minus', tensor('float64', [], [-1e20])],
      ['y.scale1', scales([4], 0.001, 0.1)],
      ['y.scale2', scales([], 0.1, 0.2)],
      ['y.bias', scales([4], -1, 1)],
    ]),
  };
}

/** The same, whose skip comes before the window instead of waiting for it, and whose layers forecast. */
function handMadeForesight(): Network {
  const network = handMadeIntegerNetwork();
  return {
    ...network,
    nodes: network.nodes.map((node) => {
      if (node.kind !== 'neuron') return node;
      const sources = node.sources.map((source) =>
        source.delaySteps === 2 ? { ...source, delaySteps: 0, aheadSteps: 2 } : source,
      );
      return { ...node, sources, forecast: node.name === 'a' ? [3 / 8] : [1 / 4, 1 / 8, 1 / 16] };
    }),
  };
}

describe('a simulator written from docs/format.md', () => {
  it('is tried on foresight that changes spikes', async () => {
    const image = floatTensor(
      [20, 2, 5, 5],
      Array.from({ length: 1000 }, (_, i) => Math.sin(i)),
    );
    const [plain, foresight] = await Promise.all(
      [handMadeIntegerNetwork(), handMadeForesight()].map((network) => referenceTrace(network, image)),
    );
    for (const layer of ['a', 'p'])
      expect(foresight!.layers.get(layer)!.spikes, layer).not.toEqual(plain!.layers.get(layer)!.spikes);
  });

  it.each([
    ['float32', handMadeNetwork],
    ['integer', handMadeIntegerNetwork],
    ['integer, looking ahead', handMadeForesight],
    ['float32, ablated', () => ablated(handMadeNetwork())],
    ['integer, ablated', () => ablated(handMadeIntegerNetwork())],
  ])('reproduces the reference engine on a hand-made %s network', async (_, make) => {
    const bytes = writeNetwork(make());
    const network = readNetwork(bytes, 'hand-made.snn');
    const images = floatTensor(
      [2, 2, 5, 5],
      Array.from({ length: 100 }, (_, i) => Math.sin(i)),
    );
    const trace = await referenceTrace(network, images);
    const file = parseSnn(bytes);
    for (let n = 0; n < 2; n++) {
      const run = simulate(file, images.data.slice(50 * n, 50 * (n + 1)));
      expectEqualRuns(network, run, trace, n);
      // Every layer speaks, so that equality is not that of silence.
      for (const [layer, steps] of run.spikes) {
        expect(steps.flatMap((step) => [...step]).filter((s) => s !== 0).length, layer).toBeGreaterThan(0);
      }
    }
  });

  it.each([
    ['of potentials', []],
    ['of decoded values', ['gated']],
  ])('reproduces the reference engine on a network of two inputs with a product, %s', async (_, analog) => {
    const next = uniform(3);
    const numbers = (shape: readonly number[]) => filled(shape, () => next() - 0.5);
    const graph = graphOf({
      input: { x: [2, 4, 4], z: [4] },
      nodes: [
        ['Conv', ['x', 'w'], 'c'],
        ['Relu', ['c'], 'r'],
        ['Gemm', ['z', 'fc'], 'e'],
        ['Relu', ['e'], 'gate'],
        ['Reshape', ['gate', 'column'], 'g'],
        ['Mul', ['r', 'g'], 'gated'],
        ['Conv', ['gated', 'v'], 'y'],
      ],
      constants: {
        w: numbers([4, 2, 3, 3]),
        v: numbers([3, 4, 2, 2]),
        fc: numbers([4, 4]),
        column: indexTensor([-1, 4, 1, 1]),
      },
    });
    const images = numbers([2, 36]);
    const coding = { T: 8, beta: 2, Ts: 2 };
    const plan = { analog: new Set(analog) };
    const theta = measuredTheta(graph, images, coding, false, plan);
    const network = networkOf(graph, { coding, theta, plan });
    const trace = await referenceTrace(network, images);
    const file = parseSnn(writeNetwork(network));
    for (let n = 0; n < 2; n++) {
      const run = simulate(file, images.data.slice(36 * n, 36 * (n + 1)));
      expectEqualRuns(network, run, trace, n);
    }
  });

  const model = path('models/digits.onnx');
  const why = existsSync(model) ? '' : ' (skipped: models/digits.onnx is absent)';
  it.skipIf(why !== '').each(['css', 'canonical'])(
    `reproduces the reference engine on digits.onnx converted with %s${why}`,
    async (preset) => {
      const prepared = await prepare(model);
      const calibrationSet = await openDataset(path('calibration/digits-calibration.npz'), { limit: 100 });
      const preprocessing = preprocessingFor(calibrationSet, { scale: 16 });
      const calibration = await calibrate(prepared, calibrationSet, preprocessing);
      const converted = convertModel(prepared, calibration, codingOf(preset), { percentile: 99.99 });
      const bytes = writeNetwork(converted);
      const network = readNetwork(bytes, 'digits.snn');
      const testSet = await openDataset(path('calibration/digits-test.npz'));
      const images = preprocess(await testSet.read(0, 3), network.preprocessing, [1, 8, 8]);
      const trace = await referenceTrace(network, images);
      const file = parseSnn(bytes);
      for (let n = 0; n < 3; n++) {
        const run = simulate(file, images.data.slice(64 * n, 64 * (n + 1)));
        expectEqualRuns(network, run, trace, n);
        expect(run.steps).toBe(latencyOf(network).steps);
        const logits = run.logits.get('logits')!.at(-1)!;
        expect(logits.indexOf(Math.max(...logits))).toBe(testSet.labels![n]);
      }
    },
  );

  const quantized = path('models/digits-int8.onnx');
  const whyNot = existsSync(quantized) ? '' : ' (skipped: models/digits-int8.onnx is absent)';
  it.skipIf(whyNot !== '')(`reproduces the reference engine on digits-int8.onnx${whyNot}`, async () => {
    const { plan, graph, file: onnx } = await prepare(quantized);
    const coding = { name: 'sws', T: 8, beta: 2, Ts: 7, phi: 1 / 2, encoder: 'css' } as const;
    const converted = convert(plan, {
      coding,
      amplitudes: quantizedAmplitudes(plan, coding),
      preprocessing: { scale: 16, mean: [0], std: [1], channels: 'as-is' },
      annOperations: annOperations(graph),
      provenance: {
        model: { file: 'digits-int8.onnx', sha256: onnx.sha256 },
        calibration: { images: 0, sha256: null },
        amplitudes: 'given',
        tool: 'test',
      },
    });
    expect(converted.whyFloat).toBeNull();
    const bytes = writeNetwork(converted);
    const network = readNetwork(bytes, 'digits-int8.snn');
    const testSet = await openDataset(path('calibration/digits-test.npz'));
    const images = preprocess(await testSet.read(0, 3), network.preprocessing, [1, 8, 8]);
    const trace = await referenceTrace(network, images);
    const file = parseSnn(bytes);
    for (let n = 0; n < 3; n++) {
      const run = simulate(file, images.data.slice(64 * n, 64 * (n + 1)));
      expectEqualRuns(network, run, trace, n);
      expect(run.steps).toBe(latencyOf(network).steps);
      const logits = run.logits.get('logits')!.at(-1)!;
      expect(logits.indexOf(Math.max(...logits))).toBe(testSet.labels![n]);
    }
  });
});

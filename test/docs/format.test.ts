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
import { latencyOf } from '../../src/metrics/latency.ts';
import { calibrate, convertModel, prepare, preprocessingFor } from '../../src/pipeline.ts';
import { codingOf } from '../../src/snn/coding.ts';
import type { Network } from '../../src/snn/network.ts';
import { readNetwork, writeNetwork } from '../../src/snn/network-file.ts';
import { writeSafetensors } from '../../src/tensor/safetensors.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../../src/tensor/tensor.ts';
import { parseSnn, type Run, simulate } from './snn-simulator.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const page = readFileSync(path('docs/format.md'), 'utf8');
const [networkJson, calibrationJson] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map((m) => m[1]!);

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

async function referenceTrace(network: Network, images: FloatTensor): Promise<Trace> {
  const compiled = await reference.compile(network);
  return compiled.run(images, { spikes: true });
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
      } else if (node.kind !== 'linear') {
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

  it('has a calibration file that the toolkit reads', () => {
    const { layers } = parseCalibration(calibrationJson!, 'example.json');
    expect(layers).toEqual({ x: { amplitude: 0.5 }, a1: { amplitude: 2 } });
  });
});

/** MaxPool with a negative scale, a per-channel amplitude, padding, strides, a group, a delay and a re-spiked sum. */
function handMadeNetwork(): Network {
  const base = readNetwork(exampleFile(), 'example.snn');
  let seed = 1;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  const weights = (...shape: number[]) =>
    floatTensor(
      shape,
      Array.from({ length: sizeOf(shape) }, () => random()),
    );
  const window = (kernel: number, stride: number, pad: number) => ({
    kernelShape: [kernel, kernel],
    strides: [stride, stride],
    dilations: [1, 1],
    pads: [pad, pad, pad, pad],
    autoPad: 'NOTSET' as const,
  });
  const edge = (value: string, delaySteps = 0) => ({ value, delaySteps });
  const gemm = { alpha: 1, beta: 1, transA: false, transB: true };
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
        source: edge('c'),
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
        source: edge('c'),
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
        neuron: 'tsa-relu',
        source: edge('flat'),
        potentialShape: [36],
        shape: [36],
        theta: 1,
        Ts: 0,
        phi: 1 / 2,
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
      { kind: 'readout', name: 'y', source: edge('z'), shape: [3], start: 2, head: 'none' },
    ],
    constants: new Map([
      ['w1', weights(4, 1, 3, 3)],
      ['b1', weights(4)],
      ['scale', floatTensor([4], [1, -0.5, 2, 0.75])],
      ['shift', weights(4)],
      ['ratio', weights(4, 1, 1)],
      ['w2', weights(3, 36)],
      ['b2', weights(3)],
    ]),
  };
}

describe('a simulator written from docs/format.md', () => {
  it('reproduces the reference engine on a hand-made network', async () => {
    const bytes = writeNetwork(handMadeNetwork());
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
      for (const [layer, steps] of run.spikes) {
        expect(steps.flatMap((step) => [...step]).filter((s) => s !== 0).length, layer).toBeGreaterThan(0);
      }
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
});

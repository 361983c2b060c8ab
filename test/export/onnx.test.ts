// The exported ONNX model, run by ONNX Runtime alone.
import { spawnSync } from 'node:child_process';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { dense } from '../../src/engines/dense/index.ts';
import type { Engine, Trace } from '../../src/engines/engine.ts';
import { reference } from '../../src/engines/reference/index.ts';
import type { ExportOptions } from '../../src/export/exporter.ts';
import { onnx } from '../../src/export/onnx.ts';
import { onnx as codec } from '../../src/onnx/generated/onnx.js';
import { readOnnx } from '../../src/onnx/read.ts';
import { inputEncoders, type Network, readouts, spikingLayers } from '../../src/snn/network/network.ts';
import { type FloatTensor, floatTensor } from '../../src/tensor/tensor.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { dyadicNetwork } from '../engines/dyadic-network.ts';
import { loadGolden } from '../engines/golden.ts';
import { NEEDS_SHARED, withoutShared } from '../shared.ts';
import { quantizedNetwork } from '../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../snn/random-quantized-graph.ts';

const ALL = ['logits', 'steps', 'counts', 'spikes'];
const folder = tempFolder();

/** Runs the model of a network of one input. */
async function run(network: Network, images: FloatTensor, options?: ExportOptions) {
  const session = await InferenceSession.create(await onnx.write(network, options), {
    intraOpNumThreads: 1,
  });
  const { name } = inputEncoders(network)[0]!;
  const answers = await session.run({ [name]: new OrtTensor('float32', images.data, [...images.shape]) });
  await session.release();
  return answers;
}

/** Asserts equal numbers; element by element vitest would take seconds. */
function expectSame(found: ArrayLike<unknown>, expected: ArrayLike<number>, what: string): void {
  expect(found.length, what).toBe(expected.length);
  let others = 0;
  for (let i = 0; i < expected.length; i++) if (found[i] !== expected[i]) others++;
  expect(others, `${what}: other numbers among ${expected.length}`).toBe(0);
}

/** Asserts that the model puts out what an engine traced. */
async function expectTrace(
  network: Network,
  images: FloatTensor,
  expected: Trace,
  unroll: boolean,
): Promise<void> {
  const answers = await run(network, images, { outputs: ALL, unroll });
  for (const [name, logits] of expected.logits) {
    expectSame(answers[`logits/${name}`]!.data, logits, name);
    expectSame(answers[name]!.data, logits.slice(-logits.length / network.coding.T), name);
  }
  for (const [layer, { spikes, perStep, perNeuron }] of expected.layers) {
    expectSame(answers[`spikes/${layer}`]!.data, spikes!, layer);
    expectSame(answers[`spikes-per-step/${layer}`]!.data, perStep, layer);
    expectSame(answers[`spikes-per-neuron/${layer}`]!.data, perNeuron, layer);
  }
}

const traced = async (engine: Engine, network: Network, images: FloatTensor) => {
  const compiled = await engine.compile(network);
  const trace = await compiled.run(images, { spikes: true });
  await compiled.release();
  return trace;
};

/** Random integer networks with their images, some of which look ahead. */
const integers = Array.from({ length: 24 }, (_, seed) => {
  const { graph, images } = randomQuantizedGraph(seed, seed % 2 === 0);
  return { network: quantizedNetwork(graph).network({ Ts: 1, lookAhead: seed % 3 === 0 }), images };
}).filter(({ network }) => network.arithmetic === 'integer' && inputEncoders(network).length === 1);

describe.each([
  ['with layers as functions', false],
  ['unrolled', true],
])('an exported ONNX model, %s,', (_, unroll) => {
  it('gives the logits and spikes of the reference on random dyadic networks', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const { network, images } = dyadicNetwork(seed);
      await expectTrace(network, images, await traced(reference, network, images), unroll);
    }
  });

  it('gives the logits and spikes of the reference on random integer networks', async () => {
    expect(integers.length).toBeGreaterThan(10);
    for (const { network, images } of integers) {
      await expectTrace(network, images, await traced(reference, network, images), unroll);
    }
  });

  it
    .skipIf(withoutShared)
    .each(['dyadic-concat-depthwise', 'dyadic-residual-canonical-phi', 'dyadic-residual-maxpool'])(
    `%s: every spike and logit of the reference ${NEEDS_SHARED}`,
    async (name) => {
      const { network, images } = await loadGolden(name);
      await expectTrace(network, images, await traced(reference, network, images), unroll);
    },
  );

  it.skipIf(withoutShared)(`LeNet: the dense engine bit for bit ${NEEDS_SHARED}`, async () => {
    const { network, images: all } = await loadGolden('lenet5-avg_css_T8_b2_Ts1');
    const images = floatTensor([4, 1, 28, 28], all.data.slice(0, 4 * 28 * 28));
    await expectTrace(network, images, await traced(dense, network, images), unroll);
  });
});

/** The names of all operators of an exported model, and of those of functions of its own. */
async function operatorsOf(network: Network, options: ExportOptions) {
  const { graph, functions } = codec.ModelProto.decode(await onnx.write(network, options));
  return {
    standard: graph!.node.filter(({ domain }) => domain === '').map(({ opType }) => opType),
    own: graph!.node.filter(({ domain }) => domain !== '').map(({ opType }) => opType),
    functions: functions.map(({ name }) => name),
  };
}

describe('an exported ONNX model', () => {
  it('has a function for each kind of layer; unrolled, standard operators only and no Scan', async () => {
    for (const { network } of [dyadicNetwork(3), ...integers.slice(0, 5)]) {
      const layered = await operatorsOf(network, {});
      expect(layered.own).toHaveLength(spikingLayers(network).length + readouts(network).length);
      expect([...new Set(layered.own)].sort()).toEqual([...layered.functions].sort());
      expect(layered.standard).not.toContain('Scan');
      const flat = await operatorsOf(network, { unroll: true });
      expect([flat.own, flat.functions]).toEqual([[], []]);
      expect(flat.standard).not.toContain('Scan');
      expect(flat.standard).not.toContain('Loop');
    }
  });

  it('has the inputs and outputs of the ANN, and says how images become input', async () => {
    const { network } = dyadicNetwork(1);
    const model = readOnnx(await onnx.write(network), { where: 'net.onnx' });
    expect(model.inputs.map(({ name }) => name)).toEqual(inputEncoders(network).map(({ name }) => name));
    expect(model.outputs.map(({ name }) => name)).toEqual(readouts(network).map(({ name }) => name));
    const notes = onnx.notes!(network).join('\n');
    expect(notes).toContain('normalised images: (pixel / 1 - [0]) / [1], channels as-is');
    expect(Buffer.from(await onnx.write(network)).includes(JSON.stringify(network.preprocessing))).toBe(true);
  });

  it('is the same bytes twice', async () => {
    const { network } = dyadicNetwork(2);
    expect(await onnx.write(network)).toEqual(await onnx.write(network));
  });
});

const withoutChecker = spawnSync('/usr/bin/python3', ['-c', 'import onnx']).status !== 0;

describe.skipIf(withoutChecker)("ONNX's own checker (needs python3-onnx, skipped where it is absent)", () => {
  it('accepts float and integer networks with all outputs', async () => {
    const networks = [dyadicNetwork(3).network, ...integers.slice(0, 3).map(({ network }) => network)];
    const paths: string[] = [];
    for (const network of networks) {
      for (const options of [{}, { outputs: ALL }, { unroll: true }, { outputs: ALL, unroll: true }]) {
        paths.push(await folder.put(`${paths.length}.onnx`, await onnx.write(network, options)));
      }
    }
    const code =
      'import onnx, sys; [onnx.checker.check_model(onnx.load(path), full_check=True) for path in sys.argv[1:]]';
    const { status, stderr } = spawnSync('/usr/bin/python3', ['-c', code, ...paths], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

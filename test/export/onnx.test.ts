// The exported ONNX model, run by ONNX Runtime alone.
import { spawnSync } from 'node:child_process';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { convertFile } from '../../src/conversion-job.ts';
import { dense } from '../../src/engines/dense/index.ts';
import type { Engine, Trace } from '../../src/engines/engine.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { onnx } from '../../src/export/onnx.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { inputEncoders, type Network, readouts } from '../../src/snn/network/network.ts';
import type { FloatTensor } from '../../src/tensor/tensor.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { dyadicNetwork } from '../engines/dyadic-network.ts';
import { loadGolden } from '../engines/golden.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { quantizedNetwork } from '../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../snn/random-quantized-graph.ts';
import { filled, normal } from '../snn/tiny.ts';

const ALL = ['logits', 'steps', 'counts', 'spikes'];
const folder = tempFolder();

/** Runs the model of a network of one input. */
async function run(network: Network, images: FloatTensor, outputs?: readonly string[]) {
  const session = await InferenceSession.create(await onnx.write(network, outputs), {
    intraOpNumThreads: 1,
  });
  const { name } = inputEncoders(network)[0]!;
  const answers = await session.run({ [name]: new OrtTensor('float32', images.data, [...images.shape]) });
  await session.release();
  return answers;
}

/** Asserts that the model puts out what an engine traced. */
async function expectTrace(network: Network, images: FloatTensor, expected: Trace): Promise<void> {
  const answers = await run(network, images, ALL);
  for (const [name, logits] of expected.logits) {
    expect(answers[`logits/${name}`]!.data).toEqual(logits);
    expect(answers[name]!.data).toEqual(logits.slice(-logits.length / network.coding.T));
  }
  for (const [layer, { spikes, perStep, perNeuron }] of expected.layers) {
    expect(Int8Array.from(answers[`spikes/${layer}`]!.data as Float32Array), layer).toEqual(spikes);
    expect(Float64Array.from(answers[`spikes-per-step/${layer}`]!.data as Float32Array)).toEqual(perStep);
    expect(Float64Array.from(answers[`spikes-per-neuron/${layer}`]!.data as Float32Array)).toEqual(perNeuron);
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

describe('an exported ONNX model', () => {
  it('gives the logits and spikes of the reference on random dyadic networks', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const { network, images } = dyadicNetwork(seed);
      await expectTrace(network, images, await traced(reference, network, images));
    }
  });

  it('gives the logits and spikes of the reference on random integer networks', async () => {
    expect(integers.length).toBeGreaterThan(10);
    for (const { network, images } of integers) {
      await expectTrace(network, images, await traced(reference, network, images));
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

describe.skipIf(withoutShared)(`golden networks ${NEEDS_SHARED}`, () => {
  it.each(['dyadic-concat-depthwise', 'dyadic-residual-canonical-phi', 'dyadic-residual-maxpool'])(
    '%s: every spike and logit of the reference',
    async (name) => {
      const { network, images } = await loadGolden(name);
      await expectTrace(network, images, await traced(reference, network, images));
    },
  );

  it('ResNet-20: the dense engine bit for bit, at 1.1 times the weights', async () => {
    const { network, images } = await loadGolden('resnet20_css_T12_b1.5_Ts1');
    const { logits } = await traced(dense, network, images);
    const answers = await run(network, images);
    for (const [name, steps] of logits) {
      expect(answers[name]!.data).toEqual(steps.slice(-steps.length / network.coding.T));
    }
    const weights = [...network.constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    expect((await onnx.write(network)).length).toBeLessThanOrEqual(1.1 * weights);
  });

  it('ResNet-20 in 8 bits: the dense engine bit for bit, with its weights as int8', async () => {
    const { network } = await convertFile(shared('models/cifar10/resnet20-qat8.onnx'), {
      amplitudes: {
        kind: 'quantizers',
        preprocessing: { scale: 255, mean: [0.5], std: [0.25], channels: 'as-is' },
      },
    });
    expect(network.arithmetic).toBe('integer');
    const images = filled([4, 3, 32, 32], normal(9));
    const { logits } = await traced(dense, network, images);
    const answers = await run(network, images);
    for (const [name, steps] of logits) {
      expect(answers[name]!.data).toEqual(steps.slice(-steps.length / network.coding.T));
    }
    // 0.28 MB of weights and scales; the Scans of 22 layers take 0.12 MB.
    expect((await onnx.write(network)).length).toBeLessThan(420_000);
  });
});

const withoutChecker = spawnSync('/usr/bin/python3', ['-c', 'import onnx']).status !== 0;

describe.skipIf(withoutChecker)("ONNX's own checker (needs python3-onnx, skipped where it is absent)", () => {
  it('accepts float and integer networks with all outputs', async () => {
    const networks = [dyadicNetwork(3).network, ...integers.slice(0, 3).map(({ network }) => network)];
    for (const [i, network] of networks.entries()) {
      for (const outputs of [undefined, ALL]) {
        const path = await folder.put(`${i}.onnx`, await onnx.write(network, outputs));
        const code = 'import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)';
        const { status, stderr } = spawnSync('/usr/bin/python3', ['-c', code, path], { encoding: 'utf8' });
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      }
    }
  });
});

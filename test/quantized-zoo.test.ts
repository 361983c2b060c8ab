// Real quantized networks, of each kind that files come in: every node has a fate, every quantizer one that says what became
// of its scale, ONNX Runtime computes the same, and the spiking network is one of integers.
import { describe, expect, it } from 'vitest';
import { openDataset } from '../src/data/dataset.ts';
import type { Fate } from '../src/graph/fate.ts';
import {
  convertModel,
  type PreparedModel,
  prepare,
  preprocessingFor,
  quantizersOnly,
  verify,
} from '../src/pipeline.ts';
import { TIE_FRACTION } from '../src/runtime/layerwise.ts';
import { codingFor } from '../src/snn/conversion/coding-for.ts';
import { neuronLayers } from '../src/snn/network/network.ts';
import { refusalOf } from './passes/refusal.ts';
import { NEEDS_SHARED, shared, withoutShared } from './shared.ts';
import { checkFile } from './verify/equivalence.ts';

const TORCHVISION = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const OWN = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };

/** Spiking layers, their bits, and quantizers that do not spike. */
const CIFAR = [
  { file: 'resnet20-qat8', normalisation: TORCHVISION, layers: 19, dropped: 0, bits: 8 },
  { file: 'resnet20-qat8-full', normalisation: TORCHVISION, layers: 19, dropped: 9, bits: 8 },
  { file: 'resnet20-qat4', normalisation: TORCHVISION, layers: 19, dropped: 0, bits: 4 },
  { file: 'tinymobilenet/model_int8', normalisation: OWN, layers: 13, dropped: 3, bits: 8 },
] as const;

const IMAGENET = [
  { file: 'shufflenet-v2-int8-qoperator', layers: 56, dropped: 19 },
  { file: 'mobilenetv2-int8-badly-calibrated', layers: 52, dropped: 12 },
] as const;

const QUANTIZER = /^(Dynamic)?QuantizeLinear$|^DequantizeLinear$|^QLinear|^QGemm$|^(Conv|MatMul)Integer$/;

/** What a fate may say of a quantizer: the scale itself, or where it went. */
const SAYS = [
  /zero point -?\d+, scale [-\d.e]+|zero point -?\d+, \d+ scales/,
  // Weights: rounded beforehand, and what is left of that.
  /^folded before conversion; whole numbers from -?\d+ to \d+ times (scale [-\d.e]+|\d+ scales)$/,
  /^folded before conversion$/,
  /^into quantizer ".+"$/,
  // A quantizer inside a layer: its scale stands at the layer's last node.
  /; quantize: part of ".+"$/,
  /^taken as floating point: its scale depends on the image; calibration gives the amplitude$/,
];

function expectEveryFate({ file, fates }: PreparedModel): void {
  expect(fates.map(({ node, op }) => [node, op])).toEqual(
    file.model.nodes.map(({ name, opType }) => [name, opType]),
  );
  const quantizers = fates.filter(({ op }) => QUANTIZER.test(op));
  expect(quantizers.length).toBeGreaterThan(15);
  expect(quantizers.filter((fate) => !isTold(fate))).toEqual([]);
  for (const { node, detail } of fates) expect(detail, node).not.toBe('');
}

/** Products of dynamically quantized files have no grid of their own: the weights' scale is a Mul behind them. */
function isTold({ op, detail }: Fate): boolean {
  return /^(Conv|MatMul)Integer$/.test(op)
    ? /weights|become spikes/.test(detail)
    : SAYS.some((says) => says.test(detail));
}

function droppedIn({ fates }: PreparedModel): number {
  return fates.filter(({ op, kind, detail }) => {
    if (!QUANTIZER.test(op)) return false;
    return (kind === 'dropped' && op === 'QuantizeLinear') || detail.includes('quantize: dropped, ');
  }).length;
}

function expectIntegers(
  model: PreparedModel,
  normalisation: typeof TORCHVISION,
  layers: number,
  T: number,
): void {
  const calibration = quantizersOnly(model, preprocessingFor({ dtype: 'uint8' }, normalisation));
  const network = convertModel(model, calibration, codingFor(model.plan));
  expect([network.arithmetic, network.whyFloat]).toEqual(['integer', null]);
  expect(network.coding).toMatchObject({ name: 'sws', T, beta: 2 });
  expect(network.provenance.amplitudes).toBe('quantizers');
  expect(neuronLayers(network)).toHaveLength(layers);
}

describe.skipIf(withoutShared)(`quantized networks for CIFAR-10 ${NEEDS_SHARED}`, () => {
  it.each(CIFAR)('$file', async ({ file, normalisation, layers, dropped, bits }) => {
    const model = await prepare(shared(`models/cifar10/${file}.onnx`));
    expectEveryFate(model);
    expect(droppedIn(model)).toBe(dropped);
    const set = await openDataset(shared('data/cifar10-test-5000.npz'), { limit: 2 });
    const differences = await verify(model, set, preprocessingFor(set, normalisation));
    expect(differences.length).toBeGreaterThan(layers);
    for (const { relative } of differences) expect(relative).toBeLessThanOrEqual(20 * TIE_FRACTION);
    expectIntegers(model, normalisation, layers, bits);
  });
});

describe.skipIf(withoutShared)(`quantized networks for ImageNet ${NEEDS_SHARED}`, () => {
  it.each(IMAGENET)('$file', async ({ file, layers, dropped }) => {
    const { model, differences } = await checkFile(shared(`models/imagenet/${file}.onnx`), 1);
    expectEveryFate(model);
    expect(droppedIn(model)).toBe(dropped);
    expect(differences.length).toBeGreaterThan(layers);
    for (const { relative } of differences) expect(relative).toBeLessThanOrEqual(20 * TIE_FRACTION);
    expectIntegers(model, TORCHVISION, layers, 8);
  });

  it('mobilenetv2-int8-dynamic, which calibration must measure', async () => {
    const { model, differences } = await checkFile(
      shared('models/imagenet/mobilenetv2-int8-dynamic.onnx'),
      1,
    );
    expectEveryFate(model);
    expect(model.fates.filter(({ op }) => op === 'DynamicQuantizeLinear')).toHaveLength(53);
    for (const { relative } of differences) expect(relative).toBeLessThan(1e-5);
    expect(codingFor(model.plan).name).toBe('css');
    const neurons = model.plan.nodes.filter(({ kind }) => kind === 'neuron').length;
    const refusal = await refusalOf(() =>
      quantizersOnly(model, preprocessingFor({ dtype: 'uint8' }, TORCHVISION)),
    );
    expect(refusal.code).toBe('invalid-calibration');
    expect(refusal.message).toContain(`to measure ${1 + neurons} amplitudes on`);
  });
});

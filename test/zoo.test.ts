// Odd real exports: each is understood and equals its file, or is refused with the reason.
import { describe, expect, it } from 'vitest';
import { runCli } from '../src/cli/run.ts';
import { NEEDS_SHARED, shared, withoutShared } from './shared.ts';
import { checkFile } from './verify/equivalence.ts';

const ACCEPTED = [
  'AnshajMalhotra_cifar10_keras_tf2onnx',
  'COLVERTYETY_cifar100edge',
  'edwin19_fashion_mnist',
  'makora9143_mnist_cnn',
  'marabou_cifar10_small_tf2onnx',
  'netkit_mnist_cnn',
  'verivital_Convnet_avgpool',
  'verivital_Convnet_maxpool',
  'vnncomp21_resnet_2b',
  'wonnx_opt-mnist',
  'light/light_squeezenet',
];

const REFUSED: readonly (readonly [file: string, reason: RegExp])[] = [
  ['hls4ml_branched_model_ch_last', /operators of the domain "qonnx\.custom_op\.general" are not supported/],
  ['hls4ml_three_layer_bn_keras', /BatchNormalization__.*expects scale, B, mean and var of \[1\]/],
  ['light/light_inception_v1', /node "n3" \(LRN\): normalises by statistics .*: --analog "n3"\nnode "n8"/],
];

async function inspect(file: string): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(['inspect', shared(`models/zoo/${file}.onnx`)], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
  });
  return { code, out, err };
}

describe.skipIf(withoutShared)(`models/zoo ${NEEDS_SHARED}`, () => {
  it.each(ACCEPTED)('%s is understood and equals its file', async (file) => {
    const { code, out } = await inspect(file);
    expect(code).toBe(0);
    const { model, differences } = await checkFile(shared(`models/zoo/${file}.onnx`), 3);
    for (const { name } of model.file.model.outputs) expect(differences.map((d) => d.output)).toContain(name);
    const constant = model.fates.filter(({ kind }) => kind === 'constant');
    for (const fate of model.fates) if (!constant.includes(fate)) expect(out).toContain(fate.node);
    if (constant.length > 0)
      expect(out).toContain(`\nconstant, computed before conversion: ${constant.length} `);
  });

  it.each(REFUSED)('%s is refused', async (file, reason) => {
    const { code, err } = await inspect(file);
    expect(code).toBe(1);
    expect(err).toMatch(reason);
  });
});

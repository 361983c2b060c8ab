// Full-size topologies whose weights are constants in the file; and once more with seeded random weights, under
// which a wrong branch or a wrong fold cannot hide.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadOnnx } from '../../src/onnx/load.ts';
import type { OnnxModel } from '../../src/onnx/model.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import { floatTensor, type Shape, sizeOf, type Tensor } from '../../src/tensor/tensor.ts';
import { randomNumbers } from '../engines/dyadic-network.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { checkFile } from './equivalence.ts';
import { convertAndEvaluate, IMAGENET_NORMALISATION } from './evaluation.ts';

/** With the nodes that must stay analog. */
const NETWORKS: readonly (readonly [string, readonly string[]])[] = [
  ['densenet121', []],
  ['inception_v1', ['n3', 'n8']],
  ['resnet50', []],
  ['squeezenet', []],
  ['vgg19', []],
];

/**
 * The model with every float ConstantOfShape replaced by random weights that keep activations in range, and without a
 * Softmax at its end, which would hide a difference in all scores but the largest.
 */
function withRandomWeights(model: OnnxModel): OnnxModel {
  const random = randomNumbers(11);
  const initializers = new Map(model.initializers);
  const nodes = model.nodes.filter((node) => {
    const shape = node.opType === 'ConstantOfShape' ? model.initializers.get(node.inputs[0]!) : undefined;
    if (shape === undefined) return true;
    const name = node.outputs[0]!;
    const positive = model.nodes.some(
      (n) => n.opType === 'BatchNormalization' && n.inputs.slice(1).includes(name),
    );
    initializers.set(name, randomWeights(Array.from(shape.data), positive, random));
    return false;
  });
  const head = nodes.find((node) => node.opType === 'Softmax');
  if (head === undefined) return { ...model, nodes, initializers };
  return {
    ...model,
    nodes: nodes.filter((node) => node !== head),
    outputs: [{ name: head.inputs[0]!, dtype: 'float32', shape: null }],
    initializers,
  };
}

function randomWeights(shape: Shape, positive: boolean, random: () => number): Tensor {
  const spread = Math.sqrt(6 / Math.max(1, sizeOf(shape.slice(1))));
  const value = positive
    ? () => 0.5 + random()
    : () => (2 * random() - 1) * (shape.length > 1 ? spread : 0.1);
  return floatTensor(shape, Float32Array.from({ length: sizeOf(shape) }, value));
}

describe.skipIf(withoutShared)(`models/zoo/light ${NEEDS_SHARED}`, () => {
  it.each(NETWORKS)('%s equals its file', async (network, analog) => {
    const { differences } = await checkFile(shared(`models/zoo/light/light_${network}.onnx`), 1, { analog });
    expect(differences.length).toBeGreaterThan(0);
  });

  it.each(NETWORKS)('%s with random weights equals its file, and spikes', async (network, analog) => {
    const folder = mkdtempSync(join(tmpdir(), 'ann2snn-light-'));
    try {
      const path = join(folder, `${network}.onnx`);
      const { model } = await loadOnnx(shared(`models/zoo/light/light_${network}.onnx`));
      writeFileSync(path, writeOnnx(withRandomWeights(model)));
      const { differences } = await checkFile(path, 1, { analog });
      console.log(
        `${network}, random weights: max|a-b|/max|a| = ${differences[0]!.relative.toExponential(1)}`,
      );
      expect(differences).toHaveLength(1);
      const report = await convertAndEvaluate({
        model: path,
        calibration: 'imagenet-calibration-100',
        calibrationLimit: 4,
        data: 'imagenet-sample-400',
        limit: 1,
        options: [
          ...IMAGENET_NORMALISATION,
          ...['--coding', 'canonical', '--steps', '12'],
          ...analog.flatMap((node) => ['--analog', node]),
        ],
      });
      console.log(`${network}: relative error of the logits ${report.outputs[0]!.relativeError}`);
      expect(report.outputs[0]!.relativeError).toBeLessThan(0.2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

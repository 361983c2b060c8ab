// Real quantized networks: read, rewritten by every pass, written back, and run beside the file in ONNX Runtime.
import { describe, expect, it } from 'vitest';
import { factOf } from '../../src/graph/graph.ts';
import { importGraph } from '../../src/graph/import.ts';
import { graphToOnnx } from '../../src/graph/to-onnx.ts';
import { loadOnnx } from '../../src/onnx/load.ts';
import { normalise } from '../../src/passes/normalise.ts';
import { openSession } from '../../src/runtime/session.ts';
import { scaleAt } from '../../src/tensor/grid.ts';
import { noise } from '../../src/tensor/noise.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';

const MODELS = [
  { path: 'models/cifar10/resnet20-qat8.onnx', quantizers: 20, absorbed: 1 },
  { path: 'models/cifar10/resnet20-qat8-full.onnx', quantizers: 29, absorbed: 1 },
  { path: 'models/cifar10/resnet20-qat4.onnx', quantizers: 20, absorbed: 2 },
  { path: 'models/imagenet/mobilenetv2-int8-badly-calibrated.onnx', quantizers: 65, absorbed: 0 },
  { path: 'models/imagenet/mobilenetv2-int8-dynamic.onnx', quantizers: 0, absorbed: 0 },
] as const;

async function normalised(path: string) {
  const file = await loadOnnx(shared(path));
  return { file, ...normalise(importGraph(file.model).graph) };
}

describe.skipIf(withoutShared)(`quantized networks ${NEEDS_SHARED}`, () => {
  it.each(MODELS)('$path keeps its quantizers, and its weights lie on grids', async (model) => {
    const { graph } = await normalised(model.path);
    const quantizers = graph.nodes.flatMap((node) => (node.op === 'FakeQuantize' ? [node.attributes] : []));
    expect(quantizers).toHaveLength(model.quantizers);
    expect(Math.max(0, ...quantizers.map(({ absorbed }) => absorbed.length))).toBe(model.absorbed);
    const weighted = graph.nodes.filter(({ op }) => op === 'Conv' || op === 'Gemm');
    expect(weighted.length).toBeGreaterThan(19);
    for (const { name, inputs } of weighted) {
      const { shape, data, grid } = graph.constants.get(inputs[1]!)!;
      const steps = Array.from(data, (value, i) => value / scaleAt(grid!, shape, i));
      const onGrid = (step: number) => {
        const whole = Math.round(step);
        return Math.abs(step - whole) < 1e-4 && whole >= grid!.low && whole <= grid!.high;
      };
      expect(
        steps.filter((step) => !onGrid(step)),
        name,
      ).toEqual([]);
    }
  });

  it.each(MODELS.slice(0, 3))('$path computes what the file computes', async ({ path }) => {
    const { file, graph } = await normalised(path);
    const input = graph.inputs[0]!;
    const images = noise([4, ...factOf(graph, input).shape.slice(1)], 2);
    const [theirs, ours] = await Promise.all(
      [file.bytes, graphToOnnx(graph, { freeBatch: true })].map(async (bytes) => {
        const session = await openSession(bytes, { where: path, optimization: 'disabled' });
        const [logits] = (await session.run(new Map([[input, images]]))).values();
        await session.release();
        return logits!.data;
      }),
    );
    // The same kernels on the same numbers: nothing but quantizers and bounds was rewritten.
    const largest = Math.max(...theirs!.map(Math.abs));
    for (const [i, logit] of ours!.entries()) {
      expect(Math.abs(logit - theirs![i]!)).toBeLessThanOrEqual(1e-5 * largest);
    }
  });
});

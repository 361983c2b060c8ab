// Before: x -> BatchNormalization(scale, B, mean, var) -> y
// After:  x -> Mul(a) -> Add(c) -> y,   a = scale / sqrt(var + epsilon),   c = B - mean * a     per channel
// Both are linear; where a Conv or Gemm stands in front, fold-affine takes them in.
import { factOf, type NodeNamed, type ValueId } from '../graph/graph.ts';
import { freshNode, freshValue, rewrite } from '../graph/rewrite.ts';
import { floatTensor } from '../tensor/tensor.ts';
import type { Change, Pass, Skipped } from './pass.ts';

/** Rewrites inference-mode BatchNormalization as a per-channel scale and shift, computed in float64. */
export const lowerBatchNorm: Pass = {
  name: 'lower-batch-norm',
  summary: 'rewrite BatchNormalization as a per-channel scale and shift',
  run(graph) {
    const changes: Change[] = [];
    const skipped: Skipped[] = [];
    const rewritten = rewrite(graph, (node) => {
      if (node.op !== 'BatchNormalization') return null;
      const [gamma, beta, mean, variance] = node.inputs.slice(1).map((id) => graph.constants.get(id)?.data);
      if (!gamma || !beta || !mean || !variance) {
        skipped.push({ node: node.name, why: 'its scale, shift or statistics are not constants' });
        return null;
      }
      const channels = gamma.length;
      const scale = new Float32Array(channels);
      const shift = new Float32Array(channels);
      for (let c = 0; c < channels; c++) {
        const a = gamma[c]! / Math.sqrt(variance[c]! + node.attributes.epsilon);
        scale[c] = a;
        shift[c] = beta[c]! - mean[c]! * a;
      }
      const rank = factOf(graph, node.inputs[0]!).shape.length;
      const shape = rank > 1 ? [channels, ...Array<number>(rank - 2).fill(1)] : [channels];
      const [scaleId, shiftId, scaled] = ['scale', 'shift', 'scaled'].map((role) =>
        freshValue(graph, `${node.name}.${role}`),
      ) as [ValueId, ValueId, ValueId];
      const mul: NodeNamed<'Mul'> = {
        name: node.name,
        op: 'Mul',
        attributes: {},
        inputs: [node.inputs[0]!, scaleId],
        outputs: [scaled],
      };
      const add: NodeNamed<'Add'> = {
        name: freshNode(graph, `${node.name}/shift`),
        op: 'Add',
        attributes: {},
        inputs: [scaled, shiftId],
        outputs: [node.outputs[0]!],
      };
      changes.push({ node: node.name, kind: 'lowered', detail: 'a per-channel scale and shift' });
      return {
        nodes: [mul, add],
        constants: new Map([
          [scaleId, floatTensor(shape, scale)],
          [shiftId, floatTensor(shape, shift)],
        ]),
      };
    });
    return { graph: rewritten, changes, skipped };
  },
};

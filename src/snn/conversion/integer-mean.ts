// Means of whole numbers: a sum over each window, by a depthwise Conv of ones, in a unit that is smaller.
import type { NodeNamed } from '../../graph/graph.ts';
import { windowOver } from '../../ops/window.ts';
import type { Shape } from '../../tensor/tensor.ts';
import { NotInteger } from './not-integer.ts';

/** The nodes that average. */
export type MeanNode = NodeNamed<'AveragePool'> | NodeNamed<'GlobalAveragePool'> | NodeNamed<'ReduceMean'>;

/** The Conv that sums each window of a mean, its ceil_mode written out as padding. */
export function sumOver(node: MeanNode, input: Shape): NodeNamed<'Conv'> {
  const spatial = input.slice(1);
  if (node.op === 'ReduceMean') {
    const axes = [...node.attributes.axes].sort((a, b) => a - b);
    const whole = axes.length === spatial.length && axes.every((axis, i) => axis === i + 2);
    if (!whole) throw new NotInteger(`ReduceMean "${node.name}" is no mean over whole channels`);
  }
  const window =
    node.op === 'AveragePool'
      ? windowOver(node.attributes, spatial)
      : { kernel: spatial, strides: spatial, padsBegin: spatial.map(() => 0), output: spatial.map(() => 1) };
  const { kernel, strides, padsBegin } = window;
  const ends = spatial.map((size, i) =>
    Math.max(0, (window.output[i]! - 1) * strides[i]! + kernel[i]! - size - padsBegin[i]!),
  );
  return {
    ...node,
    op: 'Conv',
    attributes: {
      kernelShape: kernel,
      strides,
      dilations: spatial.map(() => 1),
      pads: [...padsBegin, ...ends],
      autoPad: 'NOTSET',
      group: input[0]!,
    },
  } as NodeNamed<'Conv'>;
}

/** Shape of an image behind the Conv, channels left out. */
export function shapeBehind(conv: NodeNamed<'Conv'>, input: Shape): Shape {
  return windowOver({ ...conv.attributes, ceilMode: false }, input.slice(1)).output;
}

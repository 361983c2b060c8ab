// The input of a network as ONNX nodes.
import type { EncoderNode } from '../network/network.ts';
import type { GraphBuilder } from './builder.ts';

/** What an encoder reads: a graph input (the encoder's own name is that of its spikes), or a value computed on the way. */
export function imageName(node: EncoderNode): string {
  return node.source?.value ?? `image/${node.name}`;
}

/** The image, rounded to the grid of the input's quantizer where there is one: whole numbers then. */
export function onGrid(b: GraphBuilder, { grid }: EncoderNode, image: string): string {
  if (grid === undefined) return image;
  const { scale, low, high } = grid;
  const single = (value: number) => b.scalar(value, 'float32');
  const rounded = b.node('Round', [b.node('Div', [image, single(scale)])]);
  return b.node('Clip', [rounded, single(low), single(high)]);
}

// The layout of the pools that ONNX Runtime adds to ONNX: [N, C, ...] unless channels_last.
import type { OnnxNode } from '../onnx/model.ts';
import { refuse } from './op.ts';

/**
 * The node without its attribute `channels_last`.
 * @throws Ann2SnnError `unsupported-attribute` where it is not 0.
 */
export function channelsFirst(node: OnnxNode): OnnxNode {
  const attributes = new Map(node.attributes);
  const last = attributes.get('channels_last')?.value ?? 0;
  if (last !== 0) {
    refuse(node.name, `${node.opType} expects channels_last 0, found ${last}`, 'unsupported-attribute');
  }
  attributes.delete('channels_last');
  return { ...node, attributes };
}

// Operators that are a Reshape, a Transpose and a Reshape: DepthToSpace and SpaceToDepth.
import type { OnnxNode } from '../onnx/model.ts';
import type { Shape, Tensor } from '../tensor/tensor.ts';
import { refuse } from './op.ts';
import { reshaped } from './reshaped.ts';
import { transpose } from './transpose.ts';

/** The operand taken as `split`, its axes permuted by `perm`, the outcome taken as `result`. */
export interface Rearrangement {
  readonly split: Shape;
  readonly perm: readonly number[];
  readonly result: Shape;
}

/** Moves the elements. */
export function rearranged(x: Tensor, { split, perm, result }: Rearrangement): Tensor {
  return reshaped(transpose.evaluate({ perm }, [reshaped(x, split)])[0]!, result);
}

/** The block size of a node, which must be there. */
export function blockSizeOf(node: OnnxNode, given: number | undefined): number {
  if (given === undefined || given < 1) {
    refuse(node.name, `${node.opType} expects a blocksize from 1, found ${given ?? 'none'}`, 'invalid-graph');
  }
  return given;
}

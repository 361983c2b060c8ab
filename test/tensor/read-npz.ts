// A whole .npz archive at once: what tests want, while the toolkit reads members one by one.
import { openNpz } from '../../src/tensor/npz.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

export function readNpz(bytes: Uint8Array, where: string): Map<string, Tensor> {
  return new Map([...openNpz(bytes, where)].map(([name, member]) => [name, member.read()]));
}

// The nodes that add currents up.
import type { DecoderNode, NeuronNode, ReadoutNode, SnnNode } from '../../snn/network/network.ts';

export type MembraneNode = NeuronNode | ReadoutNode | DecoderNode;

/** The key of what adds currents up: a readout may be called like a layer of neurons. */
export function membraneKey({ kind, name }: MembraneNode): string {
  return `${kind} ${name}`;
}

/** Whether a node adds currents up. */
export function hasMembranes(node: SnnNode): node is MembraneNode {
  return node.kind === 'neuron' || node.kind === 'readout' || node.kind === 'decoder';
}

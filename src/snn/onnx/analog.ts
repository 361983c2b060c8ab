// The nodes of a network that compute on decoded values, as ONNX nodes: the operators of the ANN themselves.
import { opNamed } from '../../ops/index.ts';
import { type AnalogSnnNode, type Network, shapesOf } from '../network/network.ts';
import type { GraphBuilder } from './builder.ts';

/** Writes an analog node on values [N, ...shape]. */
export function emitAnalog(graph: GraphBuilder, network: Network, node: AnalogSnnNode): void {
  const op = opNamed(node.op)!;
  const inputs = node.sources.map((source) =>
    'value' in source
      ? source.value
      : graph.constant(source.constant, network.constants.get(source.constant)!),
  );
  const [first] = node.sources;
  const operand = first !== undefined && 'value' in first ? shapesOf(network).get(first.value)! : [];
  const pieces = op.expand?.(node.attributes, [1, ...operand]);
  if (pieces === undefined) {
    const { attributes, parameters = [] } = op.encode(node.attributes);
    const trailing = parameters.map((parameter, i) => graph.constant(`snn/${node.name}/${i}`, parameter));
    graph.node(node.op, [...inputs, ...trailing], attributes, [node.output]);
    return;
  }
  const made: string[] = [];
  pieces.forEach((piece, step) => {
    const operands = piece.inputs.map((input, i) => {
      if (input === 'x') return inputs[0]!;
      return typeof input === 'number'
        ? made[input]!
        : graph.constant(`snn/${node.name}/${step}.${i}`, input);
    });
    const last = step === pieces.length - 1;
    made.push(graph.node(piece.op, operands, {}, last ? [node.output] : undefined));
  });
}

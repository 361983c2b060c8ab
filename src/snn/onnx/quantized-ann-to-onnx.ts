// The quantized ANN of an integer network as an ONNX model: the integers of every layer, for ONNX Runtime to compute
// (engines/reference/quantized-ann.ts says the same in plain TypeScript, forty times slower). Whole numbers throughout; scales
// are combined in float64 in the order of the sources, so both give the same integers.
import { kappa } from '../../encoders/kappa.ts';
import { elementCode } from '../../onnx/element-types.ts';
import { type GraphSpec, writeOnnxGraph } from '../../onnx/write.ts';
import { intAttribute as int } from '../../ops/attributes.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../../ops/op.ts';
import { tensor } from '../../tensor/tensor.ts';
import { inputEncoders, type Network, type NeuronNode, neuronLayers } from '../network/network.ts';
import { GraphBuilder } from './builder.ts';
import { LinearEmitter } from './linear.ts';
import { castTo, membraneSum, trackedPotential } from './membrane.ts';

/**
 * Writes the quantized ANN of an integer network (opset 17). Its input is what the encoder puts out, decoded, and its
 * outputs are those of the neuron layers by their names: integers in units of theta as float32, [N, ...shape].
 */
export function quantizedAnnToOnnx(network: Network): Uint8Array {
  const graph = new GraphBuilder('ann/', 'float64');
  const K = kappa(network.coding.T, network.coding.beta);
  const linears = new LinearEmitter(network, graph, K);
  const encoder = inputEncoders(network)[0]!;
  for (const node of network.nodes) {
    if (node.kind === 'linear') linears.emit(node);
    else if (node.kind === 'neuron') integersOf(graph, network, linears, node, K);
  }
  const spec: GraphSpec = {
    name: 'quantized-ann',
    inputs: [{ name: encoder.output, dtype: 'float32', shape: ['N', ...encoder.shape] }],
    outputs: neuronLayers(network).map(({ output, shape }) => ({
      name: output,
      dtype: 'float32',
      shape: ['N', ...shape],
    })),
    nodes: graph.nodes,
    initializers: graph.initializers,
  };
  return writeOnnxGraph(spec, { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' });
}

/** min(max(round(f(u)), -K), K), with the whole bias in u. */
function integersOf(
  graph: GraphBuilder,
  network: Network,
  linears: LinearEmitter,
  node: NeuronNode,
  K: number,
): void {
  const whole = graph.constant('whole window', tensor('float64', [], [1]));
  const sums = node.sources.map(({ value }) => castTo(graph, value, linears.typeOf(value), 'float64'));
  const u = membraneSum(graph, network, node, sums, whole);
  const f = trackedPotential(graph, network, node, u, { prefix: whole, scale: 1 });
  const rounded = graph.node('Clip', [graph.node('Round', [f]), graph.scalar(-K), graph.scalar(K)]);
  graph.node('Cast', [rounded], { to: int(elementCode('float32')) }, [node.output]);
}

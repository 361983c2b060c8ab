// The currents of one layer as an ONNX model: everything linear between the spikes that reach it and its membranes, time in
// the batch axis.
import { writeOnnxGraph } from '../../onnx/write.ts';
import { intsAttribute as ints } from '../../ops/attributes.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../../ops/op.ts';
import { type LinearSnnNode, type Network, runningSources, shapesOf } from '../../snn/network/network.ts';
import { GraphBuilder } from '../../snn/onnx/builder.ts';
import { castTo } from '../../snn/onnx/membrane.ts';
import { LinearEmitter } from '../../snn/onnx/linear.ts';
import { type Plane, planeOf } from '../event/plane.ts';
import type { MembraneNode } from './membrane-nodes.ts';

/** What a layer's currents are made of. */
export interface CurrentsGraph {
  /** Values that spike, or an image that enters as it is: the model's inputs, [T, ...shape]. */
  readonly inputs: readonly string[];
  /** The linear nodes in between, in the network's order. */
  readonly nodes: readonly LinearSnnNode[];
}

/** Follows a layer's sources back to what spikes. */
export function currentsGraph(network: Network, layer: MembraneNode): CurrentsGraph {
  const wanted = new Set(layer.sources.map(({ value }) => value));
  const nodes: LinearSnnNode[] = [];
  for (const node of [...network.nodes].reverse()) {
    if (node.kind !== 'linear' || !wanted.has(node.output)) continue;
    nodes.unshift(node);
    wanted.delete(node.output);
    for (const { value } of runningSources(node)) wanted.add(value);
  }
  return { inputs: [...wanted], nodes };
}

/** The name of the output that holds the currents of source k. */
export function currentsOutput(k: number): string {
  return `currents/${k}`;
}

/**
 * Writes a layer's currents as a model (opset 17): [T, positions, stride] for each source, channels last and padded with
 * zeros to `stride`, as the event engine's membranes lie.
 * @param plane the layer's potentials
 */
export function currentsToOnnx(network: Network, layer: MembraneNode, plane: Plane): Uint8Array {
  const graph = new GraphBuilder('currents/');
  const { inputs, nodes } = currentsGraph(network, layer);
  const linears = new LinearEmitter(network, graph, 1);
  const shapes = shapesOf(network);
  for (const node of nodes) linears.emit(node);
  const { channels, positions, stride } = plane;
  layer.sources.forEach(({ value }, k) => {
    const current = castTo(graph, value, linears.typeOf(value), 'float32');
    const flat = graph.node('Reshape', [current, graph.indices([-1, channels, positions])]);
    const padded =
      stride === channels
        ? flat
        : graph.node('Pad', [flat, graph.indices([0, 0, 0, 0, stride - channels, 0])]);
    graph.node('Transpose', [padded], { perm: ints([0, 2, 1]) }, [currentsOutput(k)]);
  });
  return writeOnnxGraph(
    {
      name: `currents of ${layer.name}`,
      inputs: inputs.map((name) => ({ name, dtype: 'float32', shape: ['T', ...shapes.get(name)!] })),
      outputs: layer.sources.map((_, k) => ({
        name: currentsOutput(k),
        dtype: 'float32',
        shape: ['T', positions, stride],
      })),
      nodes: graph.nodes,
      initializers: graph.initializers,
    },
    { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' },
  );
}

/** The plane that a layer's potentials lie in, with strides as the event engine has them. */
export function potentialPlane(network: Network, layer: MembraneNode): Plane {
  const shape = layer.kind === 'neuron' ? layer.potentialShape : layer.shape;
  return planeOf(shape, network.arithmetic === 'integer' ? 8 : 4);
}

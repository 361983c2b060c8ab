// The currents of one layer as an ONNX model: everything linear between the spikes that reach it and its membranes, time in
// the batch axis.
import { elementCode } from '../../onnx/element-types.ts';
import { writeOnnxGraph } from '../../onnx/write.ts';
import { intAttribute as int, intsAttribute as ints } from '../../ops/attributes.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../../ops/op.ts';
import { type LinearSnnNode, type Network, runningSources, shapesOf } from '../../snn/network/network.ts';
import { GraphBuilder } from '../../snn/onnx/builder.ts';
import { LinearEmitter } from '../../snn/onnx/linear.ts';
import { castTo } from '../../snn/onnx/membrane.ts';
import type { Shape } from '../../tensor/tensor.ts';
import { type Plane, planeOf } from '../event/plane.ts';
import type { MembraneNode } from './membrane-nodes.ts';

/** What a layer's currents are made of. */
export interface CurrentsGraph {
  /** Values that spike, or an image that enters as it is: the model's inputs, channels last, [T, positions, C]. */
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

/** One step of a value, channels last: [positions, C]. */
export function trainShape(shape: Shape): Shape {
  const { positions, channels } = planeOf(shape, 1);
  return [positions, channels];
}

/** The name of the input that holds a value's spikes. */
function currentsInput(value: string): string {
  return `spikes/${value}`;
}

/** The name of the output that holds the currents of source k. */
function currentsOutput(k: number): string {
  return `currents/${k}`;
}

/** The type of currents in the event engine's memory. */
export function currentsType({ arithmetic }: Network): 'float32' | 'int32' {
  return arithmetic === 'integer' ? 'int32' : 'float32';
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
  for (const value of inputs) {
    const shape = shapes.get(value)!;
    const moved = graph.node('Transpose', [currentsInput(value)], { perm: ints([0, 2, 1]) });
    graph.node('Reshape', [moved, graph.indices([-1, ...shape])], {}, [value]);
  }
  for (const node of nodes) linears.emit(node);
  const { channels, positions, stride } = plane;
  layer.sources.forEach(({ value }, k) => {
    const current = castTo(graph, value, linears.typeOf(value), 'float32');
    const flat = graph.node('Reshape', [current, graph.indices([-1, channels, positions])]);
    const padded =
      stride === channels
        ? flat
        : graph.node('Pad', [flat, graph.indices([0, 0, 0, 0, stride - channels, 0])]);
    const type = currentsType(network);
    const moved = graph.node('Transpose', [padded], { perm: ints([0, 2, 1]) });
    graph.node('Cast', [moved], { to: int(elementCode(type)) }, [currentsOutput(k)]);
  });
  return writeOnnxGraph(
    {
      name: `currents of ${layer.name}`,
      inputs: inputs.map((value) => ({
        name: currentsInput(value),
        dtype: 'float32',
        shape: ['T', ...trainShape(shapes.get(value)!)],
      })),
      outputs: layer.sources.map((_, k) => ({
        name: currentsOutput(k),
        dtype: currentsType(network),
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

// New names for values of an ONNX graph that has no nested ones: functions have names of their own.
import type { GraphSpec } from '../onnx/write.ts';

/** The graph with every value that `names` has as a key under its new name, inputs, outputs and initializers too. */
export function renamed(graph: GraphSpec, names: ReadonlyMap<string, string>): GraphSpec {
  const of = (name: string) => names.get(name) ?? name;
  return {
    ...graph,
    inputs: graph.inputs.map((info) => ({ ...info, name: of(info.name) })),
    outputs: graph.outputs.map((info) => ({ ...info, name: of(info.name) })),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(of),
      outputs: node.outputs.map(of),
    })),
    initializers: new Map([...graph.initializers].map(([name, value]) => [of(name), value])),
  };
}

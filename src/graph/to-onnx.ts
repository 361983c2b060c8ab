// Graph -> ONNX bytes: the normalised network written back, so that ONNX Runtime can run what we understood.
import { type GraphSpec, type NodeSpec, writeOnnxGraph } from '../onnx/write.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../ops/op.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { factOf, type Graph, opOf, type ValueId } from './graph.ts';

/**
 * Writes the graph at EMITTED_OPSET. The batch axis is symbolic when `freeBatch`.
 * @param expose values to put out besides the graph's own outputs
 */
export function graphToOnnx(
  graph: Graph,
  options: { readonly freeBatch: boolean; readonly expose?: readonly ValueId[] },
): Uint8Array {
  const nodes: NodeSpec[] = [];
  const initializers = new Map<string, Tensor>();
  for (const node of graph.nodes) {
    const pieces = opOf(node).expand?.(node.attributes, factOf(graph, node.inputs[0]!).shape);
    if (pieces !== undefined) {
      pieces.forEach(({ op, inputs }, step) => {
        const constant = (value: Tensor, i: number) => {
          const name = `${node.name}.${op}${step}.${i}`;
          initializers.set(name, value);
          return name;
        };
        nodes.push({
          name: `${node.name}.${op}${step}`,
          opType: op,
          domain: '',
          inputs: inputs.map((input, i) => {
            if (input === 'x') return node.inputs[0]!;
            return typeof input === 'number' ? `${node.name}.step${input}` : constant(input, i);
          }),
          outputs: [step === pieces.length - 1 ? node.outputs[0]! : `${node.name}.step${step}`],
          attributes: new Map(),
        });
      });
      continue;
    }
    const { attributes, parameters = [] } = opOf(node).encode(node.attributes);
    const trailing = parameters.map((value, i) => {
      const name = `${node.name}.parameter${i}`;
      initializers.set(name, value);
      return name;
    });
    for (const input of node.inputs) {
      const constant = graph.constants.get(input);
      if (constant !== undefined) initializers.set(input, constant);
    }
    nodes.push({
      name: node.name,
      opType: node.op,
      domain: '',
      inputs: [...node.inputs, ...trailing],
      outputs: node.outputs,
      attributes: new Map(Object.entries(attributes)),
    });
  }
  const info = (value: ValueId) => {
    const { dtype, shape } = factOf(graph, value);
    return { name: value, dtype, shape: options.freeBatch ? ['N', ...shape.slice(1)] : shape };
  };
  // Outputs that are constants or inputs of the graph compute nothing and are left out.
  const produced = new Set(graph.nodes.flatMap((node) => node.outputs));
  const outputs = [...new Set([...graph.outputs, ...(options.expose ?? [])])].filter((value) =>
    produced.has(value),
  );
  const spec: GraphSpec = {
    name: 'normalised',
    inputs: graph.inputs.map(info),
    outputs: outputs.map(info),
    nodes,
    initializers,
  };
  return writeOnnxGraph(spec, { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' });
}

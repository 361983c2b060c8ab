// What must hold of any NIR graph by NIR's definitions: edges between nodes that are there, and shapes that fit along them.
// Written from NIR's layout; it knows nothing of how the exporter makes a graph.
import { expect } from 'vitest';
import type { NirGraph, NirPrimitive } from '../../src/nir/graph.ts';
import type { Network } from '../../src/snn/network/network.ts';

/** Asserts that every edge joins nodes, that there is no loop, and that each node gets the shape that it takes. */
export function expectComposed(graph: NirGraph): void {
  const names = new Set(graph.nodes.keys());
  const seen = new Set<string>();
  for (const [from, to] of graph.edges) {
    expect(names.has(from) && names.has(to), `${from} -> ${to}`).toBe(true);
    expect(seen.has(`${from}\n${to}`), `${from} -> ${to} twice`).toBe(false);
    seen.add(`${from}\n${to}`);
  }
  const shapes = new Map<string, readonly number[]>();
  while (shapes.size < names.size) {
    const before = shapes.size;
    for (const [name, node] of graph.nodes) {
      const sources = graph.edges.filter(([, to]) => to === name).map(([from]) => from);
      if (shapes.has(name) || !sources.every((source) => shapes.has(source))) continue;
      const inputs = sources.map((source) => shapes.get(source)!);
      expect(inputs.length > 0, `${name} reads something`).toBe(node.type !== 'Input');
      for (const input of inputs) expect(input, `into ${name}`).toEqual(inputs[0]);
      shapes.set(name, outputShape(node as NirPrimitive, inputs[0] ?? [], name));
      const read = graph.edges.some(([from]) => from === name);
      expect(read, `${name} is read`).toBe(node.type !== 'Output');
    }
    expect(shapes.size, 'no loop').toBeGreaterThan(before);
  }
}

function outputShape(node: NirPrimitive, input: readonly number[], name: string): readonly number[] {
  switch (node.type) {
    case 'Input':
      return node.shape;
    case 'Output':
      expect(input, name).toEqual(node.shape);
      return input;
    case 'Affine':
    case 'Linear':
      expect(input, name).toEqual([node.weight.shape[1]]);
      if (node.type === 'Affine') expect(node.bias.shape, name).toEqual([node.weight.shape[0]]);
      return [node.weight.shape[0]!];
    case 'Scale':
      expect(input, name).toEqual(node.scale.shape);
      return input;
    case 'IF':
      expect(node.r.shape, name).toEqual(input);
      expect(node.v_threshold.shape, name).toEqual(input);
      return input;
    case 'Conv2d': {
      const [out, perGroup, ...kernel] = node.weight.shape;
      expect(input, name).toEqual([perGroup! * node.groups, ...node.input_shape!]);
      expect(node.bias.shape, name).toEqual([out]);
      return [out!, ...slid(input, kernel, node.stride, node.padding as readonly number[], node.dilation)];
    }
    case 'SumPool2d':
      return [input[0]!, ...slid(input, node.kernel_size, node.stride, node.padding, [1, 1])];
    case 'Flatten':
      expect(input, name).toEqual(node.input_type);
      return [input.reduce((size, dim) => size * dim, 1)];
    default:
      throw new Error(`${name}: no rule for ${node.type}`);
  }
}

function slid(
  input: readonly number[],
  kernel: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
): number[] {
  return kernel.map(
    (size, axis) =>
      Math.floor((input[axis + 1]! + 2 * padding[axis]! - (size - 1) * dilation[axis]! - 1) / stride[axis]!) +
      1,
  );
}

/** Asserts that the elements of every weight of the network are those of a node, zeros around kernels left out. */
export function expectWeights(graph: NirGraph, network: Network): void {
  const held = new Set<string>();
  for (const node of graph.nodes.values()) {
    if ('weight' in node)
      held.add(
        Array.from(node.weight.data)
          .filter((value) => value !== 0)
          .join(),
      );
  }
  for (const node of network.nodes) {
    if (node.kind !== 'linear' || !['Conv', 'Gemm'].includes(node.op)) continue;
    for (const source of node.sources.slice(1, 2)) {
      const { data } = network.constants.get('constant' in source ? source.constant : '')!;
      const isMean = data.every((value) => value === 1);
      const wanted = Array.from(data)
        .filter((value) => value !== 0)
        .join();
      expect(isMean || held.has(wanted), `weights of ${node.name}`).toBe(true);
    }
  }
}

// Small NIR graphs, and what happens in them step by step.
import type { NirEdge, NirGraph, NirNode } from '../../../src/nir/graph.ts';
import type { TimeStep } from '../../../src/nir/simulation/neuron-model.ts';
import { compileNir } from '../../../src/nir/simulation/program.ts';
import { NirSimulator } from '../../../src/nir/simulation/simulator.ts';
import { floatTensor } from '../../../src/tensor/tensor.ts';

export const EULER: TimeStep = { dt: 1, discretisation: 'euler', reset: 'zero' };

/** A number for each element of `shape`, all alike. */
export function full(shape: readonly number[], value: number) {
  return floatTensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value));
}

/** Nodes in a row between an Input and an Output, with further edges. */
export function graphOf(
  input: readonly number[],
  nodes: Readonly<Record<string, NirNode>>,
  output: readonly number[],
  more: readonly NirEdge[] = [],
): NirGraph {
  const all = new Map<string, NirNode>([
    ['input', { type: 'Input', shape: input }],
    ...Object.entries(nodes),
    ['output', { type: 'Output', shape: output }],
  ]);
  const names = [...all.keys()];
  const row = names.slice(1).map((name, i): NirEdge => [names[i]!, name]);
  return { type: 'NIRGraph', version: null, nodes: all, edges: [...row, ...more] };
}

/** What comes out of a node at each step, for a held image. */
export function valuesOf(
  graph: NirGraph,
  node: string,
  image: readonly number[],
  steps: number,
  time: TimeStep = EULER,
): number[][] {
  const simulator = new NirSimulator(compileNir(graph, 'tiny'), time);
  simulator.begin(Float32Array.from(image));
  return Array.from({ length: steps }, () => {
    simulator.step();
    return [...simulator.valueOf(node)];
  });
}

/** Steps, from 1, at which the first neuron of a node fires. */
export function spikeTimes(...run: Parameters<typeof valuesOf>): number[] {
  return valuesOf(...run).flatMap(([spike], i) => (spike === 1 ? [i + 1] : []));
}

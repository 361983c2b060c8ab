// What connects the layers of a network, for whoever counts synapses.
import type { Fact } from '../ops/op.ts';
import { fedByCurrents } from '../snn/network/currents.ts';
import {
  type LinearSnnNode,
  type Network,
  operandFacts,
  runningSources,
  type SnnNode,
  shapesOf,
} from '../snn/network/network.ts';

/** What connects the layers: linear nodes with their operands, and how many readers add up a value's currents. */
export interface Wiring {
  readonly linear: readonly LinearSnnNode[];
  readonly operands: ReadonlyMap<string, readonly Fact[]>;
  readonly targets: ReadonlyMap<string, number>;
}

/** The wiring of a network. */
export function wiringOf(network: Network): Wiring {
  const shapes = shapesOf(network);
  const ends = fedByCurrents(network);
  const linear = network.nodes.filter((node) => node.kind === 'linear').filter((node) => !ends.has(node));
  const operands = linear.map(
    (node) => [node.name, operandFacts(network, node, (value) => shapes.get(value)!)] as const,
  );
  const targets = new Map<string, number>();
  for (const node of network.nodes) {
    const addsUp =
      node.kind === 'neuron' || node.kind === 'readout' || node.kind === 'decoder' || isIn(ends, node);
    if (!addsUp) continue;
    for (const { value } of runningSources(node)) targets.set(value, (targets.get(value) ?? 0) + 1);
  }
  return { linear, operands: new Map(operands), targets };
}

function isIn(ends: ReadonlySet<LinearSnnNode>, node: SnnNode): boolean {
  return node.kind === 'linear' && ends.has(node);
}

/** Whether a source is an edge from that value. */
export function isEdge(source: LinearSnnNode['sources'][number] | undefined, value: string): boolean {
  return source !== undefined && 'value' in source && source.value === value;
}

/** Whether a node reads that value. */
export function reads(node: SnnNode, value: string): boolean {
  return node.kind === 'linear' && node.sources.some((source) => isEdge(source, value));
}

/** The roots and every linear node behind them up to the next neurons, in order. */
export function reachableFrom(wiring: Wiring, roots: readonly LinearSnnNode[]): LinearSnnNode[] {
  const reached = new Set<string>();
  return wiring.linear.filter((node) => {
    const begins = roots.includes(node);
    if (!begins && !node.sources.some((source) => 'value' in source && reached.has(source.value)))
      return false;
    reached.add(node.output);
    return true;
  });
}

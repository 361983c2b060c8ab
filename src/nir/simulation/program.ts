// A NIR graph made ready to be stepped: its nodes in the order that they are computed, with their shapes and what is known of
// the values before anything runs. What cannot be run is refused by name, all at once.
import { type Problem, throwIfAny } from '../../errors.ts';
import { type Shape, sameShape, showShape } from '../../tensor/tensor.ts';
import type { NirGraph, NirNode, NirPrimitive } from '../graph.ts';
import {
  convolutionMap,
  type LinearMap,
  matrixMap,
  poolMap,
  sameMap,
  scaleMap,
  windowOf,
} from './linear-map.ts';
import { fires, isStateful } from './neuron-model.ts';
import { flattened, misfit } from './node-fit.ts';
import { orderOf } from './order.ts';

/**
 * What runs through a value:
 * - `held`: the same analog numbers at every step, as the image is that enters directly
 * - `spikes`: events, also pooled, flattened or scaled
 * - `currents`: analog numbers that change
 */
export type Carried = 'held' | 'spikes' | 'currents';

/** One node, ready to be computed. */
export interface Stage {
  readonly name: string;
  readonly node: NirPrimitive;
  /** What comes in: the sum of the sources, in the order of the graph's edges. */
  readonly inputShape: Shape;
  readonly shape: Shape;
  readonly sources: readonly string[];
  readonly consumers: readonly string[];
  /** What comes in and goes out. */
  readonly reads: Carried;
  readonly carries: Carried;
  /** The linear nodes' map; null for neurons. */
  readonly map: LinearMap | null;
}

/** The whole graph in the order of computation; edges that close a loop carry what their source gave in the step before. */
export interface Program {
  readonly stages: ReadonlyMap<string, Stage>;
  readonly input: Stage;
  readonly output: Stage;
}

/** Kinds that this simulator steps. */
export const SIMULATED_KINDS = [
  'Input',
  'Output',
  'Conv2d',
  'Affine',
  'Linear',
  'Scale',
  'SumPool2d',
  'AvgPool2d',
  'Flatten',
  'IF',
  'LIF',
  'I',
  'LI',
  'Threshold',
] as const satisfies readonly NirNode['type'][];

/**
 * @param where names the file in errors
 * @throws Ann2SnnError `unsupported-operator`: kinds of nodes that are not stepped; `invalid-network`: not one Input and one
 * Output, nodes that nothing reaches, shapes that do not fit, loops that close elsewhere than at a membrane
 */
export function compileNir(graph: NirGraph, where: string): Program {
  const at = (name: string) => `${where}: node "${name}"`;
  const nodes = primitivesOf(graph, at);
  const sourcesOf = neighbours(nodes, graph.edges, 1);
  const consumersOf = neighbours(nodes, graph.edges, 0);
  const problems: Problem[] = [];
  const ends = (type: 'Input' | 'Output') => {
    const found = [...nodes].filter(([, node]) => node.type === type).map(([name]) => name);
    if (found.length !== 1) {
      problems.push({
        where,
        message: `expected one ${type}, found ${found.length === 0 ? 'none' : found.join(', ')}`,
      });
    }
    return found[0];
  };
  const [input, output] = [ends('Input'), ends('Output')];
  for (const [name, node] of nodes) {
    const count = sourcesOf.get(name)!.length;
    if (node.type === 'Input' && count > 0)
      problems.push({ where: at(name), message: 'expected no edge into an Input, found one' });
    if (node.type !== 'Input' && count === 0)
      problems.push({ where: at(name), message: 'expected an edge into it, found none' });
  }
  throwIfAny('invalid-network', problems);
  const order = orderOf(nodes, sourcesOf, at);
  const stages = new Map<string, Stage>();
  for (const name of order) {
    const node = nodes.get(name)!;
    const sources = sourcesOf.get(name)!;
    const known = sources.flatMap((source) => stages.get(source) ?? []);
    const inputShape = node.type === 'Input' ? node.shape : known[0]!.shape;
    const problem = misfit(node, inputShape);
    const isNeuron = isStateful(node) || node.type === 'Threshold';
    if (problem !== null) {
      problems.push({ where: at(name), message: problem });
      // What comes out of a neuron has the shape of what goes in, whatever its parameters; of another node it is not known.
      if (!isNeuron) throwIfAny('invalid-network', problems);
    }
    const map = isNeuron ? null : linearMapOf(node, inputShape);
    const shape = map?.shape ?? inputShape;
    const reads =
      node.type === 'Input'
        ? 'held'
        : sumOf(
            known.map(({ carries }) => carries),
            known.length < sources.length,
          );
    stages.set(name, {
      name,
      node,
      inputShape,
      shape,
      sources,
      consumers: consumersOf.get(name)!,
      reads,
      carries: carriedBy(node, reads),
      map,
    });
  }
  for (const [name, { sources, inputShape }] of stages) {
    for (const source of sources) {
      const { shape } = stages.get(source)!;
      if (sameShape(shape, inputShape)) continue;
      const message = `expected ${showShape(inputShape)} on all edges into it, found ${showShape(shape)} from "${source}"`;
      problems.push({ where: at(name), message });
    }
  }
  throwIfAny('invalid-network', problems);
  return { stages, input: stages.get(input!)!, output: stages.get(output!)! };
}

function primitivesOf(graph: NirGraph, at: (name: string) => string): ReadonlyMap<string, NirPrimitive> {
  const nodes = new Map<string, NirPrimitive>();
  const problems: Problem[] = [];
  for (const [name, node] of graph.nodes) {
    if (node.type !== 'NIRGraph' && (SIMULATED_KINDS as readonly string[]).includes(node.type))
      nodes.set(name, node);
    else
      problems.push({
        where: at(name),
        message: `expected one of ${SIMULATED_KINDS.join(', ')}, found ${node.type}`,
      });
  }
  throwIfAny('unsupported-operator', problems);
  return nodes;
}

function neighbours(nodes: ReadonlyMap<string, NirPrimitive>, edges: NirGraph['edges'], end: 0 | 1) {
  const found = new Map<string, string[]>([...nodes.keys()].map((name) => [name, []]));
  for (const edge of edges) found.get(edge[end])!.push(edge[1 - end]!);
  return found;
}

/** What a sum of such values is; what comes back through a loop changes from step to step. */
function sumOf(parts: readonly Carried[], loops: boolean): Carried {
  if (parts.every((part) => part === 'spikes')) return 'spikes';
  return !loops && parts.every((part) => part === 'held') ? 'held' : 'currents';
}

function carriedBy(node: NirPrimitive, reads: Carried): Carried {
  if (fires(node)) return 'spikes';
  if (isStateful(node)) return 'currents';
  return reads === 'spikes' && isWeighted(node) ? 'currents' : reads;
}

/** Whether each of its connections is a synapse: one accumulate for a spike, one product for an analog number. */
export function isWeighted({ type }: NirPrimitive): boolean {
  return type === 'Affine' || type === 'Linear' || type === 'Conv2d';
}

function linearMapOf(node: NirPrimitive, input: Shape): LinearMap {
  switch (node.type) {
    case 'Affine':
    case 'Linear':
      return matrixMap(node);
    case 'Conv2d': {
      const kernel = [node.weight.shape[2]!, node.weight.shape[3]!] as const;
      return convolutionMap(node, input, windowOf(input, { ...node, kernel }));
    }
    case 'Scale':
      return scaleMap(node.scale.data, input);
    case 'SumPool2d':
      return poolMap(input, windowOf(input, { ...node, kernel: node.kernel_size }), 1);
    case 'AvgPool2d':
      return poolMap(
        input,
        windowOf(input, { ...node, kernel: node.kernel_size }),
        1 / (node.kernel_size[0] * node.kernel_size[1]),
      );
    case 'Flatten':
      return sameMap(flattened(node, input)!);
    default:
      return sameMap(input);
  }
}

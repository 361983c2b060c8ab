// A NIR graph made ready to be stepped: its nodes in the order that they are computed, with their shapes and what is known of
// the values before anything runs. What cannot be run is refused by name, all at once.
import { type Problem, throwIfAny } from '../../errors.ts';
import { type Shape, sameShape, showShape, sizeOf } from '../../tensor/tensor.ts';
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
    if (problem !== null) throwIfAny('invalid-network', [{ where: at(name), message: problem }]);
    const map = isStateful(node) || node.type === 'Threshold' ? null : linearMapOf(node, inputShape);
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

/** What does not fit about what comes in, or null. */
function misfit(node: NirPrimitive, input: Shape): string | null {
  const expected = (shape: string) => `expected ${shape} to come in, found ${showShape(input)}`;
  switch (node.type) {
    case 'Affine':
    case 'Linear': {
      const { shape } = node.weight;
      if (shape.length !== 2) return `expected a weight of two axes, found ${showShape(shape)}`;
      if ('bias' in node && node.bias.data.length !== shape[0])
        return `expected a bias of ${shape[0]} numbers, found ${node.bias.data.length}`;
      return sameShape(input, [shape[1]!]) ? null : expected(showShape([shape[1]!]));
    }
    case 'Conv2d': {
      const { weight, bias, groups, input_shape: size, stride, padding, dilation } = node;
      if (weight.shape.length !== 4)
        return `expected a weight of four axes, found ${showShape(weight.shape)}`;
      if (groups < 1 || weight.shape[0]! % groups !== 0)
        return `expected groups that divide ${weight.shape[0]} channels, found ${groups}`;
      if (bias.data.length !== weight.shape[0])
        return `expected a bias of ${weight.shape[0]} numbers, found ${bias.data.length}`;
      const channels = weight.shape[1]! * groups;
      if (input.length !== 3 || input[0] !== channels) return expected(`[${channels}, H, W]`);
      if (size !== undefined && !sameShape(size, input.slice(1)))
        return expected(`[${channels}, ${size.join(', ')}]`);
      if (padding === 'same' && Math.max(...stride) > 1)
        return `expected a stride of 1 with "same" padding, found ${stride.join(', ')}`;
      return windowProblem(input, {
        kernel: [weight.shape[2]!, weight.shape[3]!],
        stride,
        padding,
        dilation,
      });
    }
    case 'SumPool2d':
    case 'AvgPool2d':
      if (input.length !== 3) return expected('[C, H, W]');
      return windowProblem(input, { ...node, kernel: node.kernel_size });
    case 'Flatten':
      if (!sameShape(node.input_type, input)) return expected(showShape(node.input_type));
      return flattened(node, input) === null
        ? `expected axes within ${showShape(input)}, found ${node.start_dim} to ${node.end_dim}`
        : null;
    case 'Scale': {
      const { length } = node.scale.data;
      return [1, input[0], sizeOf(input)].includes(length)
        ? null
        : `expected one scale, one for each channel or for each element of ${showShape(input)}, found ${length}`;
    }
    case 'Output':
      return sameShape(node.shape, input) ? null : expected(showShape(node.shape));
    case 'Threshold':
      return parameterProblem({ threshold: node.threshold.data.length }, input);
    case 'I':
    case 'LI':
    case 'IF':
    case 'LIF': {
      if ('tau' in node && !node.tau.data.every((tau) => tau > 0))
        return 'expected tau above 0, found another';
      const { type, metadata, ...fields } = node;
      const lengths = Object.entries(fields).map(([field, value]) => [field, value.data.length] as const);
      return parameterProblem(Object.fromEntries(lengths), input);
    }
    default:
      return null;
  }
}

function parameterProblem(lengths: Readonly<Record<string, number>>, input: Shape): string | null {
  const wrong = Object.entries(lengths).filter(([, length]) => length !== sizeOf(input));
  if (wrong.length === 0) return null;
  const found = wrong.map(([field, length]) => `${length} of ${field}`).join(', ');
  return `expected a number for each of the ${sizeOf(input)} neurons of ${showShape(input)}, found ${found}`;
}

function windowProblem(input: Shape, node: Parameters<typeof windowOf>[1]): string | null {
  const numbers = [...node.stride, ...(node.dilation ?? []), ...node.kernel];
  if (!numbers.every((n) => n > 0)) return 'expected strides, dilations and kernels from 1 on, found 0';
  return windowOf(input, node).size.every((n) => n > 0)
    ? null
    : `expected a kernel within ${showShape(input)}, found a larger one`;
}

function flattened(
  { start_dim, end_dim }: { readonly start_dim: number; readonly end_dim: number },
  input: Shape,
): Shape | null {
  const end = end_dim < 0 ? input.length + end_dim : end_dim;
  if (!(start_dim >= 0 && start_dim <= end && end < input.length)) return null;
  return [...input.slice(0, start_dim), sizeOf(input.slice(start_dim, end + 1)), ...input.slice(end + 1)];
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

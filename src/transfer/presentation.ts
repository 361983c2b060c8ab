// How a NIR graph was run: NIR's equations know no step, so a file can only say it in metadata, and a user must be able to.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import type { NirGraph, NirMetadataValue } from '../nir/graph.ts';
import { DISCRETISATIONS, RESETS } from '../nir/simulation/neuron-model.ts';
import type { Presentation } from './observation.ts';

/** Seconds: what the exporters of snnTorch and SpikingJelly take for a step. */
const USUAL_DT = 1e-4;

/**
 * As given, else as the graph's metadata have it under `steps`, `dt`, `discretisation` and `reset`, else dt 1e-4, forward Euler
 * and NIR's reset; there is no usual number of steps.
 * @throws Ann2SnnError `invalid-option` where nothing says how many steps, `invalid-network` where metadata are of another kind
 */
export function presentationOf(
  graph: NirGraph,
  given: { readonly [K in keyof Presentation]?: Presentation[K] | undefined },
  where: string,
): Presentation {
  const { metadata = {} } = graph;
  const problems: Problem[] = [];
  const number = (name: 'steps' | 'dt'): number | undefined => {
    const value = metadata[name];
    if (given[name] !== undefined || value === undefined) return given[name];
    if (typeof value === 'number' && value > 0) return value;
    problems.push({
      where: `${where}: metadata "${name}"`,
      message: `expected a number above 0, found ${shown(value)}`,
    });
    return undefined;
  };
  const word = <W extends string>(name: 'discretisation' | 'reset', words: readonly W[], given?: W): W => {
    const value = given ?? metadata[name] ?? words[0]!;
    const found = words.find((one) => one === value);
    if (found !== undefined) return found;
    const message = `expected one of ${words.join(', ')}, found ${shown(value)}`;
    problems.push({ where: `${where}: metadata "${name}"`, message });
    return words[0]!;
  };
  const discretisation = word('discretisation', DISCRETISATIONS, given.discretisation);
  const reset = word('reset', RESETS, given.reset);
  const [steps, dt] = [number('steps'), number('dt')];
  throwIfAny('invalid-network', problems);
  if (steps === undefined) {
    const message =
      'expected how many steps an image is shown, found none given and none in the metadata of the file';
    throw new Ann2SnnError('invalid-option', { where: '--steps', message });
  }
  return { steps, dt: dt ?? USUAL_DT, discretisation, reset };
}

/** The graph with how it is run, and on what, as metadata. */
export function withPresentation(
  graph: NirGraph,
  { steps, dt, discretisation, reset }: Presentation,
  input: string,
): NirGraph {
  return { ...graph, metadata: { ...graph.metadata, steps, dt, discretisation, reset, input } };
}

function shown(value: NirMetadataValue): string {
  return typeof value === 'object' ? 'an array or a group' : JSON.stringify(value);
}

// How a NIR graph was run: NIR's equations know no step, so a file can only say it in metadata, and a user must be able to.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import type { NirGraph, NirMetadataValue } from '../nir/graph.ts';
import { DISCRETISATIONS, type Discretisation } from '../nir/simulation/neuron-model.ts';
import type { Presentation } from './observation.ts';

/** Seconds: what the exporters of snnTorch and SpikingJelly take for a step. */
const USUAL_DT = 1e-4;

/**
 * Steps, dt and rule as given, else as the graph's metadata have them under `steps`, `dt` and `discretisation`, else dt 1e-4
 * and forward Euler; there is no usual number of steps.
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
  const rule = given.discretisation ?? metadata.discretisation ?? 'euler';
  if (!isDiscretisation(rule)) {
    const message = `expected one of ${DISCRETISATIONS.join(', ')}, found ${shown(rule)}`;
    problems.push({ where: `${where}: metadata "discretisation"`, message });
  }
  const [steps, dt] = [number('steps'), number('dt')];
  throwIfAny('invalid-network', problems);
  if (steps === undefined) {
    const message =
      'expected how many steps an image is shown, found none given and none in the metadata of the file';
    throw new Ann2SnnError('invalid-option', { where: '--steps', message });
  }
  return { steps, dt: dt ?? USUAL_DT, discretisation: rule as Discretisation };
}

/** The graph with how it is run, and on what, as metadata. */
export function withPresentation(
  graph: NirGraph,
  { steps, dt, discretisation }: Presentation,
  input: string,
): NirGraph {
  return { ...graph, metadata: { ...graph.metadata, steps, dt, discretisation, input } };
}

function isDiscretisation(value: NirMetadataValue): value is Discretisation {
  return (DISCRETISATIONS as readonly unknown[]).includes(value);
}

function shown(value: NirMetadataValue): string {
  return typeof value === 'object' ? 'an array or a group' : JSON.stringify(value);
}

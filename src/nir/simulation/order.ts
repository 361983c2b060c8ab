// The order in which the nodes of a graph are computed within a step. A loop closes at a membrane, which takes what came back
// at the next step.
import { type Problem, throwIfAny } from '../../errors.ts';
import type { NirPrimitive } from '../graph.ts';
import { isStateful } from './neuron-model.ts';

/**
 * Names of the nodes, each behind its sources but for those that close a loop.
 * @throws Ann2SnnError `invalid-network`: loops that close at nodes without a membrane, or that no input enters
 */
export function orderOf(
  nodes: ReadonlyMap<string, NirPrimitive>,
  sourcesOf: ReadonlyMap<string, readonly string[]>,
  at: (name: string) => string,
): readonly string[] {
  const done = new Set<string>();
  const waiting = new Set(nodes.keys());
  const isReady = (name: string) => sourcesOf.get(name)!.every((source) => done.has(source));
  // A membrane that something reaches may go first in its loop.
  const closesLoop = (name: string) =>
    isStateful(nodes.get(name)!) && sourcesOf.get(name)!.some((source) => done.has(source));
  while (waiting.size > 0) {
    const names = [...waiting];
    const next = names.find(isReady) ?? names.find(closesLoop);
    if (next === undefined) refuse(names, at);
    waiting.delete(next);
    done.add(next);
  }
  return [...done];
}

function refuse(names: readonly string[], at: (name: string) => string): never {
  const problems = names.map(
    (name): Problem => ({
      where: at(name),
      message: 'expected loops that close at I, LI, IF or LIF, found it in or behind another',
    }),
  );
  throwIfAny('invalid-network', problems);
  throw new Error('unreachable');
}

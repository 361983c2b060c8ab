// Looking a plug-in up by name in its literal list; an unknown name is answered with the nearest ones.
import { Ann2SnnError } from './errors.ts';

/**
 * Returns the item of `list` called `name`.
 * @throws Ann2SnnError `unknown-name`, naming the choices and the nearest of them.
 */
export function byName<T extends { readonly name: string }>(
  kind: string,
  list: readonly T[],
  name: string,
): T {
  const found = list.find((item) => item.name === name);
  if (found !== undefined) return found;
  const names = list.map((item) => item.name);
  const near = nearest(name, names);
  throw new Ann2SnnError(
    'unknown-name',
    { where: `${kind} "${name}"`, message: `expected one of ${names.join(', ')}` },
    near === undefined ? {} : { help: `did you mean "${near}"?` },
  );
}

/** The candidate within two edits of `word`, or undefined. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= 2 ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

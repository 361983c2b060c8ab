// The fates of a file's nodes, from those of the canonical nodes and from what passes did.
import type { Fate } from '../graph/fate.ts';
import type { Change } from './pass.ts';

/**
 * The fate of every node of the file, in the file's order. What passes made of a node (a QLinearConv's quantizer, the parts
 * of a Split) is called after it, and is told with it where its fate is another.
 * @param nodes of the file
 * @param fates what is known of nodes by name, of the file or of the canonical graph; the last of a name counts
 */
export function fileFates(
  nodes: readonly { readonly name: string; readonly opType: string }[],
  fates: readonly Fate[],
  changes: readonly Change[],
): Fate[] {
  const known = new Map(fates.map((fate) => [fate.node, fate]));
  for (const { node, kind, detail } of changes) {
    if (kind !== 'lowered' && !known.has(node)) known.set(node, { node, op: '', kind, detail });
  }
  const inFile = new Set(nodes.map((node) => node.name));
  return nodes.map(({ name, opType }): Fate => {
    const fate = known.get(name) ?? { kind: 'dropped', detail: 'no output depends on it' };
    const parts = [...known.values()].filter(
      ({ node, kind }) => node.startsWith(`${name}/`) && !inFile.has(node) && kind !== 'folded',
    );
    const other = parts.filter(({ kind, detail }) => kind !== fate.kind || detail !== fate.detail);
    const details = other.map(({ node, kind, detail }) => {
      const part = node.slice(name.length + 1);
      return kind === 'dropped' ? `${part}: dropped, ${detail}` : `${part}: ${detail}`;
    });
    return { ...fate, node: name, op: opType, detail: [fate.detail, ...details].join('; ') };
  });
}

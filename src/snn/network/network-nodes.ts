// The nodes of a network from elsewhere, looked at one by one before its schema is applied as a whole: a schema collects
// everything that is wrong, and of that a hostile file has more than memory holds.
import { Ann2SnnError, type Problem } from '../../errors.ts';
import { problemsOfSchema } from '../../schema.ts';
import { nodeSchema } from './network-schema.ts';

/** Many times what the deepest networks have. */
const MOST_NODES = 20_000;

/** Nodes whose faults are spelled out; further ones are counted. */
const SPELLED_OUT = 20;
/** Faults of one node that are kept. */
const FAULTS = 20;

/** The longest list of a node, but for amplitudes by channel: Concat has a source for each operand. */
const LONGEST = 1000;
/** Fields that hold one number for each channel. */
const BY_CHANNEL: ReadonlySet<string> = new Set(['theta', 'scale']);

/** @throws Ann2SnnError `invalid-network` naming the first nodes that are wrong, and how many more there are */
export function requireNodes(nodes: readonly unknown[], where: string): void {
  if (nodes.length > MOST_NODES) {
    const message = `expected at most ${MOST_NODES} nodes, found ${nodes.length}`;
    throw new Ann2SnnError('invalid-network', { where: `${where}: nodes`, message });
  }
  const problems: Problem[] = [];
  let wrong = 0;
  for (const [i, node] of nodes.entries()) {
    const found = problemsOfNode(node, `${where}: nodes.${i}`);
    if (found.length === 0) continue;
    wrong++;
    if (wrong <= SPELLED_OUT) problems.push(...found.slice(0, FAULTS));
  }
  if (wrong === 0) return;
  throw new Ann2SnnError('invalid-network', problems, { more: Math.max(0, wrong - SPELLED_OUT) });
}

function problemsOfNode(node: unknown, where: string): readonly Problem[] {
  const long = longList(node, '');
  if (long !== null) return [{ where: `${where}${long}`, message: `expected a list of at most ${LONGEST}` }];
  return problemsOfSchema(nodeSchema, node, { where, separator: '.', root: '' });
}

/** The path to a list that is too long, or that holds something else than amplitudes; null where there is none. */
function longList(value: unknown, name: string, depth = 0): string | null {
  if (typeof value !== 'object' || value === null || depth > 3) return null;
  if (Array.isArray(value) && value.length > LONGEST) {
    const amplitudes = BY_CHANNEL.has(name) && value.every((one) => typeof one === 'number' && one > 0);
    return amplitudes ? null : '';
  }
  for (const [key, inner] of Object.entries(value)) {
    const path = longList(inner, key, depth + 1);
    if (path !== null) return `.${key}${path}`;
  }
  return null;
}

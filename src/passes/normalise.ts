// Imported graph -> CanonicalGraph: the passes in their order until none finds anything more, then a look
// that nothing is left which conversion does not know, then the batch axis freed.
import { type Problem, throwIfAny } from '../errors.ts';
import type { CanonicalGraph, CanonicalNode, Graph, Node, NodeNamed } from '../graph/graph.ts';
import { canonicalOps } from '../ops/index.ts';
import { passes } from './index.ts';
import type { Change, Skipped } from './pass.ts';
import { releaseBatch } from './release-batch.ts';

export interface Normalised {
  readonly graph: CanonicalGraph;
  /** What the passes did, oldest first. */
  readonly changes: readonly Change[];
  readonly skipped: readonly (Skipped & { readonly pass: string })[];
}

/** A pass may open work for an earlier one, but never for long: every pass removes what it looks for. */
const MAX_ROUNDS = 8;

/** Runs every pass to its fixed point; shapes stay those of the file's batch. */
export function runPasses(graph: Graph): Omit<Normalised, 'graph'> & { readonly graph: Graph } {
  let current = graph;
  const changes: Change[] = [];
  let skipped: Normalised['skipped'] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = changes.length;
    const declined: (Skipped & { readonly pass: string })[] = [];
    for (const pass of passes) {
      const result = pass.run(current);
      current = result.graph;
      changes.push(...result.changes);
      declined.push(...result.skipped.map((skip) => ({ ...skip, pass: pass.name })));
    }
    skipped = declined;
    if (changes.length === before) break;
  }
  return { graph: current, changes, skipped };
}

/**
 * Normalises an imported graph.
 * @throws Ann2SnnError `batch-dependence` or `unsupported-operator`, naming every offending node.
 */
export function normalise(graph: Graph): Normalised {
  const passed = runPasses(graph);
  requireCanonical(passed.graph);
  return { ...passed, graph: releaseBatch(passed.graph) as CanonicalGraph };
}

function requireCanonical(graph: Graph): void {
  const problems: Problem[] = graph.nodes.flatMap((node) => {
    const reason = whyNotCanonical(graph, node);
    return reason === undefined ? [] : [{ where: `node "${node.name}" (${node.op})`, message: reason }];
  });
  throwIfAny('unsupported-operator', problems);
}

const CANONICAL: ReadonlySet<string> = new Set(canonicalOps.map((op) => op.name));

function whyNotCanonical(graph: Graph, node: Node): string | undefined {
  if (!CANONICAL.has(node.op)) return 'expected it to be folded into a constant, but it depends on the image';
  const runtime = node.inputs.filter((input) => !graph.constants.has(input));
  switch (node.op as CanonicalNode['op']) {
    case 'Concat':
      return runtime.length === node.inputs.length ? undefined : 'joins a running tensor with a constant one';
    case 'Pad': {
      const { value } = (node as NodeNamed<'Pad'>).attributes;
      return value === 0
        ? undefined
        : `pads with ${value}: only silence, 0, can stand around spikes and currents`;
    }
    default:
      return undefined;
  }
}

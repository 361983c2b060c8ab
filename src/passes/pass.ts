// What a pass is: a named rewrite that says what it changed and what it declined, and why.
import type { Graph } from '../graph/graph.ts';

/** One node that a pass removed or rewrote. */
export interface Change {
  readonly node: string;
  /** `dropped`: it computed nothing; `folded`: it lives on in another node; `lowered`: rewritten in simpler operators. */
  readonly kind: 'dropped' | 'folded' | 'lowered';
  readonly detail: string;
}

/** One node that a pass looked at and left. */
export interface Skipped {
  readonly node: string;
  readonly why: string;
}

export interface PassResult {
  readonly graph: Graph;
  readonly changes: readonly Change[];
  readonly skipped: readonly Skipped[];
}

/** A rewrite of the graph that keeps its meaning. Running it twice changes nothing more. */
export interface Pass {
  readonly name: string;
  readonly summary: string;
  run(graph: Graph): PassResult;
}

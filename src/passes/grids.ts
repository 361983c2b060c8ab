// Which running values lie on a quantizer's grid: its own result, and what only moves or selects elements of it.
import type { Graph, Node, ValueId } from '../graph/graph.ts';
import { gridOf } from '../ops/quantization.ts';
import type { Grid } from '../tensor/grid.ts';
import { keepsAxis, movesElements } from './quantized-values.ts';

/** The grid of every value that is known to lie on one. */
export function gridsOf(graph: Graph): ReadonlyMap<ValueId, Grid> {
  const grids = new Map<ValueId, Grid>();
  for (const node of graph.nodes) {
    const grid = gridBehind(graph, node, grids);
    if (grid !== undefined) for (const output of node.outputs) grids.set(output, grid);
  }
  return grids;
}

/** Whether every value of `inner` is one of `outer`, so that rounding to `outer` changes nothing. */
export function liesOn(inner: Grid | undefined, outer: Grid): boolean {
  return inner !== undefined && sameScale(inner, outer) && inner.low >= outer.low && inner.high <= outer.high;
}

function gridBehind(graph: Graph, node: Node, grids: ReadonlyMap<ValueId, Grid>): Grid | undefined {
  if (node.op === 'QuantizeLinear') return gridOf(node.attributes);
  if (node.op === 'FakeQuantize') return node.attributes;
  const first = grids.get(node.inputs[0]!);
  if (first === undefined || node.op === 'DequantizeLinear') return first;
  if (!movesElements(node)) return undefined;
  if (first.scale.length > 1 && !keepsAxis(graph, node, first.axis)) return undefined;
  // Integers are padded with their zero point, which stands for 0, or refused.
  const padsWithOther = node.op === 'Pad' && node.attributes.value !== 0;
  if (padsWithOther) return undefined;
  const all = node.inputs.flatMap((input) => grids.get(input) ?? []);
  if (all.length < node.inputs.length || !all.every((grid) => sameScale(grid, first))) return undefined;
  const low = Math.min(...all.map((grid) => grid.low));
  return { ...first, low, high: Math.max(...all.map((grid) => grid.high)) };
}

function sameScale(a: Grid, b: Grid): boolean {
  return (
    a.scale.length === b.scale.length &&
    a.scale.every((scale, i) => scale === b.scale[i]) &&
    (a.scale.length === 1 || a.axis === b.axis)
  );
}

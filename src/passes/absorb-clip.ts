// Before: x -> Relu | Clip(a, b) -> FakeQuantize(low, high) -> y      After: x -> FakeQuantize(low', high') -> y
// Rounding keeps order, so that bounding first and rounding then is rounding first and bounding by the rounded bounds:
// low' = round(a / scale), high' = round(b / scale), neither outside low to high. Conditions:
// 1. the value between is read by nobody else and is no output;  2. the quantizer has one scale.
import { consumersOf, type Graph, type Node, opOf, producersOf } from '../graph/graph.ts';
import { onlyConsumer, rewrite } from '../graph/rewrite.ts';
import type { FakeQuantizeAttributes } from '../ops/fake-quantize.ts';
import { clippingOf } from '../ops/op.ts';
import { roundHalfEven } from '../tensor/grid.ts';
import type { Change, Pass, Skipped } from './pass.ts';

/** A Relu or Clip, with what it clips to. */
interface Bounding {
  readonly node: Node;
  readonly low: number;
  readonly high: number;
}

/** Makes the bounds of Relu and Clip those of the quantizer behind them. */
export const absorbClip: Pass = {
  name: 'absorb-clip',
  summary: 'make the bounds of Relu and Clip those of the quantizer behind them',
  run(graph) {
    const changes: Change[] = [];
    const skipped: Skipped[] = [];
    const producers = producersOf(graph);
    const consumers = consumersOf(graph);
    const widened = new Map<string, Node>();
    const absorbed = new Set<string>();
    for (const node of graph.nodes) {
      if (node.op !== 'FakeQuantize') continue;
      let quantizer = node;
      for (;;) {
        const bounding = boundingOf(producers.get(quantizer.inputs[0]!));
        if (bounding === undefined) break;
        const { name, inputs } = bounding.node;
        const attributes = bounded(quantizer.attributes, bounding);
        const why = whyNot(graph, consumers, bounding, attributes);
        if (why !== undefined) {
          skipped.push({ node: name, why });
          break;
        }
        quantizer = { ...quantizer, attributes, inputs };
        absorbed.add(name);
        changes.push({
          node: name,
          kind: 'folded',
          detail: `${sides(bounding)} quantizer "${node.name}"`,
        });
      }
      widened.set(node.name, quantizer);
    }
    const rewritten = rewrite(graph, (node) => {
      if (absorbed.has(node.name)) return { nodes: [] };
      const quantizer = widened.get(node.name);
      return quantizer === undefined ? null : { nodes: [quantizer] };
    });
    return { graph: rewritten, changes, skipped };
  },
};

function whyNot(
  graph: Graph,
  consumers: ReturnType<typeof consumersOf>,
  { node }: Bounding,
  { scale, low, high }: FakeQuantizeAttributes,
): string | undefined {
  const value = node.outputs[0]!;
  if (onlyConsumer(graph, consumers, value) === undefined) return `"${value}" is read by others or put out`;
  if (scale.length > 1) return 'the quantizer behind it has a scale for each channel';
  return low < high ? undefined : 'nothing of the range of the quantizer behind it is left';
}

/** The quantizer with the bounds of a Relu or Clip in front of it. */
function bounded(quantizer: FakeQuantizeAttributes, { node, low, high }: Bounding): FakeQuantizeAttributes {
  const step = (bound: number) => {
    const rounded = roundHalfEven(Math.fround(bound / quantizer.scale[0]!));
    // A -0 becomes 0.
    return Math.min(Math.max(rounded, quantizer.low), quantizer.high) + 0;
  };
  return { ...quantizer, low: step(low), high: step(high), absorbed: [node.name, ...quantizer.absorbed] };
}

function boundingOf(node: Node | undefined): Bounding | undefined {
  const bounds = node && clippingOf(opOf(node), node.attributes);
  return node && bounds && { node, ...bounds };
}

function sides({ low, high }: Bounding): string {
  const below = Number.isFinite(low);
  if (below && Number.isFinite(high)) return 'its bounds are the bounds of';
  return `its bound is the ${below ? 'lower' : 'upper'} bound of`;
}

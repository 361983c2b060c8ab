// The constants of a graph while a pass changes it.
import type { GraphSpec } from '../onnx/write.ts';
import { sameTensor, type Tensor } from '../tensor/tensor.ts';

/** Puts a constant among the graph's and returns its name: `name`, or behind `prefix` where that is another's. */
export function placed(
  initializers: Map<string, Tensor>,
  prefix: string,
  { name, value }: { readonly name: string; readonly value: Tensor },
): string {
  for (let place = name; ; place = `${prefix}/${place}`) {
    const there = initializers.get(place);
    if (there !== undefined && !sameTensor(there, value)) continue;
    initializers.set(place, value);
    return place;
  }
}

/** The graph without the constants that none of its nodes reads. Nested graphs are not looked into. */
export function withoutUnread(graph: GraphSpec): GraphSpec {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, initializers: new Map([...graph.initializers].filter(([name]) => read.has(name))) };
}

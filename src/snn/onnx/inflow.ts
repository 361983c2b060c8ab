// What flows into a layer's membranes in the firing steps of its Scan: the currents of every source, each at the step that
// the source has reached, and what a forecast takes off again.
import { intAttribute as int } from '../../ops/attributes.ts';
import { type DType, indexTensor } from '../../tensor/tensor.ts';
import { membraneType, type Network, type NeuronNode } from '../network/network.ts';
import type { GraphBuilder, ScanSpec } from './builder.ts';
import { castTo } from './membrane.ts';
import { type Inflow, inflow } from './window.ts';

/** One source's currents [T, N, ...shape] in the graph. */
export interface Current {
  readonly window: string;
  readonly dtype: DType;
}

/** The inflow of one layer of neurons; the membranes are H0, H1 ... in the body of its Scan. */
export class LayerInflow {
  private readonly node: NeuronNode;
  private readonly currents: readonly Current[];
  private readonly dtype: 'float32' | 'float64';
  private readonly T: number;
  private readonly beta: number;
  /** By the number of steps that a source runs ahead. */
  private readonly inflows: ReadonlyMap<number, Inflow>;

  constructor(network: Network, node: NeuronNode, currents: readonly Current[]) {
    this.node = node;
    this.currents = currents;
    this.dtype = membraneType(network);
    this.T = network.coding.T;
    this.beta = network.coding.beta;
    this.inflows = new Map(
      currents.map((_, k) => [this.aheadOf(k), inflow(network, node, this.aheadOf(k))] as const),
    );
  }

  /** H of source k before the first firing step: its first inputs, each at its weight; null where there are none. */
  first(graph: GraphBuilder, k: number): string | null {
    const { window, dtype: from } = this.currents[k]!;
    let H: string | null = null;
    for (let t = 1; t <= Math.min(this.node.Ts + this.aheadOf(k), this.T); t++) {
      const z = graph.node('Gather', [window, graph.position(t - 1)], { axis: int(0) });
      const weight = this.dtype === 'float32' ? Math.fround(this.beta ** -t) : this.beta ** -t;
      const weighted = graph.node('Mul', [
        castTo(graph, z, from, this.dtype),
        graph.scalar(weight, this.dtype),
      ]);
      H = H === null ? weighted : graph.node('Add', [H, weighted]);
    }
    return H;
  }

  /** The sequences that the body reads. @param perStep adds one of numbers */
  sequences(
    graph: GraphBuilder,
    perStep: (name: string, values: readonly number[]) => ScanSpec['sequences'][number],
  ): ScanSpec['sequences'] {
    const indices = (name: string, values: readonly number[]) => ({
      name,
      value: graph.constant(`snn/${this.node.name}/${name}`, indexTensor(values)),
      shape: null,
      dtype: 'int64' as const,
    });
    return [...this.inflows].flatMap(([ahead, { inputs, weights, forecasts }]) => [
      indices(`at${ahead}`, inputs),
      perStep(`weight${ahead}`, weights),
      ...forecasts.flatMap((shares, i) => [
        ...(i === 0 ? [] : [indices(`at${ahead}-${i}`, before(inputs, i))]),
        perStep(`forecast${ahead}-${i}`, shares),
      ]),
    ]);
  }

  /** One step in the body: the membranes after it, and what is known of them, which is what the layer compares. */
  step(b: GraphBuilder): { readonly H: readonly string[]; readonly known: readonly string[] } {
    const both = this.currents.map((_, k) => {
      const ahead = this.aheadOf(k);
      const latest = this.read(b, k, `at${ahead}`);
      const H = b.node('Add', [`H${k}`, b.node('Mul', [latest, `weight${ahead}`])]);
      const known = (this.node.forecast ?? []).reduce((so, _, i) => {
        const z = i === 0 ? latest : this.read(b, k, `at${ahead}-${i}`);
        return b.node('Sub', [so, b.node('Mul', [z, `forecast${ahead}-${i}`])]);
      }, H);
      return { H, known };
    });
    return { H: both.map(({ H }) => H), known: both.map(({ known }) => known) };
  }

  private read(b: GraphBuilder, k: number, at: string): string {
    const { window, dtype } = this.currents[k]!;
    return castTo(b, b.node('Gather', [window, at], { axis: int(0) }), dtype, this.dtype);
  }

  private aheadOf(k: number): number {
    return this.node.sources[k]!.aheadSteps ?? 0;
  }
}

/** The inputs i steps before; the first where there is none, whose share is 0. */
function before(inputs: readonly number[], i: number): number[] {
  return inputs.map((at) => Math.max(at - i, 0));
}

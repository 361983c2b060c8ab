// The linear maps of a plan as spikes go through them, step by step: without biases, and without what the image alone sends.
import type { GraphBuilder } from '../snn/onnx/builder.ts';
import type { PlannedLinear, SpikingPlan } from '../snn/plan/planned.ts';
import type { Shape } from '../tensor/tensor.ts';
import { emitLinear, runningInputs } from './plan-emitter.ts';

/** Values that spikes reach, in the body of a Scan under construction. */
export class SpikePaths {
  private readonly b: GraphBuilder;
  private readonly plan: SpikingPlan;
  private readonly zeros: (shape: Shape) => string;
  private readonly reached = new Set<string>();

  /** @param zeros names zeros of a shape for as many images as there are */
  constructor(b: GraphBuilder, plan: SpikingPlan, zeros: (shape: Shape) => string) {
    this.b = b;
    this.plan = plan;
    this.zeros = zeros;
  }

  /** What a layer's spikes carry in this step, under the layer's name. */
  spikes(layer: string, value: string): void {
    this.b.node('Identity', [value], {}, [layer]);
    this.reached.add(layer);
  }

  /** A linear node, where spikes reach it; what it joins them with that no spike reaches is 0 here. */
  linear(node: PlannedLinear): void {
    const sources = runningInputs(this.plan, node.node);
    if (!sources.some((source) => this.reached.has(source))) return;
    for (const source of sources) {
      if (this.reached.has(source)) continue;
      this.spikes(source, this.zeros(this.plan.graph.facts.get(source)!.shape.slice(1)));
    }
    emitLinear(this.b, this.plan, node, (value) => value, false);
    this.reached.add(node.node.outputs[0]!);
  }

  /** A value with what spikes add to it in this step. */
  addedTo(value: string, current: string): string {
    return this.reached.has(current) ? this.b.node('Add', [value, current]) : value;
  }
}

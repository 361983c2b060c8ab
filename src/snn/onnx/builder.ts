// Building ONNX graphs by hand: nodes, constants, and Scan, which runs a small graph once per time step.

import type { OnnxEmitter } from '../../neurons/onnx-emitter.ts';
import type { AttributeValue, ValueInfo } from '../../onnx/model.ts';
import type { GraphSpec, NodeSpec, Part } from '../../onnx/write.ts';
import { intAttribute } from '../../ops/attributes.ts';
import { type DType, indexTensor, type Shape, type Tensor, tensor } from '../../tensor/tensor.ts';

type NodeAttribute = AttributeValue | { readonly type: 'graph'; readonly value: GraphSpec };

/** A population's recursion as a Scan. Shapes are those of one image; the batch N stands in front of them. */
export interface ScanSpec {
  readonly name: string;
  /** Values carried from step to step: [N, ...shape]. `final` names the value after the last step. */
  readonly states: readonly {
    readonly name: string;
    readonly initial: string;
    readonly shape: Shape;
    readonly final?: string;
    readonly dtype?: DType;
  }[];
  /** Inputs that change from step to step: a constant per step, or (with a shape) a value [T, N, ...shape]. */
  readonly sequences: readonly {
    readonly name: string;
    readonly value: string;
    readonly shape: Shape | null;
    readonly dtype?: DType;
  }[];
  /** Outputs of each step, stacked: [T, N, ...shape], or [T, ...shape] where not per image. */
  readonly outputs: readonly {
    readonly stacked: string;
    readonly shape: Shape;
    readonly perImage: boolean;
    readonly dtype?: DType;
  }[];
  /** The type of the body's scalars, float32 unless given. */
  readonly dtype?: DType;
  /** Fills the body; returns the next states and the step's outputs. */
  readonly body: (b: GraphBuilder) => {
    readonly states: readonly string[];
    readonly outputs: readonly string[];
  };
}

/** One graph under construction: a model's, or the body of a Scan. */
export class GraphBuilder implements OnnxEmitter {
  readonly nodes: NodeSpec[] = [];
  readonly initializers = new Map<string, Tensor>();
  private readonly prefix: string;
  private readonly dtype: DType;
  private current: Part | undefined;

  /**
   * @param prefix begins the name of everything that gets no name of its own
   * @param dtype type of its scalars
   */
  constructor(prefix: string, dtype: DType = 'float32') {
    this.prefix = prefix;
    this.dtype = dtype;
  }

  /** Adds a node and returns the name of its first output. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, NodeAttribute>> = {},
    outputs?: readonly string[],
  ): string {
    const name = `${this.prefix}${opType}_${this.nodes.length}`;
    const produced = outputs ?? [name];
    this.nodes.push({
      name,
      opType,
      domain: '',
      inputs,
      outputs: produced,
      attributes: new Map(Object.entries(attributes)),
      ...(this.current === undefined ? {} : { part: this.current }),
    });
    return produced[0]!;
  }

  /** Marks the nodes that `work` adds as a part of something, or of nothing. */
  within<Result>(part: Part | undefined, work: () => Result): Result {
    const outer = this.current;
    this.current = part;
    const result = work();
    this.current = outer;
    return result;
  }

  constant(name: string, value: Tensor): string {
    this.initializers.set(name, value);
    return name;
  }

  scalar(value: number, dtype: DType = this.dtype): string {
    const mark = dtype === 'float32' ? '' : ` ${dtype}`;
    return this.constant(`${this.prefix}${value}${mark}`, tensor(dtype, [], [value]));
  }

  /** An int64 scalar, as Gather takes one. */
  position(value: number): string {
    return this.constant(`${this.prefix}position ${value}`, tensor('int64', [], [value]));
  }

  /** An int64 vector: a shape, axes or pads. */
  indices(values: readonly number[]): string {
    return this.constant(`${this.prefix}[${values.join(',')}]`, indexTensor(values));
  }

  /** Adds a Scan over its sequences' first axis. */
  scan(spec: ScanSpec): void {
    const body = new GraphBuilder(`${spec.name}/`, spec.dtype);
    const made = spec.body(body);
    const perImage = (name: string, shape: Shape, dtype: DType = 'float32'): ValueInfo => ({
      name,
      dtype,
      shape: ['N', ...shape],
    });
    const graph: GraphSpec = {
      name: `${spec.name}/step`,
      inputs: [
        ...spec.states.map((state) => perImage(state.name, state.shape, state.dtype)),
        ...spec.sequences.map(
          ({ name, shape, dtype }): ValueInfo =>
            shape === null ? { name, dtype: dtype ?? 'float32', shape: [] } : perImage(name, shape, dtype),
        ),
      ],
      outputs: [
        ...made.states.map((value, i) => perImage(value, spec.states[i]!.shape, spec.states[i]!.dtype)),
        ...made.outputs.map((name, i): ValueInfo => {
          const { shape, perImage: batched, dtype } = spec.outputs[i]!;
          return batched ? perImage(name, shape, dtype) : { name, dtype: dtype ?? 'float32', shape };
        }),
      ],
      nodes: body.nodes,
      initializers: body.initializers,
    };
    this.node(
      'Scan',
      [...spec.states.map((state) => state.initial), ...spec.sequences.map((sequence) => sequence.value)],
      { body: { type: 'graph', value: graph }, num_scan_inputs: intAttribute(spec.sequences.length) },
      [
        ...spec.states.map((state, i) => state.final ?? `${this.prefix}${spec.name}/final${i}`),
        ...spec.outputs.map((output) => output.stacked),
      ],
    );
  }
}

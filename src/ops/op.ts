// What an operator file must say about its operator. Knowledge about an operator lives in its own file:
// shared code never asks "is it a Conv?", it asks the operator.
import { Ann2SnnError } from '../errors.ts';
import type { AttributeValue, OnnxNode } from '../onnx/model.ts';
import type { DType, Shape, Tensor } from '../tensor/tensor.ts';
import type { Unit } from './unit.ts';

/** What is known of a value before anything runs. `value` is there when it is constant. */
export interface Fact {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly value?: Tensor;
}

/**
 * What an operator is to a spiking network:
 * - `weighted`: linear, multiplies by weights; wants spikes at its input (Conv, Gemm, MatMul)
 * - `linear`: linear without learnt weights; acts on currents or spikes step by step (AveragePool, Add ...)
 * - `layout`: moves elements and changes none (Reshape, Transpose, Slice, zero Pad, Concat)
 * - `activation`: becomes the function that a neuron tracks (Relu)
 * - `max-pool`: becomes the window of a neuron
 * - `quantizer`: rounds to a grid; becomes the amplitude of the neuron in front of it, or is dropped
 * - `head`: a monotone last step that the readout does without (Softmax)
 * - `constant`: only ever folded away (Shape, ConstantOfShape ...)
 * - `analog`: not linear and no neuron's function: computed on decoded values once a window, and encoded again (LRN ...)
 */
export type Role =
  | 'weighted'
  | 'linear'
  | 'layout'
  | 'activation'
  | 'max-pool'
  | 'quantizer'
  | 'head'
  | 'constant'
  | 'analog';

/** A node read: its attributes under their own names, and which of its inputs stay tensors. */
export interface Parsed<A> {
  readonly attributes: A;
  /**
   * Indices of the node's inputs that remain operands (data, weights). Inputs that only parametrise the
   * node (the shape of Reshape, the pads of Pad) are read into `attributes` and are not among them.
   */
  readonly operands: readonly number[];
}

/** How a node is written back to ONNX at `EMITTED_OPSET`. */
export interface Encoded {
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Constant inputs that follow the operands, in order. */
  readonly parameters?: readonly Tensor[];
}

/** The operator set that graphs are written in. */
export const EMITTED_OPSET = 17;

/** The IR version of the ONNX release that brought it, 1.12. */
export const EMITTED_IR_VERSION = 8;

/** Calls `visit(target, weight)` for every output element that input element `source` contributes to. */
export type Synapses = (source: number, visit: (target: number, weight: number) => void) => void;

/** The units in which a node's input arrives and its output is wanted: ANN value = carried value * unit. */
export interface UnitChange {
  readonly from: Unit;
  readonly to: Unit;
  /** What a constant input of 1 per step adds up to over a window. */
  readonly K: number;
}

/** Numbers by name: one, one for each channel, or one for each element of an image. */
export type ParameterValues = Readonly<Record<string, readonly number[]>>;

/** One node of those that an operator is written as: its inputs are the operand, earlier nodes by index, and constants. */
export interface ExpandedNode {
  readonly op: string;
  readonly inputs: readonly ('x' | number | Tensor)[];
}

/** One ONNX operator. `A` holds its attributes in camelCase, defaults filled in. */
export interface Op<Name extends string = string, A = unknown> {
  /** The ONNX operator type, verbatim. */
  readonly name: Name;
  readonly role: Role;
  /** The first standard opset that has it, where that is later than the oldest that is read. */
  readonly since?: number;
  /** The last standard opset that has it. */
  readonly until?: number;
  /** One line for tables: what becomes of it in the spiking network. */
  readonly fate: string;
  /**
   * How far `evaluate` may be from ONNX Runtime, relative to the largest output: 0 where no arithmetic
   * happens, else the rounding of float32 sums in another order.
   */
  readonly tolerance: number;
  /** Reads attributes and parameter inputs. `inputs[i]` is undefined where the node omits input i. */
  parse(node: OnnxNode, inputs: readonly (Fact | undefined)[], opset: number): Parsed<A>;
  /** Types and shapes of the outputs. Throws (through `refuse`) when the operands do not fit. */
  infer(attributes: A, operands: readonly Fact[], node: string): readonly Fact[];
  /** Computes the outputs in plain TypeScript: for constant folding, the reference engine and tests. */
  evaluate(attributes: A, operands: readonly Tensor[]): readonly Tensor[];
  /** The node's attributes (and trailing constant inputs) at EMITTED_OPSET. */
  encode(attributes: A): Encoded;
  /**
   * The ONNX nodes that it is written as, where EMITTED_OPSET has no such operator; the last one gives its output.
   * `encode` is not called then.
   */
  expand?(attributes: A, operand: Shape): readonly ExpandedNode[];
  /**
   * What parametrises an activation's function, in the ANN's units: one number, one for each channel, or one for each
   * element of an image, by the name that the neuron has for it. An activation with `low` and `high` alone is
   * y = min(max(x, low), high); one that is missing is open.
   * @param image shape of the output for one image
   */
  parameters?(attributes: A, image: Shape): ParameterValues;
  /** Multiply-accumulates per call: products only, bias not counted, padding not discounted. Absent means none. */
  macs?(attributes: A, operands: readonly Shape[], output: Shape): number;
  /**
   * The connectivity from operand `index` to the first output. Operators whose role is `layout` need not
   * give it: it follows from where `evaluate` moves the elements.
   */
  synapses?(attributes: A, index: number, operands: readonly Fact[], output: Shape): Synapses;
  /**
   * How many output elements each element of operand 0 reaches with a non-zero weight, for a batch of 1, where that
   * is quicker to say than by walking the synapses.
   */
  fanOut?(attributes: A, operands: readonly Fact[]): Float64Array;
  /** The sum of `fanOut`, where it can be said without a number for each element. */
  reached?(attributes: A, operands: readonly Fact[]): number;
  /**
   * The constant operands of a node whose values are carried in units: those that multiply become w from / to, those
   * that add become b / (K to) per step (CSS Algorithm 2, SWS Eq. 18, 19). Only operators with constants have it.
   * @param constants the constant operands, in order
   * @param image shape of the output for one image
   */
  rescale?(attributes: A, constants: readonly Tensor[], units: UnitChange, image: Shape): readonly Tensor[];
  /**
   * Whether `rescale` takes in any change of unit, one number for each channel or one for all. Absent where all
   * operands and the output must be in one unit.
   */
  readonly absorbsUnits?: 'per-channel' | 'scalar';
  /** Whether axis 1 of operand 0 and of the output are the same channels, in the same order. */
  keepsChannels?(attributes: A, operands: readonly Shape[], output: Shape): boolean;
}

/** Checks the types of an operator file; the list in index.ts keeps the literal name. */
export function defineOp<const Name extends string, A>(op: Op<Name, A>): Op<Name, A> {
  return op;
}

/**
 * What an activation clips to, where it is y = min(max(x, low), high) and nothing else; -Infinity and Infinity where it
 * is open. Undefined for any other function.
 */
export function clippingOf(
  op: Op,
  attributes: unknown,
): { readonly low: number; readonly high: number } | undefined {
  const values = op.parameters?.(attributes, []);
  if (values === undefined || Object.keys(values).some((name) => name !== 'low' && name !== 'high')) {
    return undefined;
  }
  const { low = [Number.NEGATIVE_INFINITY], high = [Number.POSITIVE_INFINITY] } = values;
  return { low: low[0]!, high: high[0]! };
}

/** Throws the error of an operator that cannot be read as it stands. */
export function refuse(
  node: string,
  message: string,
  code:
    | 'unsupported-attribute'
    | 'shape-mismatch'
    | 'dynamic-shape'
    | 'invalid-graph'
    | 'unsupported-type' = 'shape-mismatch',
): never {
  throw new Ann2SnnError(code, { where: node, message });
}

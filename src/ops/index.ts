// The operators that are read: this list is the only place to add one.
import { add } from './add.ts';
import { averagePool } from './average-pool.ts';
import { batchNormalization } from './batch-normalization.ts';
import { cast } from './cast.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { constant } from './constant.ts';
import { constantOfShape } from './constant-of-shape.ts';
import { conv } from './conv.ts';
import { convInteger } from './conv-integer.ts';
import { dequantizeLinear } from './dequantize-linear.ts';
import { div } from './div.ts';
import { dropout } from './dropout.ts';
import { dynamicQuantizeLinear } from './dynamic-quantize-linear.ts';
import { expand } from './expand.ts';
import { fakeQuantize } from './fake-quantize.ts';
import { flatten } from './flatten.ts';
import { gather } from './gather.ts';
import { gemm } from './gemm.ts';
import { globalAveragePool } from './global-average-pool.ts';
import { identity } from './identity.ts';
import { logSoftmax } from './log-softmax.ts';
import { matMul } from './mat-mul.ts';
import { matMulInteger } from './mat-mul-integer.ts';
import { maxPool } from './max-pool.ts';
import { mul } from './mul.ts';
import type { Op } from './op.ts';
import { pad } from './pad.ts';
import { qGemm } from './q-gemm.ts';
import { qLinearAdd } from './q-linear-add.ts';
import { qLinearAveragePool } from './q-linear-average-pool.ts';
import { qLinearConcat } from './q-linear-concat.ts';
import { qLinearConv } from './q-linear-conv.ts';
import { qLinearGlobalAveragePool } from './q-linear-global-average-pool.ts';
import { qLinearMatMul } from './q-linear-mat-mul.ts';
import { quantizeLinear } from './quantize-linear.ts';
import { range } from './range.ts';
import { reduceMean } from './reduce-mean.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { shape } from './shape.ts';
import { slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { split } from './split.ts';
import { squeeze } from './squeeze.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';
import { transpose } from './transpose.ts';
import { unsqueeze } from './unsqueeze.ts';

/** Operators that stay in the network: linear maps of spikes and currents, applied step by step. */
export const linearOps = [
  add,
  averagePool,
  concat,
  conv,
  gemm,
  globalAveragePool,
  matMul,
  mul,
  pad,
  reduceMean,
  reshape,
  slice,
  transpose,
] as const;

/** Operators that become the window of a neuron. */
export const poolOps = [maxPool] as const;

/** Operators that become the function of a neuron; `operator` of a neuron names one of them. */
export const activationOps = [clip, relu] as const;

/** Operators that become the amplitude of a neuron; made by passes, no operators of ONNX. */
export const quantizerOps = [fakeQuantize] as const;

/** Operators that the readout leaves out. */
export const headOps = [logSoftmax, softmax] as const;

/** Operators that ONNX Runtime adds to ONNX, under its domain. */
export const microsoftOps = [
  qGemm,
  qLinearAdd,
  qLinearAveragePool,
  qLinearConcat,
  qLinearGlobalAveragePool,
] as const;

/** Operators on 8 bit integers that stand for one on floats between quantizers. */
export const qLinearOps = [qLinearConv, qLinearMatMul, ...microsoftOps] as const;

/** Operators that are folded into constants or that passes rewrite as others. */
export const loweredOps = [
  ...qLinearOps,
  batchNormalization,
  cast,
  constant,
  constantOfShape,
  convInteger,
  dequantizeLinear,
  div,
  dropout,
  dynamicQuantizeLinear,
  expand,
  flatten,
  gather,
  identity,
  matMulInteger,
  quantizeLinear,
  range,
  shape,
  split,
  squeeze,
  sub,
  sum,
  unsqueeze,
] as const;

/** What is left of a graph when every pass has run. */
export const canonicalOps = [
  ...linearOps,
  ...poolOps,
  ...activationOps,
  ...quantizerOps,
  ...headOps,
] as const;

/** Every operator that is read. */
export const ops = [...canonicalOps, ...loweredOps] as const;

/** The name of an operator that is read. */
export type OpName = (typeof ops)[number]['name'];

const byOnnxName: ReadonlyMap<string, Op> = new Map(ops.map((op): [string, Op] => [op.name, op]));

/**
 * The operator of that ONNX name, or undefined. Its attributes are of unknown type: whoever calls it hands it
 * what its own `parse` returned.
 */
export function opNamed(name: string): Op | undefined {
  return byOnnxName.get(name);
}

const MICROSOFT: ReadonlySet<string> = new Set(microsoftOps.map((op) => op.name));

/** The domain under which a file has that operator: '' is ONNX's own. */
export function domainOf(op: string): string {
  return MICROSOFT.has(op) ? 'com.microsoft' : '';
}

/** The operator that reads a node of a file, or undefined: one of that name and domain. */
export function opOfFile({ domain, opType }: { readonly domain: string; readonly opType: string }) {
  return domain === domainOf(opType) ? opNamed(opType) : undefined;
}

// The operators that are read: this list is the only place to add one.
import { add } from './add.ts';
import { averagePool } from './average-pool.ts';
import { batchNormalization } from './batch-normalization.ts';
import { cast } from './cast.ts';
import { celu } from './celu.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { constant } from './constant.ts';
import { constantOfShape } from './constant-of-shape.ts';
import { conv } from './conv.ts';
import { convInteger } from './conv-integer.ts';
import { convTranspose } from './conv-transpose.ts';
import { depthToSpace } from './depth-to-space.ts';
import { dequantizeLinear } from './dequantize-linear.ts';
import { div } from './div.ts';
import { dropout } from './dropout.ts';
import { dynamicQuantizeLinear } from './dynamic-quantize-linear.ts';
import { elementwiseMean } from './elementwise-mean.ts';
import { elu } from './elu.ts';
import { erf } from './erf.ts';
import { expand } from './expand.ts';
import { fakeQuantize } from './fake-quantize.ts';
import { flatten } from './flatten.ts';
import {
  abs,
  and,
  ceil,
  equal,
  exp,
  floor,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  log,
  max,
  min,
  not,
  or,
  pow,
  reciprocal,
  round,
  sqrt,
  where,
  xor,
} from './folded.ts';
import { gather } from './gather.ts';
import { gatherElements } from './gather-elements.ts';
import { gelu } from './gelu.ts';
import { geluTanh } from './gelu-tanh.ts';
import { gemm } from './gemm.ts';
import { globalAveragePool } from './global-average-pool.ts';
import { globalMaxPool } from './global-max-pool.ts';
import { hardSigmoid } from './hard-sigmoid.ts';
import { hardSwish } from './hard-swish.ts';
import { identity } from './identity.ts';
import { instanceNormalization } from './instance-normalization.ts';
import { layerNormalization } from './layer-normalization.ts';
import { leakyRelu } from './leaky-relu.ts';
import { logSoftmax } from './log-softmax.ts';
import { lrn } from './lrn.ts';
import { matMul } from './mat-mul.ts';
import { matMulInteger } from './mat-mul-integer.ts';
import { maxPool } from './max-pool.ts';
import { meanVarianceNormalization } from './mean-variance-normalization.ts';
import { mish } from './mish.ts';
import { mod } from './mod.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import type { Op } from './op.ts';
import { pRelu } from './p-relu.ts';
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
import { reduceMax, reduceMin } from './reduce-extremes.ts';
import { reduceMean } from './reduce-mean.ts';
import { reduceSum } from './reduce-sum.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { resize } from './resize.ts';
import { selu } from './selu.ts';
import { shape } from './shape.ts';
import { sigmoid } from './sigmoid.ts';
import { silu } from './silu.ts';
import { size } from './size.ts';
import { slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { softplus } from './softplus.ts';
import { softsign } from './softsign.ts';
import { spaceToDepth } from './space-to-depth.ts';
import { split } from './split.ts';
import { squeeze } from './squeeze.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';
import { unsqueeze } from './unsqueeze.ts';
import { upsample } from './upsample.ts';

/** Operators that stay in the network: linear maps of spikes and currents, applied step by step. */
export const linearOps = [
  add,
  averagePool,
  concat,
  conv,
  convTranspose,
  expand,
  gemm,
  globalAveragePool,
  matMul,
  mul,
  pad,
  reduceMean,
  reshape,
  resize,
  slice,
  transpose,
] as const;

/** Operators that become the window of a neuron. */
export const poolOps = [maxPool] as const;

/** Operators that become the function of a neuron; `operators` of a neuron names those that it tracks. */
export const activationOps = [
  celu,
  clip,
  elu,
  gelu,
  geluTanh,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  mish,
  pRelu,
  relu,
  selu,
  sigmoid,
  silu,
  softplus,
  softsign,
  tanh,
] as const;

/** Operators that become the amplitude of a neuron; made by passes, no operators of ONNX. */
export const quantizerOps = [fakeQuantize] as const;

/** Operators that the readout leaves out. */
export const headOps = [logSoftmax, softmax] as const;

/** Operators of the data themselves: computed on decoded values at the end of a window, and encoded again. */
export const analogOps = [instanceNormalization, layerNormalization, lrn, meanVarianceNormalization] as const;

/** Operators of the subgraphs that compute shapes and other constants. */
export const foldedOps = [
  abs,
  and,
  ceil,
  equal,
  exp,
  floor,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  log,
  max,
  min,
  not,
  or,
  pow,
  reciprocal,
  round,
  sqrt,
  where,
  xor,
] as const;

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
  ...foldedOps,
  batchNormalization,
  cast,
  constant,
  constantOfShape,
  convInteger,
  depthToSpace,
  dequantizeLinear,
  div,
  dropout,
  dynamicQuantizeLinear,
  elementwiseMean,
  erf,
  flatten,
  gather,
  gatherElements,
  globalMaxPool,
  identity,
  matMulInteger,
  mod,
  neg,
  quantizeLinear,
  range,
  reduceMax,
  reduceMin,
  reduceSum,
  shape,
  size,
  spaceToDepth,
  split,
  squeeze,
  sub,
  sum,
  unsqueeze,
  upsample,
] as const;

/** What is left of a graph when every pass has run. */
export const canonicalOps = [
  ...linearOps,
  ...poolOps,
  ...activationOps,
  ...quantizerOps,
  ...headOps,
  ...analogOps,
] as const;

/** Every operator that is read. */
export const ops = [...canonicalOps, ...loweredOps] as const;

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

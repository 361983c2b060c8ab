// The ordered list of passes. Order is data: read it from top to bottom.
import { absorbClip } from './absorb-clip.ts';
import { eliminateDead } from './eliminate-dead.ts';
import { eliminateIdentity } from './eliminate-identity.ts';
import { foldAffine } from './fold-affine.ts';
import { fuseActivation } from './fuse-activation.ts';
import { lowerArithmetic } from './lower-arithmetic.ts';
import { lowerBatchNorm } from './lower-batch-norm.ts';
import { lowerGemm } from './lower-gemm.ts';
import { lowerInteger } from './lower-integer.ts';
import { lowerQdq } from './lower-qdq.ts';
import { lowerQOperator } from './lower-qoperator.ts';
import { lowerRearrangement } from './lower-rearrangement.ts';
import { lowerReductions } from './lower-reductions.ts';
import { lowerReshape } from './lower-reshape.ts';
import { lowerSplit } from './lower-split.ts';
import { mergeQuantizers } from './merge-quantizers.ts';
import type { Pass } from './pass.ts';
import { splitMaxPool } from './split-max-pool.ts';

export const passes = [
  eliminateIdentity,
  eliminateDead,
  lowerQOperator,
  lowerSplit,
  lowerRearrangement,
  lowerReductions,
  lowerInteger,
  lowerQdq,
  lowerReshape,
  fuseActivation,
  lowerBatchNorm,
  lowerArithmetic,
  lowerGemm,
  foldAffine,
  mergeQuantizers,
  absorbClip,
  splitMaxPool,
  eliminateDead,
] as const satisfies readonly Pass[];

// The ordered list of passes. Order is data: read it from top to bottom.
import { eliminateDead } from './eliminate-dead.ts';
import { eliminateIdentity } from './eliminate-identity.ts';
import { foldAffine } from './fold-affine.ts';
import { lowerArithmetic } from './lower-arithmetic.ts';
import { lowerBatchNorm } from './lower-batch-norm.ts';
import { lowerGemm } from './lower-gemm.ts';
import { lowerReshape } from './lower-reshape.ts';
import type { Pass } from './pass.ts';
import { splitMaxPool } from './split-max-pool.ts';

export const passes = [
  eliminateIdentity,
  eliminateDead,
  lowerReshape,
  lowerBatchNorm,
  lowerArithmetic,
  lowerGemm,
  foldAffine,
  splitMaxPool,
  eliminateDead,
] as const satisfies readonly Pass[];

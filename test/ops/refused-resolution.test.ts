// Refused nodes that change the resolution or normalise: by which code, and what the message says.
import { describe, expect, it } from 'vitest';
import { opNamed } from '../../src/ops/index.ts';
import { refusalOf } from '../../src/ops/refusals.ts';
import { floatTensor, indexTensor } from '../../src/tensor/tensor.ts';
import { expectRefusal, type RefusedCase, running, weights } from './refused-case.ts';
import { constantFact, int, ints, nodeOf, string } from './single-node.ts';

const image = running(1, 4, 5, 6);
const floats = (...values: number[]) => constantFact(floatTensor([values.length], values));
const index = (...values: number[]) => constantFact(indexTensor(values));
const doubled = [image, null, floats(1, 1, 2, 2)];
const attribute = { code: 'unsupported-attribute' } as const;

const CASES: readonly RefusedCase[] = [
  {
    op: 'Resize',
    why: 'cubic',
    ...attribute,
    message: /mode "nearest" or "linear", found "cubic"/,
    inputs: doubled,
    attributes: { mode: string('cubic') },
  },
  {
    op: 'Resize',
    why: 'antialias',
    ...attribute,
    message: /antialias and exclude_outside to be 0/,
    inputs: doubled,
    attributes: { antialias: int(1) },
    opset: 18,
  },
  {
    op: 'Resize',
    why: 'a part of the image',
    ...attribute,
    message: /found "tf_crop_and_resize"/,
    inputs: doubled,
    attributes: { coordinate_transformation_mode: string('tf_crop_and_resize') },
  },
  {
    op: 'Resize',
    why: 'nearest by symmetric coordinates',
    ...attribute,
    message: /other coordinates than half_pixel_symmetric/,
    inputs: doubled,
    attributes: { coordinate_transformation_mode: string('half_pixel_symmetric') },
    opset: 19,
  },
  {
    op: 'Resize',
    why: 'the aspect ratio kept',
    ...attribute,
    message: /keep_aspect_ratio_policy "stretch", found "not_larger"/,
    inputs: doubled,
    attributes: { keep_aspect_ratio_policy: string('not_larger') },
    opset: 18,
  },
  {
    op: 'Resize',
    why: 'channels',
    ...attribute,
    message: /1 for N and C, found 1, 2, 1, 1/,
    inputs: [image, null, floats(1, 2, 1, 1)],
  },
  {
    op: 'Resize',
    why: 'channels by sizes',
    ...attribute,
    message: /1 for N and C, found 1, 2, 1, 1/,
    inputs: [image, null, null, index(1, 8, 5, 6)],
  },
  {
    op: 'Resize',
    why: 'no scales and no sizes',
    code: 'invalid-graph',
    message: /4 scales or sizes, found 0/,
    inputs: [image],
  },
  {
    op: 'Resize',
    why: 'sizes computed from the data',
    code: 'dynamic-shape',
    message: /expects its sizes .* to be constant/,
    inputs: [image, null, null, { dtype: 'int64', shape: [4] }],
  },
  {
    op: 'Resize',
    why: 'nothing left',
    code: 'shape-mismatch',
    message: /scales that leave something, found 0.1\d*, 1/,
    inputs: [image, null, floats(1, 1, 0.1, 1)],
  },
  {
    op: 'Resize',
    why: 'opset 10, shrinking one way and growing the other',
    ...attribute,
    message: /to shrink or to grow/,
    inputs: [image, floats(1, 1, 0.5, 2)],
    opset: 10,
  },
  {
    op: 'Upsample',
    why: 'cubic',
    ...attribute,
    message: /mode "nearest" or "linear", found "cubic"/,
    inputs: [image, floats(1, 1, 2, 2)],
    attributes: { mode: string('cubic') },
    opset: 9,
  },
  {
    op: 'ConvTranspose',
    why: 'weights of other channels',
    code: 'shape-mismatch',
    message: /expects weights \[C, M\/group, 3, 3\].*found \[3, 2, 3, 3\]/,
    inputs: [image, weights(3, 2, 3, 3)],
  },
  {
    op: 'ConvTranspose',
    why: 'a bias of other channels',
    code: 'shape-mismatch',
    message: /expects a bias \[4\], found \[2\]/,
    inputs: [image, weights(4, 2, 3, 3), weights(2)],
    attributes: { group: int(2) },
  },
  {
    op: 'ConvTranspose',
    why: 'groups that do not divide the channels',
    code: 'shape-mismatch',
    message: /a group that divides C.*group 3/,
    inputs: [image, weights(4, 2, 3, 3)],
    attributes: { group: int(3) },
  },
  {
    op: 'ConvTranspose',
    why: 'an output shape of other axes',
    ...attribute,
    message: /2 numbers from 0 as output_shape, found \[9\]/,
    inputs: [image, weights(4, 2, 3, 3)],
    attributes: { output_shape: ints(9) },
  },
  {
    op: 'ConvTranspose',
    why: 'pads that leave nothing',
    code: 'shape-mismatch',
    message: /pads that leave something/,
    inputs: [image, weights(4, 2, 1, 1)],
    attributes: { pads: ints(3, 0, 3, 0) },
  },
  {
    op: 'ConvTranspose',
    why: 'other axes than its kernel',
    code: 'shape-mismatch',
    message: /\[N, C\] and 1 spatial axes/,
    inputs: [image, weights(4, 2, 3)],
  },
  {
    op: 'ReduceMax',
    why: 'the images together',
    ...attribute,
    message: /axes among 1 to 3 of a running \[1, 4, 5, 6\], found \[0, 1, 2, 3\]: axis 0 is the batch/,
    inputs: [image],
  },
  {
    op: 'ReduceSum',
    why: 'axes computed from the data',
    code: 'dynamic-shape',
    message: /expects its axes .* to be constant/,
    inputs: [image, { dtype: 'int64', shape: [1] }],
  },
  {
    op: 'DepthToSpace',
    why: 'channels that fill no block',
    code: 'shape-mismatch',
    message: /C a multiple of 9/,
    inputs: [image],
    attributes: { blocksize: int(3) },
  },
  {
    op: 'DepthToSpace',
    why: 'another mode',
    ...attribute,
    message: /DCR or CRD, found "ABC"/,
    inputs: [image],
    attributes: { blocksize: int(2), mode: string('ABC') },
  },
  {
    op: 'SpaceToDepth',
    why: 'an image that blocks do not fill',
    code: 'shape-mismatch',
    message: /multiples of 2, found \[1, 4, 5, 6\]/,
    inputs: [image],
    attributes: { blocksize: int(2) },
  },
  {
    op: 'SpaceToDepth',
    why: 'no block',
    code: 'invalid-graph',
    message: /blocksize from 1, found none/,
    inputs: [image],
  },
  { op: 'LRN', why: 'no size', code: 'invalid-graph', message: /size from 1, found none/, inputs: [image] },
  {
    op: 'InstanceNormalization',
    why: 'scales of other channels',
    code: 'shape-mismatch',
    message: /scale and B of \[4\], found \[3\] and \[4\]/,
    inputs: [image, weights(3), weights(4)],
  },
  {
    op: 'LayerNormalization',
    why: 'a scale of another length',
    code: 'shape-mismatch',
    message: /broadcast to \[6\], found \[5\]/,
    inputs: [image, weights(5)],
    opset: 17,
  },
  {
    op: 'LayerNormalization',
    why: 'its mean as an output',
    ...attribute,
    message: /found also mean/,
    inputs: [image, weights(6)],
    outputs: ['out0', 'mean'],
    opset: 17,
  },
  {
    op: 'Where',
    why: 'branches that do not broadcast',
    code: 'shape-mismatch',
    message: /broadcast together, found \[2\] and \[3\] and \[2\]/,
    inputs: [index(1, 0), index(1, 2, 3), index(1, 2)],
  },
  {
    op: 'Equal',
    why: 'two types',
    code: 'unsupported-type',
    message: /operands of one type, found int64, float32/,
    inputs: [index(1), floats(1)],
  },
  {
    op: 'Mod',
    why: 'by zero',
    code: 'invalid-graph',
    message: /other than 0, found 0/,
    inputs: [index(1), index(0)],
  },
  {
    op: 'Mod',
    why: 'of floats',
    code: 'invalid-graph',
    message: /integers, or fmod=1/,
    inputs: [floats(1), floats(2)],
  },
  {
    op: 'GatherElements',
    why: 'an index outside',
    code: 'shape-mismatch',
    message: /indices from -3 to 2, found 3/,
    inputs: [index(1, 2, 3), index(3)],
  },
];

describe('refused changes of resolution and normalisations', () => {
  it.each(CASES.map((c) => [c.op, c.why, c] as const))('%s: %s', (_, __, c) => expectRefusal(c));
});

describe('operators that no file reads', () => {
  it.each([
    ['LSTM', /control flow and recurrence/],
    ['TopK', /chooses indices/],
    ['NonMaxSuppression', /chooses indices/],
    ['NonZero', /chooses indices/],
    ['RoiAlign', /places are computed from the image/],
    ['Einsum', /export it as MatMul/],
    ['RandomNormal', /inference mode/],
    ['SequenceAt', /no fixed shape/],
    ['TfIdfVectorizer', /works on text/],
    ['GroupNormalization', /statistics of the running data/],
    ['NoSuchOperator', /this operator is not supported/],
  ])('%s has its reason', (op, reason) => {
    expect(opNamed(op)).toBeUndefined();
    expect(refusalOf(nodeOf(op, []))).toMatch(reason);
  });
});

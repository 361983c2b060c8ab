// Windows that are refused: Conv, AveragePool and MaxPool.
import { describe, it } from 'vitest';
import { expectRefusal, type RefusedCase, running, weights } from './refused-case.ts';
import { float, int, ints, string } from './single-node.ts';

const image = running(1, 4, 5, 5);
const kernel = ints(2, 2);

const CASES: readonly RefusedCase[] = [
  {
    op: 'Conv',
    why: 'unknown attributes',
    code: 'unsupported-attribute',
    message: /found mystery, flavour/,
    inputs: [image, weights(2, 4, 2, 2)],
    attributes: { mystery: int(1), flavour: int(2) },
  },
  {
    op: 'Conv',
    why: 'an attribute of another type',
    code: 'invalid-graph',
    message: /group expects a value of type int, found float/,
    inputs: [image, weights(2, 4, 2, 2)],
    attributes: { group: float(1) },
  },
  {
    op: 'Conv',
    why: 'other input channels',
    code: 'shape-mismatch',
    message: /3 x 1 input channels for weights \[2, 3, 2, 2\] in 1 groups, found \[1, 4, 5, 5\]/,
    inputs: [image, weights(2, 3, 2, 2)],
  },
  {
    op: 'Conv',
    why: 'groups that do not divide the outputs',
    code: 'shape-mismatch',
    message: /4 groups/,
    inputs: [image, weights(6, 1, 2, 2)],
    attributes: { group: int(4) },
  },
  {
    op: 'Conv',
    why: 'a kernel_shape unlike its weights',
    code: 'shape-mismatch',
    message: /C\/group, 3, 3\].*found \[2, 4, 2, 2\]/,
    inputs: [image, weights(2, 4, 2, 2)],
    attributes: { kernel_shape: ints(3, 3) },
  },
  {
    op: 'Conv',
    why: 'a bias of another length',
    code: 'shape-mismatch',
    message: /bias \[2\], found \[3\]/,
    inputs: [image, weights(2, 4, 2, 2), weights(3)],
  },
  {
    op: 'Conv',
    why: 'an input smaller than its kernel',
    code: 'shape-mismatch',
    message: /at least as large as its kernel \[7, 7\]/,
    inputs: [image, weights(2, 4, 7, 7)],
  },
  {
    op: 'Conv',
    why: 'missing weights',
    code: 'invalid-graph',
    message: /expects 2 to 3 inputs, found 1/,
    inputs: [image],
  },
  {
    op: 'Conv',
    why: 'an unknown auto_pad',
    code: 'unsupported-attribute',
    message: /NOTSET, SAME_UPPER, SAME_LOWER, VALID, found "SAME"/,
    inputs: [image, weights(2, 4, 2, 2)],
    attributes: { auto_pad: string('SAME') },
  },
  {
    op: 'Conv',
    why: 'negative pads',
    code: 'unsupported-attribute',
    message: /4 pads from 0.*found \[0, -1, 0, 0\]/,
    inputs: [image, weights(2, 4, 2, 2)],
    attributes: { pads: ints(0, -1, 0, 0) },
  },
  {
    op: 'MaxPool',
    why: 'the indices asked for',
    code: 'unsupported-attribute',
    message: /found also indices/,
    inputs: [image],
    attributes: { kernel_shape: kernel },
    outputs: ['out0', 'indices'],
  },
  {
    op: 'MaxPool',
    why: 'a window in the padding only',
    code: 'shape-mismatch',
    message: /found one in the padding only/,
    inputs: [image],
    attributes: { kernel_shape: kernel, pads: ints(2, 2, 0, 0) },
  },
  { op: 'MaxPool', why: 'no kernel_shape', code: 'invalid-graph', message: /kernel_shape/, inputs: [image] },
  {
    op: 'MaxPool',
    why: 'other spatial axes',
    code: 'shape-mismatch',
    message: /\[N, C\] and 2 spatial axes, found \[1, 4, 5\]/,
    inputs: [running(1, 4, 5)],
    attributes: { kernel_shape: kernel },
  },
  {
    op: 'AveragePool',
    why: 'dilations',
    code: 'unsupported-attribute',
    message: /found 2, 1/,
    inputs: [image],
    attributes: { kernel_shape: kernel, dilations: ints(2, 1) },
    opset: 19,
  },
  {
    op: 'AveragePool',
    why: 'a window in the padding only',
    code: 'shape-mismatch',
    message: /found one in the padding only/,
    inputs: [image],
    attributes: { kernel_shape: kernel, pads: ints(0, 0, 2, 0) },
  },
];

describe('refused windows', () => {
  it.each(CASES.map((c) => [c.op, c.why, c] as const))('%s: %s', (_, __, c) => expectRefusal(c));
});

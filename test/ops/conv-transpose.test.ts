// ConvTranspose over a grid of attributes against ONNX Runtime: as read, and as written back.
import { describe, expect, it } from 'vitest';
import { disagreements, windowAttributes } from './disagreements.ts';
import { combinations, labelOf } from './grid.ts';
import type { AttributeRecord } from './single-node.ts';
import { int, ints, nodeOf, randomTensor } from './single-node.ts';

function convTranspose(
  shape: readonly number[],
  group: number,
  attributes: AttributeRecord,
  kernel: readonly number[],
) {
  const inputs = [
    randomTensor(shape),
    randomTensor([shape[1]!, 3, ...kernel], 2),
    randomTensor([3 * group], 3),
  ];
  return { node: nodeOf('ConvTranspose', inputs, { ...attributes, group: int(group) }), inputs };
}

describe('ConvTranspose', () => {
  it('agrees over kernels, strides, pads, dilations and groups', async () => {
    const cases = combinations({
      kernel: [
        [1, 1],
        [3, 3],
        [2, 4],
      ],
      strides: [
        [1, 1],
        [2, 1],
        [3, 2],
      ],
      pads: [
        [0, 0, 0, 0],
        [1, 0, 0, 1],
      ],
      dilations: [
        [1, 1],
        [2, 1],
      ],
      group: [1, 2, 4],
    }).map((chosen) => ({
      label: labelOf(chosen),
      ...convTranspose([2, 4, 4, 5], chosen.group, windowAttributes(chosen), chosen.kernel),
    }));
    expect(await disagreements(cases, 11)).toEqual([]);
  });

  it('agrees over auto_pad, output_padding and output_shape', async () => {
    const cases = combinations({
      autoPad: ['SAME_UPPER', 'SAME_LOWER', 'VALID', 'NOTSET'],
      kernel: [
        [3, 3],
        [4, 2],
      ],
      strides: [[2, 3]],
      outputPadding: [undefined, [1, 2]],
      outputShape: [undefined, [8, 13]],
    }).map((chosen) => {
      const { outputPadding, outputShape } = chosen;
      const attributes = {
        ...windowAttributes(chosen),
        ...(outputPadding === undefined ? {} : { output_padding: ints(...outputPadding) }),
        ...(outputShape === undefined ? {} : { output_shape: ints(...outputShape) }),
      };
      return { label: labelOf(chosen), ...convTranspose([1, 2, 4, 5], 1, attributes, chosen.kernel) };
    });
    expect(await disagreements(cases, 13)).toEqual([]);
  });

  it('agrees over one and three spatial axes', async () => {
    const line = { kernel: [3], strides: [2], pads: [2, 1], dilations: [2] };
    const cube = { kernel: [2, 3, 1], strides: [1, 2, 2], pads: [1, 0, 0, 0, 2, 0], dilations: [1, 2, 1] };
    const cases = [
      { label: '1-D', ...convTranspose([1, 4, 6], 2, windowAttributes(line), line.kernel) },
      { label: '3-D', ...convTranspose([1, 4, 3, 4, 5], 2, windowAttributes(cube), cube.kernel) },
    ];
    expect(await disagreements(cases, 17)).toEqual([]);
  });
});

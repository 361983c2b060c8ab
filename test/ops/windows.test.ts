// Conv, AveragePool and MaxPool over a grid of attributes against ONNX Runtime: as read, and as written back.
import { describe, expect, it } from 'vitest';
import { disagreements, windowAttributes } from './disagreements.ts';
import { combinations, labelOf } from './grid.ts';
import { type AttributeRecord, int, nodeOf, randomTensor } from './single-node.ts';

describe('Conv', () => {
  const conv = (
    shape: readonly number[],
    group: number,
    attributes: AttributeRecord,
    kernel: readonly number[],
  ) => {
    const inputs = [
      randomTensor(shape),
      randomTensor([4, shape[1]! / group, ...kernel], 2),
      randomTensor([4], 3),
    ];
    return { node: nodeOf('Conv', inputs, { ...attributes, group: int(group) }), inputs };
  };

  it('agrees over kernels, strides, pads, dilations and groups', async () => {
    const cases = combinations({
      kernel: [
        [1, 1],
        [3, 3],
        [2, 3],
      ],
      strides: [
        [1, 1],
        [2, 1],
        [3, 2],
      ],
      pads: [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [1, 0, 2, 3],
      ],
      dilations: [
        [1, 1],
        [2, 1],
      ],
      group: [1, 2, 4],
    }).map((chosen) => ({
      label: labelOf(chosen),
      ...conv([2, 4, 7, 6], chosen.group, windowAttributes(chosen), chosen.kernel),
    }));
    expect(await disagreements(cases, 11)).toEqual([]);
  });

  it('agrees over auto_pad', async () => {
    const cases = combinations({
      autoPad: ['SAME_UPPER', 'SAME_LOWER', 'VALID', 'NOTSET'],
      kernel: [
        [2, 3],
        [3, 4],
      ],
      strides: [
        [1, 1],
        [2, 3],
      ],
      dilations: [[1, 1]],
    }).map((chosen) => ({
      label: labelOf(chosen),
      ...conv([1, 2, 7, 8], 1, windowAttributes(chosen), chosen.kernel),
    }));
    expect(await disagreements(cases, 13)).toEqual([]);
  });

  it('agrees over one and three spatial axes', async () => {
    const line = { kernel: [3], strides: [2], pads: [2, 1], dilations: [2] };
    const cube = { kernel: [2, 3, 1], strides: [1, 2, 2], pads: [1, 0, 0, 0, 2, 1], dilations: [1, 2, 1] };
    const cases = [
      { label: '1-D', ...conv([1, 4, 9], 2, windowAttributes(line), line.kernel) },
      { label: '3-D', ...conv([1, 4, 4, 6, 5], 2, windowAttributes(cube), cube.kernel) },
    ];
    expect(await disagreements(cases, 17)).toEqual([]);
  });
});

const POOLS = {
  kernel: [
    [2, 2],
    [3, 2],
  ],
  strides: [
    [1, 1],
    [2, 2],
    [3, 3],
  ],
  pads: [
    [0, 0, 0, 0],
    [1, 1, 1, 1],
    [1, 0, 0, 1],
  ],
  ceil: [0, 1],
  size: [
    [6, 7],
    [5, 8],
  ],
} as const;

describe('MaxPool', () => {
  it('agrees over kernels, strides, pads, dilations and ceil_mode', async () => {
    const cases = combinations({
      ...POOLS,
      dilations: [
        [1, 1],
        [2, 1],
      ],
    }).map((chosen) => {
      const inputs = [randomTensor([1, 2, ...chosen.size])];
      const attributes = { ...windowAttributes(chosen), ceil_mode: int(chosen.ceil) };
      return { label: labelOf(chosen), node: nodeOf('MaxPool', inputs, attributes), inputs };
    });
    expect(await disagreements(cases, 12)).toEqual([]);
  });

  it('agrees over auto_pad', async () => {
    const cases = combinations({
      autoPad: ['SAME_UPPER', 'SAME_LOWER', 'VALID'],
      kernel: [
        [2, 2],
        [3, 2],
      ],
      strides: [
        [1, 1],
        [2, 3],
      ],
    }).map((chosen) => {
      const inputs = [randomTensor([1, 2, 7, 8])];
      return { label: labelOf(chosen), node: nodeOf('MaxPool', inputs, windowAttributes(chosen)), inputs };
    });
    expect(await disagreements(cases, 8)).toEqual([]);
  });
});

describe('AveragePool', () => {
  it.each([11, 17, 19])(
    'agrees over kernels, strides, pads, ceil_mode and count_include_pad at opset %i',
    async (opset) => {
      const cases = combinations({ ...POOLS, include: [0, 1] }).map((chosen) => {
        const inputs = [randomTensor([1, 2, ...chosen.size])];
        const attributes = {
          ...windowAttributes(chosen),
          ceil_mode: int(chosen.ceil),
          count_include_pad: int(chosen.include),
        };
        return { label: labelOf(chosen), node: nodeOf('AveragePool', inputs, attributes), inputs };
      });
      expect(await disagreements(cases, opset)).toEqual([]);
    },
  );

  it('agrees over auto_pad', async () => {
    const cases = combinations({
      autoPad: ['SAME_UPPER', 'SAME_LOWER', 'VALID'],
      kernel: [
        [2, 2],
        [3, 2],
      ],
      strides: [
        [1, 1],
        [2, 3],
      ],
      include: [0, 1],
    }).map((chosen) => {
      const inputs = [randomTensor([1, 2, 7, 8])];
      const attributes = { ...windowAttributes(chosen), count_include_pad: int(chosen.include) };
      return { label: labelOf(chosen), node: nodeOf('AveragePool', inputs, attributes), inputs };
    });
    expect(await disagreements(cases, 13)).toEqual([]);
  });
});

describe.each(['MaxPool', 'AveragePool'])('%s over one and three spatial axes', (op) => {
  it('agrees', async () => {
    const line = { kernel: [3], strides: [2], pads: [1, 0] };
    const cube = { kernel: [2, 3, 1], strides: [1, 2, 2], pads: [1, 0, 0, 0, 2, 0] };
    const cases = [
      { window: line, shape: [2, 3, 9] },
      { window: cube, shape: [1, 2, 4, 6, 5] },
    ].flatMap(({ window, shape }) =>
      [0, 1].map((ceil) => {
        const inputs = [randomTensor(shape)];
        const attributes = { ...windowAttributes(window), ceil_mode: int(ceil) };
        return { label: `${shape} ceil=${ceil}`, node: nodeOf(op, inputs, attributes), inputs };
      }),
    );
    expect(await disagreements(cases, 17)).toEqual([]);
  });
});

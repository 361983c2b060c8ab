// Conv, AveragePool and MaxPool over a grid of attributes against ONNX Runtime: as read, and as written back.
import { describe, expect, it } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import type { OnnxNode } from '../../src/onnx/model.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { combinations, labelOf } from './grid.ts';
import {
  type AttributeRecord,
  int,
  ints,
  nodeOf,
  randomTensor,
  relativeError,
  runEncoded,
  runInOnnxRuntime,
  runNode,
  string,
} from './single-node.ts';

/** What the operator file and ONNX Runtime disagree on, one line for each case; empty when all is well. */
async function disagreements(
  cases: readonly { readonly label: string; readonly node: OnnxNode; readonly inputs: readonly Tensor[] }[],
  opset: number,
): Promise<string[]> {
  const found: string[] = [];
  for (const { label, node, inputs } of cases) {
    let expected: Tensor;
    try {
      expected = (await runInOnnxRuntime(node, inputs, opset))[0]!;
    } catch (error) {
      found.push(`${label}: ONNX Runtime: ${messageOf(error)}`);
      continue;
    }
    try {
      const run = runNode(node, inputs, opset);
      const encoded = (await runEncoded(run))[0]!;
      for (const [kind, actual] of [
        ['evaluated', run.outputs[0]!],
        ['encoded', encoded],
      ] as const) {
        if (String(actual.shape) !== String(expected.shape)) {
          found.push(`${label}: ${kind} ${actual.shape}, expected ${expected.shape}`);
        } else if (relativeError(actual, expected) > run.op.tolerance) {
          found.push(`${label}: ${kind} is off by ${relativeError(actual, expected)}`);
        }
      }
      expect(run.facts[0]!.shape).toEqual(run.outputs[0]!.shape);
    } catch (error) {
      found.push(`${label}: ${messageOf(error)}`);
    }
  }
  return found;
}

function windowAttributes(chosen: {
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly autoPad?: string;
}): AttributeRecord {
  const { kernel, strides, pads, dilations, autoPad } = chosen;
  return {
    kernel_shape: ints(...kernel),
    ...(strides === undefined ? {} : { strides: ints(...strides) }),
    ...(pads === undefined ? {} : { pads: ints(...pads) }),
    ...(dilations === undefined ? {} : { dilations: ints(...dilations) }),
    ...(autoPad === undefined ? {} : { auto_pad: string(autoPad) }),
  };
}

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

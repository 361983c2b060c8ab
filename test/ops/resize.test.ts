// Resize and Upsample over a grid of attributes against ONNX Runtime: as read, and as written back.
import { describe, expect, it } from 'vitest';
import { COORDINATES, NEAREST } from '../../src/ops/interpolation.ts';
import { resize } from '../../src/ops/resize.ts';
import { floatTensor, indexTensor, type Tensor } from '../../src/tensor/tensor.ts';
import { disagreements } from './disagreements.ts';
import { combinations, labelOf } from './grid.ts';
import {
  type AttributeRecord,
  nodeOf,
  randomTensor,
  relativeError,
  runEncoded,
  runInOnnxRuntime,
  runNode,
  string,
} from './single-node.ts';

/** By spatial rank: the operand, and scales or sizes of its spatial axes. */
const IMAGES: readonly (readonly [readonly number[], readonly { scales?: number[]; sizes?: number[] }[]])[] =
  [
    [
      [2, 3, 7],
      [{ scales: [2] }, { scales: [0.6] }, { sizes: [10] }, { sizes: [3] }],
    ],
    [
      [2, 3, 5, 6],
      [
        { scales: [2, 2] },
        { scales: [3, 1.5] },
        { scales: [0.5, 0.34] },
        { scales: [1, 4] },
        { sizes: [7, 13] },
        { sizes: [3, 6] },
        { sizes: [1, 1] },
      ],
    ],
    [
      [1, 2, 3, 4, 5],
      [{ scales: [2, 2, 2] }, { scales: [0.7, 1, 2.3] }, { sizes: [5, 2, 6] }],
    ],
  ];

/** Opset 11 has no way to leave scales out but an empty tensor. */
function casesOf(opset: number, how: AttributeRecord, label: string) {
  return IMAGES.flatMap(([shape, targets]) =>
    targets.map(({ scales, sizes }) => {
      const inputs: (Tensor | null)[] = [randomTensor(shape), floatTensor([0])];
      if (scales !== undefined) inputs.push(floatTensor([shape.length], [1, 1, ...scales]));
      else inputs.push(opset < 13 ? floatTensor([0]) : null, indexTensor([...shape.slice(0, 2), ...sizes!]));
      return {
        label: `${label} ${JSON.stringify(shape)} to ${JSON.stringify(scales ?? sizes)}`,
        node: nodeOf('Resize', inputs, how),
        inputs,
      };
    }),
  );
}

describe('Resize', () => {
  it.each([11, 13, 18])('agrees in mode nearest at opset %i', async (opset) => {
    const cases = combinations({
      coordinates: COORDINATES.filter((mode) => mode !== 'half_pixel_symmetric'),
      nearest: NEAREST,
    }).flatMap((chosen) =>
      casesOf(
        opset,
        {
          mode: string('nearest'),
          coordinate_transformation_mode: string(chosen.coordinates),
          nearest_mode: string(chosen.nearest),
        },
        labelOf(chosen),
      ),
    );
    expect(await disagreements(cases, opset)).toEqual([]);
  });

  it.each([11, 13, 18])('agrees in mode linear at opset %i', async (opset) => {
    const cases = COORDINATES.filter((mode) => opset >= 18 || mode !== 'half_pixel_symmetric').flatMap(
      (mode) =>
        casesOf(opset, { mode: string('linear'), coordinate_transformation_mode: string(mode) }, mode),
    );
    expect(await disagreements(cases, opset)).toEqual([]);
  });

  it('agrees at opset 10', async () => {
    const cases = combinations({
      mode: ['nearest', 'linear'],
      scales: [
        [1, 1, 2, 3],
        [1, 1, 1.6, 1],
        [1, 1, 0.6, 0.5],
      ],
    }).map((chosen) => {
      const inputs = [randomTensor([1, 2, 5, 6]), floatTensor([4], chosen.scales)];
      return {
        label: labelOf(chosen),
        node: nodeOf('Resize', inputs, { mode: string(chosen.mode) }),
        inputs,
      };
    });
    expect(await disagreements(cases, 10)).toEqual([]);
  });

  it('takes sizes of any two lengths', () => {
    for (let from = 1; from <= 64; from++) {
      for (let to = 1; to <= 64; to++) {
        const inputs = [randomTensor([1, 1, from]), null, null, indexTensor([1, 1, to])];
        expect(runNode(nodeOf('Resize', inputs), inputs, 13).facts[0]!.shape).toEqual([1, 1, to]);
      }
    }
  });
});

describe('Upsample', () => {
  it.each([
    [7, 'nearest'],
    [7, 'linear'],
    [9, 'nearest'],
    [9, 'linear'],
  ] as const)('of opset %i, %s, is what Resize computes', async (opset, mode) => {
    const x = randomTensor([2, 3, 4, 5]);
    const scales = [1, 1, 2, 3];
    const inputs = opset < 9 ? [x] : [x, floatTensor([4], scales)];
    const node = nodeOf('Upsample', inputs, {
      mode: string(mode),
      ...(opset < 9 ? { scales: { type: 'floats', value: scales } as const } : {}),
    });
    const expected = (await runInOnnxRuntime(node, inputs, opset))[0]!;
    const run = runNode(node, inputs, opset);
    const written = (await runEncoded({ ...run, op: resize as typeof run.op }))[0]!;
    for (const actual of [run.outputs[0]!, written]) {
      expect(actual.shape).toEqual(expected.shape);
      expect(relativeError(actual, expected)).toBeLessThanOrEqual(run.op.tolerance);
    }
  });
});

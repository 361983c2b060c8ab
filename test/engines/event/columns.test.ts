// The kernels that walk columns against their twins and against those for any window, bit for bit.
import { describe, expect, it } from 'vitest';
import {
  columnWeightsF32,
  columnWeightsI8,
  gatherWeightsF32,
  gatherWeightsI8,
} from '../../../src/engines/event/kernel-weights.ts';
import { pairs, quads, spikes } from '../../../src/engines/event/row-coding.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { codedListsOf, listsOf, spikesOf, uniform } from './spike-lists.ts';
import { TwoMemories } from './two-memories.ts';

const WINDOWS = [
  { height: 4, width: 5, kernelWidth: 3, strideX: 1, padLeft: 1, padRight: 1 },
  { height: 1, width: 1, kernelWidth: 3, strideX: 1, padLeft: 1, padRight: 1 },
  { height: 2, width: 7, kernelWidth: 3, strideX: 2, padLeft: 0, padRight: 1 },
  { height: 3, width: 4, kernelWidth: 1, strideX: 1, padLeft: 0, padRight: 0 },
  { height: 5, width: 3, kernelWidth: 5, strideX: 1, padLeft: 4, padRight: 3 },
];

describe.each(WINDOWS)(
  '$height x $width, kernel 3 x $kernelWidth, stride $strideX, pad $padLeft',
  ({ height, width, kernelWidth, strideX, padLeft, padRight }) => {
    const channels = 5;
    const widthOut = Math.floor((width + padLeft + padRight - kernelWidth) / strideX) + 1;
    const window = [height, widthOut, 3, kernelWidth, 1, strideX, 1, 1, 1, padLeft] as const;
    const column = [widthOut, kernelWidth, strideX, padLeft] as const;

    const from = { channels, stride: 8 };

    it.each(
      [16, 32, 48, 80].flatMap((stride) => [
        { stride, coding: spikes },
        { stride, coding: pairs },
        { stride, coding: quads },
      ]),
    )('float32, $stride channels, rows: $coding.name', ({ stride, coding }) => {
      const next = uniform(stride);
      const reals = (n: number) => Float32Array.from({ length: n }, () => 2 * next() - 1);
      const two = new TwoMemories(1 << 23);
      const { dense } = spikesOf(height * width, channels, 0.4, next);
      const lists = codedListsOf(dense, height * width, channels, from.stride, coding);
      const [starts, rows] = [two.put(lists.starts), two.put(lists.rows)];
      const shape = [stride, channels, 3, kernelWidth];
      const weights = {
        ...tensor('float32', shape),
        data: reals(stride * channels * 3 * kernelWidth),
      };
      const [columns, rowsOfWeights] = [
        two.put(columnWeightsF32(weights, coding.rows(from))),
        two.put(gatherWeightsF32(weights, coding.rows(from), stride)),
      ];
      const n = height * widthOut * stride;
      const [perChannel, perElement] = [two.put(reals(stride)), two.put(reals(n))];
      const initial = reals(n);
      const [h, wanted] = [two.put(initial), two.put(initial)];
      const list = two.take(3 * kernelWidth * channels * 4);
      const plane = [starts, rows, height, width, coding.perPosition(from)] as const;
      const cases: readonly (readonly [beta: number, first: number, bias: number, biasStride: number])[] = [
        [1 / 1.5, 1, 0, 0],
        [1.5, 0, 0, 0],
        [1.5, 1, perChannel, 0],
        [1.5, 0, perElement, stride],
        [1.5, 1, perElement, stride],
      ];
      for (const more of cases) {
        two.run((k) => k.columnsF32(...plane, columns, stride, h, ...column, ...more));
        two.run((k) => k.gatherF32(...plane, rowsOfWeights, stride, wanted, ...window, list, ...more));
        expect(two.expectSame('float32', h, n)).toEqual(two.expectSame('float32', wanted, n));
      }
    });

    it.each([16, 32, 48, 80])('8 bits, %i channels', (stride) => {
      const next = uniform(stride);
      const two = new TwoMemories(1 << 20);
      const lists = spikesOf(height * width, channels, 0.4, next);
      const [starts, rows] = [two.put(lists.starts), two.put(lists.rows)];
      const weights = tensor('int8', [stride, channels, 3, kernelWidth]);
      const whole = { ...weights, data: weights.data.map(() => Math.round(next() * 254 - 127)) };
      const [columns, rowsOfWeights] = [
        two.put(columnWeightsI8(whole, spikes.rows(from))),
        two.put(gatherWeightsI8(whole, spikes.rows(from), stride)),
      ];
      const n = height * widthOut * stride;
      const initial = Int32Array.from({ length: n }, () => Math.round(next() * 1e6 - 5e5));
      const [h, wanted] = [two.put(initial), two.put(initial)];
      const list = two.take(3 * kernelWidth * channels * 4);
      const plane = [starts, rows, height, width, 2 * channels] as const;
      for (const first of [1, 0]) {
        two.run((k) => k.columnsI8(...plane, columns, stride, h, ...column, first));
        two.run((k) => k.gatherI8(...plane, rowsOfWeights, stride, wanted, ...window, list, first));
        expect(two.expectSame('int32', h, n)).toEqual(two.expectSame('int32', wanted, n));
      }
    });
  },
);

it.each([1, -1])('sums of extreme 8-bit weights stay within 16 bits, all neurons at %i', (sign) => {
  const [channels, stride] = [28, 32];
  const two = new TwoMemories(1 << 20);
  const lists = listsOf(new Int8Array(9 * channels).fill(sign), 9, channels);
  const [starts, rows] = [two.put(lists.starts), two.put(lists.rows)];
  const weights = tensor('int8', [stride, channels, 3, 3]);
  const fan = 9 * channels;
  const extreme = {
    ...weights,
    data: weights.data.map((_, i) => (Math.floor(i / fan) % 3 === 0 ? -127 : 127)),
  };
  const packed = two.put(columnWeightsI8(extreme, spikes.rows({ channels, stride: 32 })));
  const h = two.put(new Int32Array(9 * stride));
  two.run((k) => k.columnsI8(starts, rows, 3, 3, 2 * channels, packed, stride, h, 3, 3, 1, 1, 1));
  const middle = two.expectSame('int32', h, 9 * stride).subarray(4 * stride, 5 * stride);
  expect([...middle]).toEqual(
    Array.from({ length: stride }, (_, c) => sign * fan * (c % 3 === 0 ? -127 : 127)),
  );
});

// How pixels become the input, in words.
import { expect, it } from 'vitest';
import { inputLine, inputLineWithRemark, scaleNote } from '../../src/report/input-line.ts';

const plain = { scale: 255, mean: [0], std: [1], channels: 'as-is' } as const;

it.each([
  [{}, "x' = pixel / 255"],
  [{ scale: 1 }, "x' = pixel, as it is"],
  [{ scale: 1, channels: 'bgr' as const }, "x' = pixel, as it is, bgr"],
  [{ scale: 16, mean: [-0.1] }, "x' = (pixel / 16 + 0.1)"],
  [{ mean: [0.5], std: [0.25] }, "x' = (pixel / 255 - 0.5) / 0.25"],
  [{ std: [0.25] }, "x' = (pixel / 255) / 0.25"],
  [{ scale: 1, std: [57.4] }, "x' = pixel / 57.4"],
  [
    { scale: 1, mean: [103.5, 116.3, 123.7], channels: 'bgr' as const },
    "x' = (pixel - [103.5, 116.3, 123.7]), bgr",
  ],
  [{ mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.3] }, "x' = (pixel / 255 - [0.5, 0.4, 0.3]) / [0.2, 0.2, 0.3]"],
])('%j', (given, line) => {
  expect(inputLine({ ...plain, ...given })).toBe(line);
});

it('remarks that nothing is normalised, only where asked to', () => {
  expect(inputLineWithRemark(plain)).toBe(
    "x' = pixel / 255   (no --mean, no --std: right only for a network trained so)",
  );
  expect(inputLineWithRemark({ ...plain, std: [0.5] })).toBe("x' = (pixel / 255) / 0.5");
});

it('notes faint images whose scale nobody gave', () => {
  expect(scaleNote(63, plain)).toHaveLength(1);
  for (const largest of [null, 0, 64, 255]) expect(scaleNote(largest, plain)).toEqual([]);
});

// Windows that lie in the padding as a whole.
import { describe, expect, it } from 'vitest';
import { expectCovered } from '../../src/ops/window-taps.ts';

describe('expectCovered', () => {
  const window = (
    input: number,
    kernel: number,
    stride: number,
    dilation: number,
    pads: readonly [number, number],
  ) => {
    const reach = dilation * (kernel - 1) + 1;
    const output = Math.floor((input + pads[0] + pads[1] - reach) / stride) + 1;
    return {
      ...{ input: [input], kernel: [kernel], strides: [stride], dilations: [dilation] },
      ...{ padsBegin: [pads[0]], padsEnd: [pads[1]], output: [output] },
    };
  };

  /** By walking every position and every offset. */
  const walked = (w: ReturnType<typeof window>) =>
    Array.from({ length: w.output[0]! }, (_, p) =>
      Array.from(
        { length: w.kernel[0]! },
        (_, k) => p * w.strides[0]! - w.padsBegin[0]! + k * w.dilations[0]!,
      ),
    ).every((taps) => taps.some((at) => at >= 0 && at < w.input[0]!));

  it('is what walking finds', () => {
    const found = { covered: 0, refused: 0 };
    for (let input = 1; input <= 5; input++)
      for (let kernel = 1; kernel <= 4; kernel++)
        for (let stride = 1; stride <= 4; stride++)
          for (let dilation = 1; dilation <= 7; dilation++)
            for (let before = 0; before <= 8; before += 2)
              for (let behind = 0; behind <= 8; behind += 4) {
                const w = window(input, kernel, stride, dilation, [before, behind]);
                if (w.output[0]! < 1) continue;
                if (walked(w)) {
                  expect(() => expectCovered('n', 'MaxPool', w)).not.toThrow();
                  found.covered++;
                } else {
                  expect(() => expectCovered('n', 'MaxPool', w)).toThrow(/padding only/);
                  found.refused++;
                }
              }
    expect(found.covered).toBeGreaterThan(500);
    expect(found.refused).toBeGreaterThan(500);
  });

  it('takes no longer for sizes that only a header claims', () => {
    expect(() => expectCovered('n', 'MaxPool', window(3, 1e12, 1, 1, [1e12, 1e12]))).toThrow(/padding only/);
    expect(() => expectCovered('n', 'MaxPool', window(3, 1e12, 1, 1, [1e12 - 1, 0]))).not.toThrow();
  });
});

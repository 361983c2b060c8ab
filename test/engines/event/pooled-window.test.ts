// A pool and the convolution behind it against the one convolution that they are.
import { expect, it } from 'vitest';
import { behindPool } from '../../../src/engines/event/pooled-window.ts';
import { opNamed } from '../../../src/ops/index.ts';
import { windowOver } from '../../../src/ops/window.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { uniform } from './spike-lists.ts';

const window = (kernel: number, stride: number, pad: number, dilation = 1) =>
  ({
    kernelShape: [kernel, kernel],
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: [pad, pad, pad, pad],
    autoPad: 'NOTSET',
    ceilMode: false,
  }) as const;

it.each([
  { size: 12, pool: window(2, 2, 0), conv: window(5, 1, 0) },
  { size: 12, pool: window(2, 2, 0), conv: window(3, 2, 1) },
  { size: 13, pool: window(3, 2, 0), conv: window(3, 1, 0, 2) },
  { size: 11, pool: window(2, 2, 0), conv: window(2, 1, 0) },
])('$pool.kernelShape at $size, then $conv.kernelShape', ({ size, pool, conv }) => {
  const next = uniform(size);
  const whole = (shape: readonly number[]) => {
    const made = tensor('float64', shape);
    return { ...made, data: made.data.map(() => Math.round(next() * 64 - 32)) };
  };
  const x = whole([1, 3, size, size]);
  const weights = whole([4, 3, ...conv.kernelShape]);
  const averaged = opNamed('AveragePool')!.evaluate({ ...pool, countIncludePad: false }, [x])[0]!;
  const wanted = opNamed('Conv')!.evaluate({ ...conv, group: 1 }, [averaged, weights])[0]!;
  const over = windowOver(pool, [size, size]);
  const one = behindPool(over, { window: windowOver(conv, over.output), weights })!;
  const { kernel, strides, dilations, padsBegin, padsEnd, output } = one.window;
  const found = opNamed('Conv')!.evaluate(
    {
      kernelShape: kernel,
      strides,
      dilations,
      pads: [...padsBegin, ...padsEnd],
      autoPad: 'NOTSET',
      group: 1,
    },
    [x, one.weights],
  )[0]!;
  expect(output).toEqual(wanted.shape.slice(2));
  expect(Array.from(found.data)).toEqual(Array.from(wanted.data, (value) => expect.closeTo(value, 9)));
});

it('leaves what no window describes', () => {
  const over = windowOver(window(2, 2, 0), [11, 11]);
  const weights = tensor('float64', [1, 1, 3, 3]);
  expect(behindPool(over, { window: windowOver(window(3, 1, 1), over.output), weights })).toBe(null);
  const padded = windowOver(window(3, 2, 1), [11, 11]);
  expect(behindPool(padded, { window: windowOver(window(3, 1, 0), padded.output), weights })).toBe(null);
});

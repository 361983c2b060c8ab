// A max-pool out of what NIR has: max(a, b) = a + ReLU(b - a), with IF neurons as the ReLU, along one axis after the other.
// In front of a ReLU only: windows read zeros as their padding, and ReLU(max(a, 0)) = ReLU(max(a)).
import type { NirNode } from '../nir/graph.ts';
import { type WindowAttributes, windowOver } from '../ops/window.ts';
import { floatTensor, type Shape, sizeOf } from '../tensor/tensor.ts';
import { type NirBuilder, ones, scaleBy } from './nir-builder.ts';

/**
 * Adds the nodes of the maxima of the sum of `sources` over windows.
 * @param shape [C, H, W] of the sources
 * @returns the nodes whose sum they are, or null where NIR has none
 */
export function maxPool(
  builder: NirBuilder,
  name: string,
  sources: readonly string[],
  shape: Shape,
  attributes: WindowAttributes,
): readonly string[] | null {
  if (shape.length !== 3) return null;
  const window = windowOver(attributes, shape.slice(1));
  let read = sources;
  let from = shape;
  for (const axis of [0, 1]) {
    const [kernel, stride, dilation] = [window.kernel[axis]!, window.strides[axis]!, window.dilations[axis]!];
    const to = from.map((size, i) => (i === axis + 1 ? window.output[axis]! : size));
    const begin = window.padsBegin[axis]!;
    const here = `${name}.max-${axis === 0 ? 'rows' : 'columns'}`;
    const joined = read.length === 1 ? read[0]! : builder.add(`${here}.sum`, ones(from), read);
    const taps = Array.from({ length: kernel }, (_, tap) =>
      tapAlong(
        builder,
        `${here}.tap${tap}`,
        joined,
        from,
        to,
        axis,
        (at) => at * stride - begin + tap * dilation,
      ),
    );
    if (taps.some((tap) => tap === null)) return null;
    const most = [taps[0]!];
    for (const [i, tap] of taps.slice(1).entries()) {
      const less = builder.add(`${here}.minus${i}`, scaleBy(-1, to), most);
      most.push(builder.add(`${here}.more${i + 1}`, relu(to), [tap!, less]));
    }
    read = most;
    from = to;
  }
  return read;
}

/** The node that puts out one position of each window, 0 where it is outside; null where NIR has none. */
function tapAlong(
  builder: NirBuilder,
  name: string,
  node: string,
  from: Shape,
  to: Shape,
  axis: number,
  positionOf: (at: number) => number,
): string | null {
  const [, height, width] = from as [number, number, number];
  const [, rows, columns] = to as [number, number, number];
  const numbers = Float64Array.from({ length: sizeOf(to) }, (_, i) => {
    const column = i % columns;
    const row = Math.floor(i / columns) % rows;
    const channel = Math.floor(i / (columns * rows));
    const [y, x] = axis === 0 ? [positionOf(row), column] : [row, positionOf(column)];
    return y < 0 || y >= height || x < 0 || x >= width ? 0 : 1 + (channel * height + y) * width + x;
  });
  const terms = [{ node, shape: from, from: numbers, via: [] }];
  let refused = false;
  const [tap] = builder.read({ shape: to, terms }, name, () => {
    refused = true;
  });
  return refused ? null : tap!;
}

/** A population of IF neurons whose rate is the ReLU of its current. */
export function relu(shape: Shape): Extract<NirNode, { readonly type: 'IF' }> {
  const one = floatTensor(shape, new Float32Array(sizeOf(shape)).fill(1));
  return { type: 'IF', r: one, v_threshold: one };
}

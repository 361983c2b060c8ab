// Networks whose outputs are not one vector of class scores, for images [3, 4, 4], written by our own writer.
import { type NodeSpec, writeOnnxGraph } from '../src/onnx/write.ts';
import { floatTensor, type Shape, sizeOf, type Tensor } from '../src/tensor/tensor.ts';
import { node } from './cli/tiny-onnx.ts';
import { filled, normal } from './snn/tiny.ts';

/** Shape of one image. */
export const IMAGE: Shape = [3, 4, 4];
/** Classes of a pixel. */
export const PIXEL_CLASSES = 3;

const next = normal(11);
const CONSTANTS = new Map<string, Tensor>([
  ['w', filled([6, 3, 3, 3], () => next() / 2)],
  ['b', filled([6], () => next() / 4)],
  ['pixel', filled([PIXEL_CLASSES, 6, 1, 1], next)],
  ['number', filled([6, 1], next)],
  ['score', filled([6, 4], next)],
]);

const SHAPES = {
  map: ['N', PIXEL_CLASSES, 4, 4],
  value: ['N', 1],
  scores: ['N', 4],
} as const;

/** The parts that make each output of what the first convolution finds. */
const PARTS: Readonly<Record<keyof typeof SHAPES, readonly NodeSpec[]>> = {
  map: [node('map', 'Conv', ['r', 'pixel'], 'map')],
  value: [
    node('pool', 'GlobalAveragePool', ['r'], 'pooled'),
    node('flat', 'Flatten', ['pooled'], 'flat'),
    node('out', 'MatMul', ['flat', 'number'], 'value out'),
    node('same', 'Identity', ['value out'], 'value'),
  ],
  scores: [
    node('pool2', 'GlobalAveragePool', ['r'], 'pooled2'),
    node('flat2', 'Flatten', ['pooled2'], 'flat2'),
    node('out2', 'MatMul', ['flat2', 'score'], 'raw scores'),
    node('soft', 'Softmax', ['raw scores'], 'soft'),
    node('same2', 'Identity', ['soft'], 'scores'),
  ],
};

/** Conv -> Relu -> a map of pixel classes, one number, or class scores behind a Softmax: the outputs named. */
export function outputsOnnx(outputs: readonly (keyof typeof SHAPES)[]): Uint8Array {
  return writeOnnxGraph(
    {
      name: 'outputs',
      inputs: [{ name: 'x', dtype: 'float32', shape: ['N', ...IMAGE] }],
      outputs: outputs.map((name) => ({ name, dtype: 'float32', shape: SHAPES[name] })),
      nodes: [
        node('conv', 'Conv', ['x', 'w', 'b'], 'a', { pads: { type: 'ints', value: [1, 1, 1, 1] } }),
        node('relu', 'Relu', ['a'], 'r'),
        ...outputs.flatMap((name) => PARTS[name]),
      ],
      initializers: CONSTANTS,
    },
    { opset: 13, irVersion: 8 },
  );
}

/** Images [count, 3, 4, 4], the same for the same seed. */
export function someImages(count: number, seed: number) {
  const shape = [count, ...IMAGE];
  const value = normal(seed);
  return floatTensor(shape, Float32Array.from({ length: sizeOf(shape) }, value));
}

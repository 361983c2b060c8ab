// Operators all the way: a small ANN with each of them becomes a spiking network that decodes to what the ANN computes, in
// the reference engine and, as ONNX, in the dense one.
import { describe, expect, it } from 'vitest';
import { dense } from '../../src/engines/dense/index.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { floatTensor, indexTensor } from '../../src/tensor/tensor.ts';
import {
  annValues,
  filled,
  graphOf,
  type Line,
  measuredTheta,
  networkOf,
  normal,
  relativeRms,
  runTiny,
} from '../snn/tiny.ts';
import { int, ints, string } from './single-node.ts';

/** Long enough that what is left is the rounding of float32. */
const CODING = { T: 24, beta: 2, Ts: 8, phi: 0.5 };

interface Model {
  readonly input: readonly number[];
  readonly nodes: readonly Line[];
  readonly constants: Readonly<Record<string, Tensor>>;
}

const weights = (seed: number, ...shape: number[]) => {
  const next = normal(seed);
  return filled(shape, () => 0.5 * next());
};
const numbers = (...values: number[]) => floatTensor([values.length], values);

/** A convolution and a Relu in front of `lines`, which read "r" and give "y", and a convolution behind them. */
function around(rank: 1 | 2 | 3, lines: readonly Line[], constants: Model['constants'], channels = 4): Model {
  const spatial = [6, 4, 4].slice(0, rank);
  const kernel = spatial.map(() => 3);
  const pads = ints(...[...spatial, ...spatial].map(() => 1));
  return {
    input: [2, ...spatial],
    nodes: [
      ['Conv', ['x', 'w0'], 'c', { pads }],
      ['Relu', ['c'], 'r'],
      ...lines,
      ['Conv', ['y', 'w1'], 'd', { kernel_shape: ints(...spatial.map(() => 1)) }],
      ['Flatten', ['d'], 'out'],
    ],
    constants: {
      w0: weights(1, 4, 2, ...kernel),
      w1: weights(2, 3, channels, ...spatial.map(() => 1)),
      ...constants,
    },
  };
}

const MODELS: Readonly<Record<string, Model>> = {
  'ConvTranspose with BatchNormalization': around(
    2,
    [
      ['ConvTranspose', ['r', 'w'], 't', { strides: ints(2, 2), output_padding: ints(1, 0), group: int(2) }],
      ['BatchNormalization', ['t', 'g', 'h', 'm', 'v'], 'b'],
      ['Relu', ['b'], 'y'],
    ],
    {
      w: weights(3, 4, 2, 3, 3),
      g: numbers(1, 2, -0.5, 0.7),
      h: numbers(0.1, -0.2, 0.3, 0),
      m: numbers(0, 0.1, 0.2, 0.3),
      v: numbers(1, 0.5, 2, 1),
    },
  ),
  'ConvTranspose in 1-D': around(1, [['ConvTranspose', ['r', 'w', 'b'], 'y', { strides: ints(2) }]], {
    w: weights(3, 4, 4, 3),
    b: numbers(0.1, 0.2, -0.3, 0),
  }),
  'ConvTranspose in 3-D': around(3, [['ConvTranspose', ['r', 'w'], 'y', { strides: ints(1, 2, 1) }]], {
    w: weights(3, 4, 4, 2, 2, 1),
  }),
  'Resize, nearest': around(2, [['Resize', ['r', '', 'k'], 'y']], { k: numbers(1, 1, 2, 1.5) }),
  'Resize, linear': around(2, [['Resize', ['r', '', 'k'], 'y', { mode: string('linear') }]], {
    k: numbers(1, 1, 2, 2),
  }),
  'Resize in 1-D': around(1, [['Resize', ['r', '', 'k'], 'y', { mode: string('linear') }]], {
    k: numbers(1, 1, 2),
  }),
  Expand: around(
    2,
    [
      ['GlobalAveragePool', ['r'], 'g'],
      ['Expand', ['g', 'k'], 'y'],
    ],
    {
      k: indexTensor([1, 4, 3, 3]),
    },
  ),
  DepthToSpace: around(2, [['DepthToSpace', ['r'], 'y', { blocksize: int(2), mode: string('CRD') }]], {}, 1),
  SpaceToDepth: around(2, [['SpaceToDepth', ['r'], 'y', { blocksize: int(2) }]], {}, 16),
  GlobalMaxPool: around(2, [['GlobalMaxPool', ['r'], 'y']], {}),
  'GlobalMaxPool in 1-D': around(1, [['GlobalMaxPool', ['r'], 'y']], {}),
  'ReduceMax of channels': around(2, [['ReduceMax', ['r'], 'y', { axes: ints(1) }]], {}, 1),
  ReduceSum: around(2, [['ReduceSum', ['r', 'k'], 'y']], { k: indexTensor([2, 3]) }),
  Mean: around(
    2,
    [
      ['Conv', ['x', 'w'], 'a', { pads: ints(1, 1, 1, 1) }],
      ['Relu', ['a'], 'b'],
      ['Mean', ['r', 'b'], 'y'],
    ],
    {
      w: weights(3, 4, 2, 3, 3),
    },
  ),
  Neg: around(
    2,
    [
      ['Neg', ['r'], 'n'],
      ['Concat', ['r', 'n'], 'y', { axis: int(1) }],
    ],
    {},
    8,
  ),
  'pools in 1-D': around(
    1,
    [
      ['MaxPool', ['r'], 'p', { kernel_shape: ints(2), strides: ints(2) }],
      ['AveragePool', ['p'], 'y', { kernel_shape: ints(2) }],
    ],
    {},
  ),
  'pools in 3-D': around(
    3,
    [
      ['MaxPool', ['r'], 'p', { kernel_shape: ints(2, 2, 1), strides: ints(2, 2, 1) }],
      ['AveragePool', ['p'], 'y', { kernel_shape: ints(2, 1, 2) }],
    ],
    {},
  ),
};

describe.each(Object.entries(MODELS))('%s', (_, model) => {
  it.each([false, true])(
    'decodes to what the ANN computes (amplitudes per channel: %s)',
    async (perChannel) => {
      const graph = graphOf(model);
      const next = normal(11);
      const images = filled([3, ...model.input], next);
      const theta = measuredTheta(graph, images, CODING, perChannel);
      const network = networkOf(graph, { coding: CODING, theta });
      const expected = annValues(graph, images).get(graph.outputs[0]!)!;
      const { decoded, trace } = await runTiny(network, images);
      const [actual] = decoded.values();
      expect(relativeRms(actual!, expected.data)).toBeLessThan(1e-4);

      const engine = await dense.compile(network);
      const other = await engine.run(images, { spikes: true });
      await engine.release();
      for (const [name, logits] of trace.logits) {
        expect(relativeRms(other.logits.get(name)!, logits)).toBeLessThan(1e-4);
      }
    },
  );
});

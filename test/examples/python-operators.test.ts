// The operators of examples/python/operators.py against the toolkit's own, where the networks of the other tests have none.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { opNamed } from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { NEEDS_NUMPY, python } from './python.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/python', import.meta.url));

const SCRIPT = `
import json, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from operators import apply_operator, max_pool
node, operands = json.load(sys.stdin)
operands = [np.reshape(np.array(data, np.float64), shape) for shape, data in operands]
out = max_pool(node["attributes"], *operands) if node["op"] == "MaxPool" else apply_operator(node, operands)
json.dump([list(out.shape), out.ravel().tolist()], sys.stdout)
`;

/** Small whole numbers, so that every sum is exact. */
function wholes(shape: readonly number[]): Tensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return tensor(
    'float64',
    shape,
    Array.from({ length: size }, (_, i) => ((i * 37) % 19) - 9),
  );
}

const window = {
  kernelShape: [3, 2],
  strides: [2, 2],
  dilations: [1, 1],
  pads: [1, 0, 0, 1],
  autoPad: 'NOTSET',
};
const same = { ...window, pads: [0, 0, 0, 0], ceilMode: false };

const CASES: readonly [string, object, readonly (readonly number[])[]][] = [
  ['Conv', { ...window, dilations: [2, 1], group: 2 }, [[2, 4, 7, 6], [6, 2, 3, 2], [6]]],
  [
    'Conv',
    { ...same, autoPad: 'SAME_LOWER', group: 1 },
    [
      [2, 3, 7, 6],
      [2, 3, 3, 2],
    ],
  ],
  ['ConvTranspose', { ...window, outputPadding: [1, 0], group: 2 }, [[2, 4, 3, 4], [4, 3, 3, 2], [6]]],
  ['AveragePool', { ...window, ceilMode: true, countIncludePad: true }, [[2, 3, 6, 8]]],
  ['AveragePool', { ...same, autoPad: 'SAME_UPPER', countIncludePad: false }, [[2, 3, 6, 7]]],
  ['MaxPool', { ...window, ceilMode: true }, [[2, 3, 6, 8]]],
  ['GlobalAveragePool', {}, [[2, 3, 4, 2]]],
  ['ReduceMean', { axes: [2, 3], keepDims: false }, [[2, 3, 4, 2]]],
  ['Pad', { pads: [0, 1, -1, 0, 0, 2, 1, -2], value: 3 }, [[2, 3, 4, 5]]],
  ['Slice', { starts: [-1, 1], ends: [-100, 1000], axes: [1, 2], steps: [-2, 2] }, [[2, 5, 6]]],
  ['Transpose', { perm: [0, 3, 1, 2] }, [[2, 3, 4, 5]]],
  [
    'MatMul',
    {},
    [
      [2, 3, 4],
      [4, 5],
    ],
  ],
  [
    'Concat',
    { axis: 2 },
    [
      [2, 3, 4],
      [2, 3, 1],
    ],
  ],
];

describe.skipIf(python === null)(`operators in Python ${NEEDS_NUMPY}`, () => {
  it.each(CASES)('%s %o', (op, attributes, shapes) => {
    const operands = shapes.map(wholes);
    const [expected] = opNamed(op)!.evaluate(attributes as never, operands);
    const node = { name: op, op, attributes, shape: expected!.shape.slice(1) };
    const input = JSON.stringify([node, operands.map(({ shape, data }) => [shape, [...data]])]);
    const { stdout, stderr } = spawnSync(python!, ['-B', '-c', SCRIPT, EXAMPLE], { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    const [shape, data] = JSON.parse(stdout) as [number[], number[]];
    expect(shape).toEqual(expected!.shape);
    expected!.data.forEach((value, i) => {
      expect(data[i], `element ${i}`).toBeCloseTo(value, 12);
    });
  });

  it('names an operator that it does not have', () => {
    const input = JSON.stringify([{ name: 'up', op: 'Resize', attributes: {}, shape: [1] }, []]);
    const { stderr } = spawnSync(python!, ['-B', '-c', SCRIPT, EXAMPLE], { input, encoding: 'utf8' });
    expect(stderr).toContain('up: this example has no operator Resize');
  });
});

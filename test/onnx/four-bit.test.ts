// Which values of a file are 4-bit integers, and that ONNX Runtime is asked for none of them.
import { describe, expect, it } from 'vitest';
import { isFourBit } from '../../src/onnx/four-bit.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { encode, floatInfo, onnx } from './fixtures.ts';

const { UINT4, INT4, UINT8 } = { UINT4: 21, INT4: 22, UINT8: onnx.TensorProto.DataType.UINT8 };

/** x -> QuantizeLinear -> q -> DequantizeLinear -> y with zero points of that type, as an initializer or a Constant. */
function modelOf(dataType: number, zero: 'initializer' | 'Constant' | 'none') {
  const tensor = { name: 'z', dims: [], dataType, rawData: Uint8Array.of(0) };
  const operands = zero === 'none' ? ['s'] : ['s', 'z'];
  const made = zero === 'Constant';
  return readOnnx(
    encode(
      {
        name: 'pair',
        input: [floatInfo('x', ['N', 2])],
        output: [floatInfo('y', ['N', 2])],
        initializer: [
          { name: 's', dims: [], dataType: 1, floatData: [0.5] },
          ...(zero === 'initializer' ? [tensor] : []),
        ],
        node: [
          ...(made
            ? [
                {
                  name: 'c',
                  opType: 'Constant',
                  output: ['z'],
                  attribute: [{ name: 'value', type: 4, t: tensor }],
                },
              ]
            : []),
          { name: 'q', opType: 'QuantizeLinear', input: ['x', ...operands], output: ['q'] },
          { name: 'd', opType: 'DequantizeLinear', input: ['q', ...operands], output: ['y'] },
        ],
      },
      { irVersion: 10, opsetImport: [{ domain: '', version: 21 }] },
    ),
    { where: 'pair.onnx' },
  );
}

describe('isFourBit', () => {
  it.each([
    ['uint4', UINT4, 'initializer', true],
    ['int4', INT4, 'initializer', true],
    ['uint4 of a Constant', UINT4, 'Constant', true],
    ['uint8', UINT8, 'initializer', false],
    ['uint8 of a Constant', UINT8, 'Constant', false],
    ['uint8, as there is no zero point', UINT4, 'none', false],
  ] as const)('knows what a QuantizeLinear writes by its zero point: %s', (_, dataType, zero, expected) => {
    expect(isFourBit(modelOf(dataType, zero), 'q')).toBe(expected);
  });

  it('is said of no other value', () => {
    const model = modelOf(UINT4, 'initializer');
    for (const value of ['x', 'y', 'z', 's', 'nowhere', ''])
      expect(isFourBit(model, value), value).toBe(false);
  });
});

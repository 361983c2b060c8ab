// ONNX Runtime behind its narrow door: element types, refusals.
import { describe, expect, it } from 'vitest';
import type { ValueInfo } from '../../src/onnx/model.ts';
import { openSession } from '../../src/runtime/session.ts';
import { floatTensor, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { encode, floatInfo, onnx } from '../onnx/fixtures.ts';
import { refusalOf } from '../passes/refusal.ts';

const { FLOAT16, FLOAT } = onnx.TensorProto.DataType;

/** y = f(x) over any number of elements, of the element types given. */
function mapping(opType: string, from: number, to: number): Uint8Array {
  const info = (name: string, elemType: number) => ({
    name,
    type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'N' }] } } },
  });
  const attribute = opType === 'Cast' ? [{ name: 'to', type: 2, i: to }] : [];
  return encode({
    name: 'mapping',
    input: [info('x', from)],
    output: [info('y', to)],
    node: [{ name: 'node', opType, input: ['x'], output: ['y'], attribute }],
  });
}

async function run(model: Uint8Array, x: Tensor): Promise<Tensor> {
  const session = await openSession(model, { where: 'test' });
  const results = await session.run(new Map([['x', x]]));
  await session.release();
  return results.get('y')!;
}

describe('openSession', () => {
  it('runs a model in float16 with float32 tensors', async () => {
    const exact = [0, 1, -1, 0.5, 65504, 2 ** -14, 2 ** -24, -(2 ** -24) * 3, 1 + 2 ** -10];
    const halves = await run(mapping('Identity', FLOAT16, FLOAT16), floatTensor([exact.length], exact));
    expect(halves.dtype).toBe('float32');
    expect([...halves.data]).toEqual(exact);
  });

  it('rounds to float16 as ONNX Runtime does: half to even, overflow to infinity', async () => {
    const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, -1e9, 2 ** -25, 3 * 2 ** -26, 0.1, 1 / 3];
    for (let i = -28; i < 17; i++) values.push(1.2345 * 2 ** i, -1.9998 * 2 ** i);
    const x = floatTensor([values.length], values);
    const ours = await run(mapping('Identity', FLOAT16, FLOAT16), x);
    const theirs = await run(mapping('Cast', FLOAT, FLOAT16), x);
    expect([...ours.data]).toEqual([...theirs.data]);
    expect([...ours.data.slice(0, 6)]).toEqual([1, 1 + 2 ** -9, 65504, Infinity, -Infinity, 0]);
  });

  it('keeps infinities and NaN in float16', async () => {
    const odd = await run(
      mapping('Identity', FLOAT16, FLOAT16),
      floatTensor([3], [Infinity, -Infinity, NaN]),
    );
    expect([...odd.data]).toEqual([Infinity, -Infinity, NaN]);
  });

  it('pads with zeros in front of a MaxPool, negative numbers too', async () => {
    const model = encode({
      name: 'padded',
      input: [floatInfo('x', [1, 1, 2, 2])],
      output: [floatInfo('y', [1, 1, 2, 2])],
      initializer: [{ name: 'pads', dataType: 7, dims: [8], int64Data: [0, 0, 1, 1, 0, 0, 0, 0] }],
      node: [
        { name: 'pad', opType: 'Pad', input: ['x', 'pads'], output: ['padded'] },
        {
          ...{ name: 'pool', opType: 'MaxPool', input: ['padded'], output: ['y'] },
          attribute: [{ name: 'kernel_shape', type: 7, ints: [2, 2] }],
        },
      ],
    });
    const pooled = await run(model, floatTensor([1, 1, 2, 2], [-4, -3, -2, -1]));
    expect([...pooled.data]).toEqual([0, 0, 0, -1]);
  });

  const types: readonly NonNullable<ValueInfo['dtype']>[] = ['float64', 'int64', 'int32', 'uint8', 'bool'];
  it.each(types)('hands %s through', async (dtype) => {
    const x = tensor(dtype, [3], [0, 1, 1]);
    const codes = { float64: 11, int64: 7, int32: 6, uint8: 2, bool: 9 } as const;
    const code = codes[dtype as keyof typeof codes];
    expect(await run(mapping('Identity', code, code), x)).toEqual(x);
  });

  it('gives only the outputs that are asked for', async () => {
    const session = await openSession(
      encode({
        name: 'two',
        input: [floatInfo('x', [1])],
        output: [floatInfo('a', [1]), floatInfo('b', [1])],
        node: [
          { opType: 'Relu', input: ['x'], output: ['a'] },
          { opType: 'Neg', input: ['x'], output: ['b'] },
        ],
      }),
      { where: 'test' },
    );
    const results = await session.run(new Map([['x', floatTensor([1], [2])]]), ['b']);
    expect(session.outputNames).toEqual(['a', 'b']);
    expect([...results.keys()]).toEqual(['b']);
    await session.release();
  });

  it('refuses bytes that are no model, naming them', async () => {
    const refusal = await refusalOf(() => openSession(new Uint8Array([1, 2, 3]), { where: 'broken.onnx' }));
    expect(refusal.code).toBe('runtime-failed');
    expect(refusal.problems[0]!.where).toBe('broken.onnx');
    expect(refusal.problems[0]!.message).toContain('ONNX Runtime cannot load it');
  });

  it('refuses data that does not fit the model, naming it', async () => {
    const model = encode({
      name: 'pair',
      input: [floatInfo('x', ['N', 2])],
      output: [floatInfo('y', ['N', 2])],
      node: [{ opType: 'Relu', input: ['x'], output: ['y'] }],
    });
    const refusal = await refusalOf(() => run(model, floatTensor([1, 3])));
    expect(refusal.code).toBe('runtime-failed');
    expect(refusal.message).toMatch(/^test: ONNX Runtime cannot run it/);
  });
});

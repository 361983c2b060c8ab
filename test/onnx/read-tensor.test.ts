import { describe, expect, it } from 'vitest';
import { elementCode } from '../../src/onnx/element-types.ts';
import { onnx as ours } from '../../src/onnx/generated/onnx.js';
import { readTensor } from '../../src/onnx/read-tensor.ts';
import { writeOnnxGraph } from '../../src/onnx/write.ts';
import type { DType, Tensor } from '../../src/tensor/tensor.ts';
import { failureOf, onnx } from './fixtures.ts';

type Draft = Parameters<typeof onnx.TensorProto.encode>[0];

/** Encoded by the other codec, at an odd offset of a larger buffer, then read by ours. */
function read(draft: Draft) {
  const bytes = onnx.TensorProto.encode(draft).finish();
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  return readTensor(ours.TensorProto.decode(shifted.subarray(3)), 'initializer "w"');
}

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const TYPES = [
  {
    type: 'float32',
    dataType: 1,
    raw: Float32Array.of(0.1, -2),
    typed: { floatData: [0.1, -2] },
    data: Float32Array.of(0.1, -2),
  },
  {
    type: 'uint8',
    dataType: 2,
    raw: Uint8Array.of(0, 255),
    typed: { int32Data: [0, 255] },
    data: Uint8Array.of(0, 255),
  },
  {
    type: 'int8',
    dataType: 3,
    raw: Int8Array.of(-128, 127),
    typed: { int32Data: [-128, 127] },
    data: Int8Array.of(-128, 127),
  },
  {
    type: 'uint16',
    dataType: 4,
    raw: Uint16Array.of(1, 65535),
    typed: { int32Data: [1, 65535] },
    data: Uint16Array.of(1, 65535),
  },
  {
    type: 'int16',
    dataType: 5,
    raw: Int16Array.of(-32768, 5),
    typed: { int32Data: [-32768, 5] },
    data: Int16Array.of(-32768, 5),
  },
  {
    type: 'int32',
    dataType: 6,
    raw: Int32Array.of(-(2 ** 31), 9),
    typed: { int32Data: [-(2 ** 31), 9] },
    data: Int32Array.of(-(2 ** 31), 9),
  },
  {
    type: 'int64',
    dataType: 7,
    raw: BigInt64Array.of(-1n, 2n ** 53n),
    typed: { int64Data: [-1, 2 ** 53] },
    data: Float64Array.of(-1, 2 ** 53),
  },
  {
    type: 'bool',
    dataType: 9,
    raw: Uint8Array.of(0, 1),
    typed: { int32Data: [0, 1] },
    data: Uint8Array.of(0, 1),
  },
  {
    type: 'float32',
    dataType: 10,
    raw: Uint16Array.of(0x3c00, 0xc100),
    typed: { int32Data: [0x3c00, 0xc100] },
    data: Float32Array.of(1, -2.5),
  },
  {
    type: 'float64',
    dataType: 11,
    raw: Float64Array.of(0.1, -2),
    typed: { doubleData: [0.1, -2] },
    data: Float64Array.of(0.1, -2),
  },
  {
    type: 'uint32',
    dataType: 12,
    raw: Uint32Array.of(7, 2 ** 32 - 1),
    typed: { uint64Data: [7, 2 ** 32 - 1] },
    data: Uint32Array.of(7, 2 ** 32 - 1),
  },
  {
    type: 'uint64',
    dataType: 13,
    raw: BigUint64Array.of(3n, 2n ** 63n),
    typed: { uint64Data: [3, 2 ** 40] },
    data: Float64Array.of(3, 2 ** 63),
    typedData: Float64Array.of(3, 2 ** 40),
  },
  {
    type: 'float32',
    dataType: 16,
    raw: Uint16Array.of(0x3f80, 0xc020),
    typed: { int32Data: [0x3f80, 0xc020] },
    data: Float32Array.of(1, -2.5),
  },
] as const;

describe.each(TYPES)('data type $dataType', ({ type, dataType, raw, typed, data, ...rest }) => {
  it(`reads raw bytes as ${type}`, () => {
    expect(read({ dims: [1, 2], dataType, rawData: bytesOf(raw) })).toEqual({
      dtype: type,
      shape: [1, 2],
      data,
    });
  });

  it(`reads the typed field as ${type}`, () => {
    const expected = 'typedData' in rest ? rest.typedData : data;
    const field = Object.fromEntries(Object.entries(typed).map(([key, values]) => [key, [...values]]));
    expect(read({ dims: [2], dataType, ...field })).toEqual({ dtype: type, shape: [2], data: expected });
  });

  it('refuses a length that does not fit the shape', () => {
    const failures = [
      failureOf(() => read({ dims: [3], dataType, rawData: bytesOf(raw) })),
      failureOf(() => read({ dims: [2], dataType, rawData: bytesOf(raw).subarray(1) })),
      failureOf(() => read({ dims: [2], dataType })),
    ];
    for (const failure of failures) {
      expect(failure.code).toBe('invalid-weights');
      expect(failure.message).toMatch(
        /^initializer "w": expected .* for shape \[\d\], found \d+ (bytes|values)$/,
      );
    }
  });
});

describe.each([
  { type: 'uint4', dataType: 21, data: Uint8Array.of(1, 15, 8, 0, 7) },
  { type: 'int4', dataType: 22, data: Int8Array.of(1, -1, -8, 0, 7) },
])('$type, two in a byte', ({ type, dataType, data }) => {
  const bytes = [0xf1, 0x08, 0x07];

  it('reads the low half of a byte first, padded to whole bytes', () => {
    const expected = { dtype: type, shape: [5], data };
    expect(read({ dims: [5], dataType, rawData: Uint8Array.from(bytes) })).toEqual(expected);
    expect(read({ dims: [5], dataType, int32Data: bytes })).toEqual(expected);
    // Some writers sign the byte.
    expect(read({ dims: [5], dataType, int32Data: [0xf1 - 256, 0x08, 0x07] })).toEqual(expected);
    expect(read({ dims: [2, 2], dataType, int32Data: bytes.slice(0, 2) }).data).toEqual(data.slice(0, 4));
  });

  it('refuses a length that does not fit the shape, and numbers that are no bytes', () => {
    const messages = [
      { dims: [5], dataType, rawData: Uint8Array.of(1, 2) },
      { dims: [4], dataType, int32Data: bytes },
      { dims: [1], dataType, int32Data: [256] },
    ].map((draft) => failureOf(() => read(draft)).message);
    expect(messages).toEqual([
      `initializer "w": expected 3 bytes of ${type} for shape [5], found 2 bytes`,
      `initializer "w": expected 2 values of ${type} for shape [4], found 3 values`,
      `initializer "w": expected bytes of two ${type}, found 256`,
    ]);
  });

  it('is not written', () => {
    expect(() => elementCode(type as DType)).toThrow(RangeError);
  });
});

describe('readTensor', () => {
  it('reads scalars and empty tensors', () => {
    expect(read({ dataType: 1, floatData: [4] })).toEqual({
      dtype: 'float32',
      shape: [],
      data: Float32Array.of(4),
    });
    expect(read({ dims: [0, 3], dataType: 7 })).toEqual({
      dtype: 'int64',
      shape: [0, 3],
      data: new Float64Array(0),
    });
  });

  it('copies, so that a change to the file bytes changes no weight', () => {
    const bytes = onnx.TensorProto.encode({
      dims: [1],
      dataType: 1,
      rawData: bytesOf(Float32Array.of(5)),
    }).finish();
    const tensor = readTensor(ours.TensorProto.decode(bytes), 'w');
    bytes.fill(0xff);
    expect(tensor.data).toEqual(Float32Array.of(5));
  });

  it.each([
    [0, 'no element type'],
    [8, 'string'],
    [14, 'complex64'],
    [17, 'float8e4m3fn'],
    [23, 'float4e2m1'],
    [99, 'type number 99'],
  ])('refuses data type %i by its name', (dataType, name) => {
    const failure = failureOf(() => read({ dims: [1], dataType }));
    expect(failure.code).toBe('unsupported-type');
    expect(failure.message).toContain(`found ${name}`);
  });

  it.each([
    ['negative', [-1, -2]],
    ['beyond all memory', [2 ** 31, 2 ** 31]],
  ])('refuses a shape that is %s', (_, dims) => {
    expect(failureOf(() => read({ dims, dataType: 1, floatData: [1, 2] })).code).toBe('invalid-weights');
  });

  it.each([
    ['uint8', 2, 256],
    ['int8', 3, 128],
    ['float16', 10, 65536],
  ])('refuses a number in the typed field that is no %s', (name, dataType, value) => {
    const failure = failureOf(() => read({ dims: [1], dataType, int32Data: [value] }));
    expect(failure.message).toContain(`expected values of ${name}, found ${value}`);
  });
});

describe.each([
  ['float16', 10],
  ['bfloat16', 16],
])('%s', (_, dataType) => {
  it('is widened as ONNX Runtime casts it, for all 65536 patterns', async () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const ours = read({ dims: [65536], dataType, rawData: bytesOf(bits) }).data;
    const { InferenceSession } = await import('onnxruntime-node');
    const initializer = [{ name: 'h', dims: [65536], dataType, rawData: bytesOf(bits) }];
    const to = [{ name: 'to', type: 2, i: 1 }];
    const node = [{ opType: 'Cast', input: ['h'], output: ['f'], attribute: to }];
    const output = [{ name: 'f', type: { tensorType: { elemType: 1 } } }];
    const opsetImport = [{ domain: '', version: 17 }];
    const graph = { name: 'g', node, initializer, output };
    const model = onnx.ModelProto.encode({ irVersion: 8, opsetImport, graph }).finish();
    const session = await InferenceSession.create(model);
    const theirs = (await session.run({})).f!.data as Float32Array;
    expect(ours).toEqual(theirs);
  });
});

describe('int64', () => {
  it('takes INT64_MAX to 2^63 and back, and clamps what uint64 cannot hold', () => {
    const values = { dtype: 'int64', shape: [3], data: Float64Array.of(2 ** 63, -(2 ** 63), -5) } as const;
    const unsigned = { dtype: 'uint64', shape: [2], data: Float64Array.of(2 ** 64, -1) } as const;
    const starts = { type: 'ints', value: [2 ** 63, -(2 ** 63), 2 ** 53 - 1] } as const;
    const bytes = writeOnnxGraph(
      {
        name: 'g',
        inputs: [],
        outputs: [],
        initializers: new Map<string, Tensor>([
          ['i', values],
          ['u', unsigned],
        ]),
        nodes: [
          {
            name: 'n',
            opType: 'Slice',
            domain: '',
            inputs: [],
            outputs: [],
            attributes: new Map([['ends', starts]]),
          },
        ],
      },
      { opset: 9, irVersion: 4 },
    );
    const { initializer, node } = onnx.ModelProto.decode(bytes).graph!;
    const raw = (index: number) => Uint8Array.from(initializer![index]!.rawData!).buffer;
    expect([...new BigInt64Array(raw(0))]).toEqual([2n ** 63n - 1n, -(2n ** 63n), -5n]);
    expect([...new BigUint64Array(raw(1))]).toEqual([2n ** 64n - 1n, 0n]);
    expect(node![0]!.attribute![0]!.ints!.map(String)).toEqual([
      '9223372036854775807',
      '-9223372036854775808',
      '9007199254740991',
    ]);
  });
});

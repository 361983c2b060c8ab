import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../src/tensor/npy.ts';
import { DTYPES, type DType, sizeOf, type Tensor, tensor } from '../../src/tensor/tensor.ts';

/** A .npy file put together by hand from its documented parts. */
function npyFile(header: string, body: Uint8Array, version = 1): Uint8Array {
  const length =
    version === 1
      ? [header.length & 255, header.length >> 8]
      : [header.length & 255, header.length >> 8, 0, 0];
  const start = Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...length);
  return Uint8Array.of(...start, ...new TextEncoder().encode(header), ...body);
}

function headerOf(descr: string, shape: string, fortran = 'False'): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;
}

/** Elements written one at a time through a DataView: an oracle that shares nothing with the reader. */
function packed(
  size: number,
  count: number,
  put: (view: DataView, at: number, i: number) => void,
): Uint8Array {
  const bytes = new Uint8Array(size * count);
  for (let i = 0; i < count; i++) put(new DataView(bytes.buffer), i * size, i);
  return bytes;
}

const NUMBERS: readonly {
  descr: string;
  dtype: DType;
  size: number;
  values: number[];
  put: (view: DataView, at: number, value: number, little: boolean) => void;
}[] = [
  { descr: 'u1', dtype: 'uint8', size: 1, values: [0, 7, 255], put: (v, at, x) => v.setUint8(at, x) },
  { descr: 'i1', dtype: 'int8', size: 1, values: [-128, 7, 127], put: (v, at, x) => v.setInt8(at, x) },
  {
    descr: 'u2',
    dtype: 'uint16',
    size: 2,
    values: [0, 258, 65535],
    put: (v, at, x, le) => v.setUint16(at, x, le),
  },
  {
    descr: 'i2',
    dtype: 'int16',
    size: 2,
    values: [-32768, 258, 2],
    put: (v, at, x, le) => v.setInt16(at, x, le),
  },
  {
    descr: 'u4',
    dtype: 'uint32',
    size: 4,
    values: [0, 66051, 2 ** 32 - 1],
    put: (v, at, x, le) => v.setUint32(at, x, le),
  },
  {
    descr: 'i4',
    dtype: 'int32',
    size: 4,
    values: [-(2 ** 31), 66051, 3],
    put: (v, at, x, le) => v.setInt32(at, x, le),
  },
  {
    descr: 'u8',
    dtype: 'uint64',
    size: 8,
    values: [0, 2 ** 40 + 5, 2 ** 53 - 1],
    put: (v, at, x, le) => v.setBigUint64(at, BigInt(x), le),
  },
  {
    descr: 'i8',
    dtype: 'int64',
    size: 8,
    values: [-(2 ** 53) + 1, 2 ** 40 + 5, -1],
    put: (v, at, x, le) => v.setBigInt64(at, BigInt(x), le),
  },
  {
    descr: 'f4',
    dtype: 'float32',
    size: 4,
    values: [-1.5, 0.25, 3],
    put: (v, at, x, le) => v.setFloat32(at, x, le),
  },
  {
    descr: 'f8',
    dtype: 'float64',
    size: 8,
    values: [-0.1, Math.PI, 1e300],
    put: (v, at, x, le) => v.setFloat64(at, x, le),
  },
];

describe('readNpy', () => {
  describe.each(NUMBERS)('$descr', ({ descr, dtype, size, values, put }) => {
    it.each([
      ['<', true],
      ['>', false],
    ] as const)('reads byte order %s', (order, little) => {
      const body = packed(size, 3, (view, at, i) => put(view, at, values[i]!, little));
      const read = readNpy(npyFile(headerOf(`${order}${descr}`, '(3,)'), body), 'a.npy');
      expect(read.dtype).toBe(dtype);
      expect(read.shape).toEqual([3]);
      expect(read.data).toBeInstanceOf(DTYPES[dtype]);
      expect([...read.data]).toEqual(values);
    });
  });

  it('widens float16, subnormals, signed zero and infinity included', () => {
    // Made with numpy: [0.1, 65504, -0, inf, 6e-8, 1/3] as float16.
    const body = new Uint8Array(Buffer.from('662eff7b0080007c01005535', 'hex'));
    const read = readNpy(npyFile(headerOf('<f2', '(6,)'), body), 'half.npy');
    expect(read.dtype).toBe('float32');
    expect([...read.data]).toEqual([0.0999755859375, 65504, -0, Infinity, 2 ** -24, 0.333251953125]);
  });

  it('reads bool as 0 and 1', () => {
    const read = readNpy(npyFile(headerOf('|b1', '(3,)'), Uint8Array.of(1, 0, 1)), 'b.npy');
    expect(read).toEqual({ dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) });
  });

  it('turns Fortran order into row-major order', () => {
    // numpy.asfortranarray(numpy.arange(6, dtype=">i2").reshape(2, 3))
    const body = new Uint8Array(Buffer.from('000000030001000400020005', 'hex'));
    const read = readNpy(npyFile(headerOf('>i2', '(2, 3)', 'True'), body), 'f.npy');
    expect(read).toEqual({ dtype: 'int16', shape: [2, 3], data: Int16Array.of(0, 1, 2, 3, 4, 5) });
  });

  it('reads a Fortran-ordered array of rank 3', () => {
    const body = new Uint8Array(24);
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) body[i + 2 * j + 6 * k] = 100 * i + 10 * j + k;
    const { data } = readNpy(npyFile(headerOf('|u1', '(2, 3, 4)', 'True'), body), 'f.npy');
    expect(data.length).toBe(24);
    expect(data[1 * 12 + 2 * 4 + 3]).toBe(123);
    expect(data[0 * 12 + 1 * 4 + 2]).toBe(12);
  });

  it.each([1, 2, 3])('reads format %d', (version) => {
    const read = readNpy(npyFile(headerOf('|u1', '(2, 1)'), Uint8Array.of(5, 6), version), 'v.npy');
    expect(read).toEqual({ dtype: 'uint8', shape: [2, 1], data: Uint8Array.of(5, 6) });
  });

  it('reads scalars, empty arrays, spacing of other writers and the long integers of Python 2', () => {
    expect(readNpy(npyFile(headerOf('|u1', '()'), Uint8Array.of(9)), 's').shape).toEqual([]);
    expect(readNpy(npyFile(headerOf('<f4', '(0, 3)'), new Uint8Array()), 'e').shape).toEqual([0, 3]);
    const odd = '{"shape":(2L,1L),"fortran_order":False,"descr":"|i1"}';
    expect(readNpy(npyFile(odd, Uint8Array.of(255, 1)), 'o')).toEqual({
      dtype: 'int8',
      shape: [2, 1],
      data: Int8Array.of(-1, 1),
    });
  });

  it('does not share memory with the file', () => {
    const bytes = npyFile(headerOf('|u1', '(1,)'), Uint8Array.of(5));
    const { data } = readNpy(bytes, 'a.npy');
    bytes.fill(0);
    expect(data[0]).toBe(5);
  });

  it.each([
    ['<U5', '"<U5"'],
    ['|O', '"|O"'],
    ['<c8', '"<c8"'],
    ['<M8', '"<M8"'],
  ])('refuses type %s by name', (descr, shown) => {
    expect(() => readNpy(npyFile(headerOf(descr, '(1,)'), new Uint8Array(20)), 'a.npy')).toThrow(
      expect.objectContaining({
        code: 'unsupported-type',
        message: expect.stringContaining(`found ${shown}`),
      }),
    );
  });

  it('refuses structured types', () => {
    const header = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }\n";
    expect(() => readNpy(npyFile(header, new Uint8Array(4)), 'a.npy')).toThrow(/found "\[\('a', '<f4'\)\]"/);
  });

  it('refuses 64-bit integers that float64 would round', () => {
    const body = packed(8, 2, (view, at, i) => view.setBigInt64(at, i === 0 ? 1n : 2n ** 53n + 1n, true));
    expect(() => readNpy(npyFile(headerOf('<i8', '(2,)'), body), 'y.npy')).toThrow(
      'y.npy: expected integers below 2^53 in magnitude, found 9007199254740993 at element 1',
    );
  });

  it.each([
    [
      'too few elements',
      npyFile(headerOf('<f4', '(3,)'), new Uint8Array(8)),
      /expected 12 bytes for shape \[3\].*found 8/,
    ],
    ['too many elements', npyFile(headerOf('<f4', '(1,)'), new Uint8Array(8)), /expected 4 bytes.*found 8/],
    [
      'an absurd shape',
      npyFile(headerOf('<f4', '(999999999999, 999999999999)'), new Uint8Array(8)),
      /found 8/,
    ],
    ['other bytes', new TextEncoder().encode('this is not an array'), /expected a \.npy file/],
    ['no bytes', new Uint8Array(), /expected a \.npy file/],
    ['format 4', npyFile(headerOf('<f4', '(1,)'), new Uint8Array(4), 4), /format 1, 2 or 3, found 4\.0/],
    [
      'half a header',
      npyFile(headerOf('<f4', '(1,)'), new Uint8Array()).subarray(0, 40),
      /found the end of the file at 40/,
    ],
    [
      'a header without shape',
      npyFile("{'descr': '<f4', 'fortran_order': False}", new Uint8Array(4)),
      /descr, fortran_order and shape/,
    ],
    [
      'a negative dimension',
      npyFile(headerOf('<f4', '(-1,)'), new Uint8Array(4)),
      /descr, fortran_order and shape/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readNpy(bytes, 'a.npy')).toThrow(
      expect.objectContaining({ code: 'invalid-data', message: expect.stringMatching(message) }),
    );
  });
});

describe('writeNpy', () => {
  it('writes what numpy.save writes', () => {
    const written = writeNpy(tensor('float32', [2, 3], [1.5, -2, 3, 4, 5, 6.25]));
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117);
    const body = packed(4, 6, (view, at, i) => view.setFloat32(at, [1.5, -2, 3, 4, 5, 6.25][i]!, true));
    expect(Buffer.from(written)).toEqual(Buffer.from(npyFile(`${text}\n`, body)));
    expect(written.length).toBe(128 + 24);
  });

  it('reads back every element type, the same bytes each time', () => {
    // 4 bits are written as a byte, and read as one.
    const dtypes = (Object.keys(DTYPES) as DType[]).filter((dtype) => !dtype.endsWith('int4'));
    const cases = fc.record({
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      seed: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(cases, ({ dtype, shape, seed }) => {
        const limit = dtype === 'bool' ? 2 : 100;
        const values = Array.from({ length: sizeOf(shape) }, (_, i) => (i * 31 + seed) % limit);
        const source: Tensor = tensor(dtype, shape, values);
        const bytes = writeNpy(source);
        expect(readNpy(bytes, 'a.npy')).toEqual(source);
        expect(writeNpy(source)).toEqual(bytes);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('writes a view of a larger buffer alone', () => {
    const view = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    expect(readNpy(writeNpy(tensor('float32', [2], view)), 'a.npy').data).toEqual(Float32Array.of(1, 2));
  });

  it('does not wrap integers that 64 bits do not hold', () => {
    expect(() => writeNpy(tensor('int64', [1], [2 ** 63]))).toThrow(RangeError);
  });
});

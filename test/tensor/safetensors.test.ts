// The safetensors layout: bytes laid out by hand, round trips, and headers that lie.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { readSafetensors, writeSafetensors } from '../../src/tensor/safetensors.ts';
import { DTYPES, type DType, sizeOf, type Tensor, tensor } from '../../src/tensor/tensor.ts';

/** A file made of a header, as given, and data. */
function fileOf(header: unknown, data: readonly number[] = [], claimedLength?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimedLength ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const u8 = (shape: readonly number[], ...offsets: number[]) => ({
  dtype: 'U8',
  shape,
  data_offsets: offsets,
});

describe('readSafetensors', () => {
  it('reads a file laid out by hand', () => {
    const header = { b: { dtype: 'F32', shape: [1], data_offsets: [2, 6] }, a: u8([2], 0, 2) };
    // 1.5 = 0x3fc00000, little endian
    const { tensors, metadata } = readSafetensors(fileOf(header, [7, 9, 0, 0, 0xc0, 0x3f]), 'f');
    expect(tensors.get('a')).toEqual(tensor('uint8', [2], [7, 9]));
    expect(tensors.get('b')).toEqual(tensor('float32', [1], [1.5]));
    expect(metadata).toEqual({});
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /found 0 bytes/],
    ['less than a length', new Uint8Array(7), /found 7 bytes/],
    ['a header beyond the end', fileOf({}, [], 1000), /1000 bytes, found 2\nhelp: .*: cut off\?/],
    ['a header length near 2^64', new Uint8Array(16).fill(255), /safetensors|bytes/],
    ['no JSON', fileOf('{"a"'), /JSON header/],
    ['broken UTF-8', fileOf({}, [0xff, 0xfe], 4), /JSON header/],
    ['a list', fileOf([]), /JSON object/],
    ['null', fileOf('null'), /JSON object/],
    ['metadata that is no text', fileOf({ __metadata__: { a: 1 } }), /__metadata__/],
    ['an entry that is no object', fileOf({ a: 3 }), /tensor "a": expected an object/],
    ['an unknown type', fileOf({ a: { ...u8([1], 0, 1), dtype: 'F8' } }, [1]), /unknown type "F8"/],
    [
      'a type that is no text',
      fileOf({ a: { ...u8([1], 0, 1), dtype: { toString: 1 } } }, [1]),
      /unknown type/,
    ],
    ['a negative dimension', fileOf({ a: u8([-1], 0, 1) }, [1]), /whole numbers/],
    ['a fractional dimension', fileOf({ a: u8([0.5], 0, 1) }, [1]), /whole numbers/],
    ['one offset', fileOf({ a: u8([1], 0) }, [1]), /two offsets/],
    [
      'offsets beyond the data',
      fileOf({ a: u8([4], 0, 4) }, [1]),
      /within 1, found offsets 0 to 4\nhelp: the header announces more bytes than the file has: cut off\?/,
    ],
    ['offsets backwards', fileOf({ a: u8([1], 2, 1) }, [1, 2]), /found offsets 2 to 1/],
    ["a size that is not the shape's", fileOf({ a: u8([3], 0, 2) }, [1, 2]), /expected 3 bytes/],
    ['the wrong element size', fileOf({ a: { ...u8([2], 0, 2), dtype: 'F32' } }, [1, 2]), /expected 8 bytes/],
    ['a shape beyond all numbers', fileOf({ a: u8([2 ** 50, 2 ** 50], 0, 1) }, [1]), /expected/],
    [
      'overlapping tensors',
      fileOf({ a: u8([2], 0, 2), b: u8([2], 1, 3) }, [1, 2, 3]),
      /gap or overlap at byte 1/,
    ],
    ['a gap', fileOf({ a: u8([1], 0, 1), b: u8([1], 2, 3) }, [1, 2, 3]), /gap or overlap at byte 2/],
    ['bytes left over', fileOf({ a: u8([1], 0, 1) }, [1, 2]), /expected 1 bytes of data, found 2/],
  ])('refuses %s', (_, bytes, message) => {
    try {
      readSafetensors(bytes, 'net.snn');
    } catch (error) {
      expect(error).toBeInstanceOf(Ann2SnnError);
      expect((error as Ann2SnnError).code).toBe('invalid-network');
      expect((error as Ann2SnnError).problems[0]!.where).toBe('net.snn');
      expect((error as Error).message).toMatch(message);
      return;
    }
    expect.unreachable();
  });
});

const WRITABLE = (Object.keys(DTYPES) as DType[]).filter((dtype) => !/int(4|64)$/.test(dtype));

const anyTensor = fc
  .record({
    dtype: fc.constantFrom(...WRITABLE),
    shape: fc.array(fc.nat(3), { maxLength: 3 }),
    fill: fc.nat(255),
  })
  .map(({ dtype, shape, fill }): Tensor => {
    const values = Array.from({ length: sizeOf(shape) }, (_, i) =>
      dtype === 'bool' ? i % 2 : (fill + i) % 100,
    );
    return tensor(dtype, shape, values);
  });
const anyName = fc.oneof(
  fc.string(),
  fc.constantFrom('1', '10', '2', '__proto__', 'constructor', 'gewicht-ä'),
);
const anyContent = fc.record({
  tensors: fc
    .array(
      fc.tuple(
        anyName.filter((name) => name !== '__metadata__'),
        anyTensor,
      ),
    )
    .map((list) => new Map(list)),
  metadata: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
});

describe('writeSafetensors', () => {
  it('comes back as it was written, from any place in memory', () => {
    fc.assert(
      fc.property(anyContent, fc.nat(7), (content, shift) => {
        const bytes = writeSafetensors(content);
        const moved = new Uint8Array(bytes.length + shift).subarray(shift);
        moved.set(bytes);
        const read = readSafetensors(moved, 'f');
        expect(new Map([...read.tensors].sort())).toEqual(new Map([...content.tensors].sort()));
        expect(read.metadata).toEqual(content.metadata);
        expect(writeSafetensors(read)).toEqual(bytes);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('aligns every tensor to its elements', () => {
    const tensors = new Map([
      ['a', tensor('uint8', [3], [1, 2, 3])],
      ['b', tensor('float64', [1], [1])],
      ['c', tensor('float32', [1], [1])],
    ]);
    const bytes = writeSafetensors({ tensors, metadata: {} });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect([header.b, header.c, header.a].map((entry) => entry.data_offsets)).toEqual([
      [0, 8],
      [8, 12],
      [12, 15],
    ]);
  });

  it('gives the same bytes for any order of insertion', () => {
    const entries: [string, Tensor][] = [
      ['b', tensor('float32', [1], [1])],
      ['a', tensor('float32', [1], [2])],
    ];
    expect(writeSafetensors({ tensors: new Map(entries), metadata: {} })).toEqual(
      writeSafetensors({ tensors: new Map(entries.toReversed()), metadata: {} }),
    );
  });
});

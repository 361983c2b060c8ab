import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/tensor/npy.ts';
import { openNpz, writeNpz } from '../../src/tensor/npz.ts';
import { type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { readNpz } from './read-npz.ts';

const x = tensor('float32', [2, 2], [1, 2, 3, 4]);
const y = tensor('int64', [2], [7, -8]);
const both = new Map<string, Tensor>([
  ['x', x],
  ['0', y],
]);

function indexOf(bytes: Uint8Array, signature: number): number {
  const pattern = new Uint8Array(Uint32Array.of(signature).buffer);
  return Buffer.from(bytes).lastIndexOf(pattern);
}

describe('npz', () => {
  it('reads back what it writes, in order', () => {
    const read = readNpz(writeNpz(both), 'a.npz');
    expect([...read]).toEqual([...both]);
  });

  it('writes the same bytes each time, dated 1980 and stored', () => {
    const bytes = writeNpz(both);
    expect(writeNpz(both)).toEqual(bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    expect(view.getUint16(8, true)).toBe(0); // method: stored
    expect(view.getUint16(10, true)).toBe(0); // midnight
    expect(view.getUint16(12, true)).toBe((1 << 5) | 1); // 1 January 1980
  });

  it('reads deflated members and an archive with a comment', () => {
    const large = tensor(
      'float32',
      [50, 1000],
      Float32Array.from({ length: 50_000 }, (_, i) => Math.sin(i)),
    );
    const zip = zipSync({ 'x.npy': writeNpy(large), 'y.npy': writeNpy(y) }, { level: 6 });
    const commented = new Uint8Array(zip.length + 7);
    commented.set(zip);
    commented.set(new TextEncoder().encode('comment'), zip.length);
    commented[zip.length - 2] = 7;
    const read = readNpz(commented, 'a.npz');
    expect(read.get('x')).toEqual(large);
    expect(read.get('y')).toEqual(y);
  });

  it('lists members without reading them, so that unreadable ones do no harm', () => {
    const members = openNpz(zipSync({ 'x.npy': writeNpy(x), 'notes.txt': new Uint8Array(20) }), 'a.npz');
    expect([...members.keys()]).toEqual(['x', 'notes.txt']);
    expect(members.get('x')!.read()).toEqual(x);
    expect(() => members.get('notes.txt')!.read()).toThrow(/expected a \.npy file/);
  });

  it('refuses an archive cut off anywhere with one clear error', () => {
    for (const level of [0, 6] as const) {
      const whole = zipSync({ 'x.npy': writeNpy(x), 'y.npy': writeNpy(y) }, { level });
      for (let length = 0; length < whole.length; length++) {
        expect(() => readNpz(whole.subarray(0, length), 'a.npz')).toThrow(
          expect.objectContaining({ code: 'invalid-data', problems: [expect.anything()] }),
        );
      }
    }
  });

  it('never returns other numbers when a bit of a member flips', () => {
    for (const level of [0, 6] as const) {
      const whole = zipSync({ 'x.npy': writeNpy(x) }, { level });
      const end = indexOf(whole, 0x02014b50);
      for (let at = 35; at < end; at++) {
        const damaged = whole.slice();
        damaged[at] = damaged[at]! ^ 0x10;
        expect(() => readNpz(damaged, 'a.npz')).toThrow(expect.objectContaining({ name: 'Ann2SnnError' }));
      }
    }
  });

  it('does not inflate a member past its own header', () => {
    const bomb = new Uint8Array(64 * 1024 * 1024);
    bomb.set(writeNpy(x));
    const zip = zipSync({ 'x.npy': bomb }, { level: 9 });
    expect(zip.length).toBeLessThan(200_000);
    expect(() => readNpz(zip, 'bomb.npz')).toThrow(
      /bomb\.npz\/x\.npy: expected 67108864 bytes, found a header of 144/,
    );
  });

  it('refuses encryption, other compression and members of one name', () => {
    const zip = zipSync({ 'x.npy': writeNpy(x), 'z.npy': writeNpy(y) }, { level: 0 });
    const directory = Buffer.from(zip).indexOf(Uint8Array.of(0x50, 0x4b, 1, 2));
    const change = (at: number, value: number) => {
      const changed = zip.slice();
      changed[at] = value;
      return changed;
    };
    expect(() => readNpz(change(directory + 8, 1), 'a.npz')).toThrow(/encrypted/);
    expect(() => readNpz(change(directory + 10, 12), 'a.npz')).toThrow(/compression method 12/);
    const second = Buffer.from(zip).lastIndexOf('z.npy');
    expect(() => readNpz(change(second, 'x'.charCodeAt(0)), 'a.npz')).toThrow(/two members called "x"/);
  });

  it('reads an archive without members', () => {
    expect(readNpz(writeNpz(new Map()), 'a.npz').size).toBe(0);
  });
});

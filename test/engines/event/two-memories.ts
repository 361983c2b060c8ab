// The same call on the WebAssembly kernels and on their plain twins, each in a memory of its own with the same contents.
import { expect } from 'vitest';
import {
  type KernelMemory,
  type Kernels,
  kernelMemory,
  kernelsOver,
} from '../../../src/engines/event/kernels.ts';
import { plainKernels } from '../../../src/engines/event/kernels-plain.ts';

type Data = Float32Array | Float64Array | Int32Array | Int8Array;

/** Two memories laid out alike. */
export class TwoMemories {
  private readonly memories: readonly [KernelMemory, KernelMemory];
  private readonly kernels: readonly [Kernels, Kernels];
  private next = 1024;

  constructor(bytes: number) {
    this.memories = [kernelMemory(bytes), kernelMemory(bytes)];
    this.kernels = [kernelsOver(this.memories[0]), plainKernels(this.memories[1])];
  }

  /** Copies an array into both, with the slack that kernels ask for, and returns its address. */
  put(data: Data): number {
    const at = this.take(data.byteLength);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (const { buffer } of this.memories) new Uint8Array(buffer, at, bytes.length).set(bytes);
    return at;
  }

  /** Room for `bytes`; filled with what no kernel writes, so that a write behind the end shows. */
  take(bytes: number): number {
    const at = this.next;
    this.next = (at + bytes + 16 + 15) & ~15;
    for (const { buffer } of this.memories) new Uint8Array(buffer, at, this.next - at).fill(0xa5);
    return at;
  }

  /** Calls both and expects the same answer. */
  run<T>(call: (kernels: Kernels) => T): T {
    const [answer, wanted] = this.kernels.map(call) as [T, T];
    expect(answer).toEqual(wanted);
    return answer;
  }

  /** Expects the same bytes at an array in both, and 16 untouched ones behind it; returns what is there. */
  expectSame<D extends Data>(
    make: new (buffer: ArrayBuffer, at: number, length: number) => D,
    at: number,
    length: number,
  ): D {
    const [found, wanted] = this.memories.map(({ buffer }) => new make(buffer, at, length)) as [D, D];
    const [bytes, wantedBytes] = this.memories.map(({ buffer }) =>
      Buffer.from(buffer, at, found.byteLength),
    ) as [Buffer, Buffer];
    if (!bytes.equals(wantedBytes)) expect(found).toEqual(wanted);
    expect(bytes.equals(wantedBytes)).toBe(true);
    const behind = new Uint8Array(this.memories[0].buffer, at + found.byteLength, 16);
    expect([...behind]).toEqual(new Array(16).fill(0xa5));
    return found.slice() as D;
  }
}

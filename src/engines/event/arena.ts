// Where things lie in the kernels' memory: constants once, then one layer's membranes, then the spikes of an image.
import type { KernelMemory } from './compiled-kernels.ts';
import { SLACK_BYTES } from './kernels.ts';

const PAGE = 65536;

/** Bytes of a line of a cache. */
const LINE = 64;

/** Bytes at the beginning that belong to the kernels. */
const RESERVED = 1024;

/** Hands out memory from below; what lies above a mark can be given back. */
export class Arena {
  readonly memory: KernelMemory;
  private next = RESERVED;

  constructor(memory: KernelMemory) {
    this.memory = memory;
  }

  /** Address of `bytes` fresh bytes, at a multiple of 16. Grows the memory: views made before may be empty afterwards. */
  take(bytes: number): number {
    const at = this.next;
    this.next = (at + bytes + 15) & ~15;
    this.reserve(0);
    return at;
  }

  /** Makes sure that `bytes` more can be written behind what is taken. */
  reserve(bytes: number): number {
    const missing = this.next + bytes + SLACK_BYTES - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return this.next;
  }

  /** What is taken now; `release` gives back everything after it. */
  mark(): number {
    return this.next;
  }

  release(mark: number): void {
    this.next = mark;
  }

  /** Copies an array in and returns its address, which is the beginning of a cache's line. */
  put(data: Float32Array | Float64Array | Int32Array | Int8Array | Uint8Array): number {
    this.next = (this.next + LINE - 1) & -LINE;
    const at = this.take(data.byteLength + SLACK_BYTES);
    new Uint8Array(this.memory.buffer, at, data.byteLength).set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
    return at;
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  doubles(at: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, at, length);
  }

  octets(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  ints(at: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, length);
  }
}

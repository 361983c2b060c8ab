// The same call on the WebAssembly kernels and on their plain twins, each in a memory of its own with the same contents.
import { expect } from 'vitest';
import { type KernelMemory, kernelMemory, kernelsOver } from '../../../src/engines/event/compiled-kernels.ts';
import { type Kernels, SLACK_BYTES } from '../../../src/engines/event/kernels.ts';
import { plainKernels } from '../../../src/engines/event/kernels-plain.ts';

type Data = Float32Array | Float64Array | Int32Array | Int8Array | Uint8Array;

const KINDS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const;
type Kind = keyof typeof KINDS;
type Values<K extends Kind> = InstanceType<(typeof KINDS)[K]>;

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
    this.next = (at + bytes + SLACK_BYTES + 15) & ~15;
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
  expectSame<K extends Kind>(kind: K, at: number, length: number): Values<K> {
    const found = this.expectSameBeforeSlack(kind, at, length);
    const behind = new Uint8Array(this.memories[0].buffer, at + found.byteLength, 16);
    expect([...behind]).toEqual(new Array(16).fill(0xa5));
    return found;
  }

  /** The same where kernels may write behind the end. */
  expectSameBeforeSlack<K extends Kind>(kind: K, at: number, length: number): Values<K> {
    const [found, wanted] = this.memories.map(({ buffer }) => viewOf(kind, buffer, at, length)) as [
      Values<K>,
      Values<K>,
    ];
    const bytesOf = ({ buffer, byteOffset, byteLength }: Data) =>
      Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    // Comparing bytes is quick and tells 0 from -0; comparing numbers says which differ.
    if (!bytesOf(found).equals(bytesOf(wanted))) expect(found).toEqual(wanted);
    expect(bytesOf(found).equals(bytesOf(wanted))).toBe(true);
    return found.slice() as Values<K>;
  }
}

/** An array of a kind; zeros where nothing says otherwise. */
export function arrayOf<K extends Kind>(
  kind: K,
  length: number,
  numberAt: (i: number) => number = () => 0,
): Values<K> {
  const array = viewOf(kind, new ArrayBuffer(length * KINDS[kind].BYTES_PER_ELEMENT), 0, length);
  for (let i = 0; i < length; i++) array[i] = numberAt(i);
  return array;
}

function viewOf<K extends Kind>(kind: K, buffer: ArrayBuffer, at: number, length: number): Values<K> {
  return new (KINDS[kind] as unknown as new (...args: unknown[]) => Values<K>)(buffer, at, length);
}

// The kernels as WebAssembly, compiled from assembly/ and embedded, and the memory that they work on.
import { KERNELS } from './kernels.generated.ts';
import type { Kernels } from './kernels.ts';

/** The part of a WebAssembly.Memory that is used; neither ES2023 nor Node's types declare it. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB. Views of the old buffer are empty afterwards. */
  grow(pages: number): number;
}

interface WebAssemblyApi {
  readonly Memory: new (descriptor: { readonly initial: number }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: unknown };
}

const wasm = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/** A memory of `bytes`, rounded up to pages. */
export function kernelMemory(bytes: number): KernelMemory {
  return new wasm.Memory({ initial: Math.ceil(bytes / 65536) });
}

/** The compiled kernels over a memory; compiled once a process. Bytes below 1024 are the kernels' own. */
export function kernelsOver(memory: KernelMemory): Kernels {
  compiled ??= new wasm.Module(Buffer.from(KERNELS, 'base64'));
  return new wasm.Instance(compiled, { env: { memory } }).exports as Kernels;
}

let compiled: object | undefined;

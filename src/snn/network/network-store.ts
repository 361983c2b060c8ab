// Networks on disk.
import { Ann2SnnError } from '../../errors.ts';
import { readWhole, writeWhole } from '../../files.ts';
import type { Network } from './network.ts';
import { readNetwork, writeNetwork } from './network-file.ts';
import { isNpz, readNetworkNpz } from './network-npz.ts';

/**
 * Reads a .snn file, or a network exported as safetensors or .npz: what it is says its content, not its name.
 * @throws Ann2SnnError `file-not-readable`, `invalid-network`, or `invalid-data` where a .npz archive is damaged
 */
export async function loadNetwork(path: string): Promise<Network> {
  const bytes = await readWhole(path);
  if (isNpz(bytes)) return readNetworkNpz(bytes, path);
  if (isOnnx(bytes)) {
    const message = 'expected a spiking network of ann2snn, found an ONNX model';
    throw new Ann2SnnError(
      'invalid-network',
      { where: path, message },
      { help: 'this is an ONNX model: convert it first' },
    );
  }
  return readNetwork(bytes, path);
}

/**
 * Whether a file begins as ONNX models do, with the version of their format: a varint below 64 in field 1. A network begins
 * with the length of its header, and the header with a brace.
 */
function isOnnx(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08 && bytes[1]! > 0 && bytes[1]! < 64 && bytes[8] !== 0x7b;
}

/** Writes a .snn file, whole or not at all. Throws `file-not-writable`. */
export async function saveNetwork(path: string, network: Network): Promise<void> {
  await writeWhole(path, writeNetwork(network));
}

// Networks on disk.
import { readWhole, writeWhole } from '../../files.ts';
import type { Network } from './network.ts';
import { readNetwork, writeNetwork } from './network-file.ts';

/** Reads a .snn file. Throws `file-not-readable` or `invalid-network`. */
export async function loadNetwork(path: string): Promise<Network> {
  return readNetwork(await readWhole(path), path);
}

/** Writes a .snn file, whole or not at all. Throws `file-not-writable`. */
export async function saveNetwork(path: string, network: Network): Promise<void> {
  await writeWhole(path, writeNetwork(network));
}

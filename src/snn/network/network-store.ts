// Networks on disk.
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
  return isNpz(bytes) ? readNetworkNpz(bytes, path) : readNetwork(bytes, path);
}

/** Writes a .snn file, whole or not at all. Throws `file-not-writable`. */
export async function saveNetwork(path: string, network: Network): Promise<void> {
  await writeWhole(path, writeNetwork(network));
}

// A network as a .npz file: the tensors of the .snn file under names that read, the network's JSON, and what follows from
// it as arrays. docs/format.md, section 12.3.
import { Ann2SnnError } from '../../errors.ts';
import { parseJson } from '../../json.ts';
import { openNpz, writeNpz } from '../../tensor/npz.ts';
import { type Tensor, tensor } from '../../tensor/tensor.ts';
import type { Network } from './network.ts';
import { networkArrays } from './network-arrays.ts';
import { networkJson, networkOf } from './network-file.ts';

/** UTF-8 text, one byte an element: the network as in a .snn file, and [[name in the network, name of the array], ...]. */
const NETWORK = 'network';
const CONSTANTS = 'constants';

/** Every ZIP archive with members begins with these bytes; as a .snn file it would have a header of 64 MB or more. */
const ZIP_START = [0x50, 0x4b, 3, 4] as const;

/** How far an archive may unpack: so many bytes, and so many times its own. */
const UNPACKED_BYTES = 16 * 2 ** 20;
const UNPACKED_SHARE = 1.5;

export function isNpz(bytes: Uint8Array): boolean {
  return ZIP_START.every((byte, i) => bytes[i] === byte);
}

/** Writes a network; the same network gives the same bytes. */
export function writeNetworkNpz(network: Network): Uint8Array {
  return writeNpz(membersOf(network));
}

/** The members of the file, in their order. */
function membersOf(network: Network): ReadonlyMap<string, Tensor> {
  const { constants, derived } = networkArrays(network, [NETWORK, CONSTANTS]);
  return new Map([
    [NETWORK, textTensor(networkJson(network))],
    [CONSTANTS, textTensor(JSON.stringify(constants))],
    ...constants.map(([name, member]) => [member, network.constants.get(name)!] as const),
    ...derived,
  ]);
}

/**
 * Reads a network and checks it as `readNetwork` does. Arrays that follow from the network must do so: one that was changed
 * alone is refused.
 * @throws Ann2SnnError `invalid-network`, or `invalid-data` where the archive is damaged
 */
export function readNetworkNpz(bytes: Uint8Array, where: string): Network {
  const members = openNpz(bytes, where);
  for (const name of members.keys()) {
    if (/[/\\\0]|^\.\.?$/.test(name)) refuse(where, `expected names of arrays, found the path "${name}"`);
  }
  requireUnpackable(members, bytes.length, where);
  const read = (name: string) => members.get(name)?.read() ?? refuse(where, `expected an array "${name}"`);
  const constants = new Map<string, Tensor>();
  const taken = new Set<string>();
  for (const [name, member] of pairsOf(textOf(read(CONSTANTS), where), where)) {
    if (taken.has(member)) refuse(where, `expected an array for each tensor, found "${member}" for two`);
    taken.add(member);
    constants.set(name, read(member));
  }
  const network = networkOf(textOf(read(NETWORK), where), constants, where);
  const expected = membersOf(network);
  for (const name of members.keys()) {
    if (!expected.has(name)) refuse(where, `expected arrays of the network only, found "${name}"`);
  }
  for (const [name, value] of expected) {
    if (!same(read(name), value)) refuse(where, `expected "${name}" to follow from "${NETWORK}"`);
  }
  return network;
}

/**
 * Keeps a small archive from unpacking into a large one: members may be deflated a thousand times, or lie over each other.
 */
function requireUnpackable(
  members: ReadonlyMap<string, { readonly size: number }>,
  length: number,
  where: string,
): void {
  const unpacked = [...members.values()].reduce((sum, { size }) => sum + size, 0);
  if (unpacked <= UNPACKED_BYTES + UNPACKED_SHARE * length) return;
  refuse(where, `expected weights, found ${length} bytes that unpack to ${unpacked}`);
}

function textTensor(text: string): Tensor {
  const bytes = new TextEncoder().encode(text);
  return tensor('uint8', [bytes.length], bytes);
}

function textOf({ dtype, data }: Tensor, where: string): string {
  if (dtype !== 'uint8') refuse(where, `expected text as uint8, found ${dtype}`);
  return new TextDecoder().decode(data as Uint8Array);
}

function pairsOf(text: string, where: string): [string, string][] {
  try {
    const pairs = parseJson(text);
    const isPair = (pair: unknown) =>
      Array.isArray(pair) && pair.length === 2 && pair.every((name) => typeof name === 'string');
    if (Array.isArray(pairs) && pairs.every(isPair)) return pairs as [string, string][];
  } catch {
    // Answered below, as anything else that is no list of pairs.
  }
  return refuse(where, `expected "${CONSTANTS}" to be a JSON list of pairs of names`);
}

function same(a: Tensor, b: Tensor): boolean {
  const bytes = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return a.dtype === b.dtype && a.shape.join() === b.shape.join() && bytes(a).equals(bytes(b));
}

function refuse(where: string, message: string): never {
  throw new Ann2SnnError('invalid-network', { where, message });
}

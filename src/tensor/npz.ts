// NumPy's .npz files: named .npy files in a ZIP archive.
import { type Zippable, zipSync } from 'fflate';
import { readNpy, writeNpy } from './npy.ts';
import { listMembers } from './npz-members.ts';
import type { Tensor } from './tensor.ts';

/** A member of an archive. */
export interface NpzEntry {
  /** Bytes of the unpacked .npy file, as the archive says; reading checks it. */
  readonly size: number;
  read(): Tensor;
}

/**
 * Lists a .npz archive without unpacking it: each member's name (without ".npy"), how long it is and how to read it.
 * @throws Ann2SnnError `invalid-data`; reading a member throws what `readNpy` does
 */
export function openNpz(bytes: Uint8Array, where: string): ReadonlyMap<string, NpzEntry> {
  return new Map(
    listMembers(bytes, where).map((member) => [
      member.name,
      {
        size: member.size,
        read: () => readNpy(member.bytes(), `${where}/${member.name}.npy`),
      },
    ]),
  );
}

/** Writes a .npz archive, members stored in the map's order. Equal tensors give equal bytes. */
export function writeNpz(entries: ReadonlyMap<string, Tensor>): Uint8Array {
  // ZIP has no time zones and fflate writes local time, so a local date gives the same bytes everywhere.
  const mtime = new Date(1980, 0, 1);
  const members: Zippable = {};
  for (const [name, value] of entries) members[`${name}.npy`] = [writeNpy(value), { level: 0, mtime }];
  return zipSync(members, { level: 0, mtime });
}

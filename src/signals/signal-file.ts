// Signals from and to files, by the ending of the name.
import { Ann2SnnError } from '../errors.ts';
import { readWhole } from '../files.ts';
import { readNpy, writeNpy } from '../tensor/npy.ts';
import { type Signal, signalOf, signalTensor } from './signal.ts';
import { readSignalCsv, writeColumns } from './signal-csv.ts';

/**
 * Reads a signal: .csv (a column for each feature) or .npy ([time] or [features, time]).
 * @throws Ann2SnnError `file-not-readable` or `invalid-data`
 */
export async function readSignal(path: string): Promise<Signal> {
  const ending = /\.(csv|npy)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) {
    const message = 'expected a signal in a file whose name ends in .csv or .npy, found another ending';
    throw new Ann2SnnError('invalid-data', { where: path, message });
  }
  const bytes = await readWhole(path);
  return ending === 'csv' ? readSignalCsv(bytes, path) : signalOf(readNpy(bytes, path), path);
}

/** The content of a .csv file, or of a .npy file, float64. Equal signals give equal bytes. */
export function writeSignal(signal: Signal, format: 'csv' | 'npy'): Uint8Array | string {
  return format === 'csv' ? writeColumns(signal.features) : writeNpy(signalTensor(signal));
}

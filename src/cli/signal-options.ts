// Files of signals and spikes on the command line.
import { InvalidArgumentError } from 'commander';

/** Parser of an option that names a file of spikes. */
export const spikeFile = fileOf(['.npz', '.npy', '.csv']);

/** Parser of an option that names a file of a signal. */
export const signalFile = fileOf(['.csv', '.npy']);

function fileOf(endings: readonly string[]): (path: string) => string {
  return (path) => {
    if (endings.some((ending) => path.toLowerCase().endsWith(ending))) return path;
    throw new InvalidArgumentError(
      `expected a file whose name ends in ${endings.join(' or ')}, found "${path}"`,
    );
  };
}

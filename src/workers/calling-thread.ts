import { Measurement, type Subject } from './measurement.ts';
import { isStopped, type Runner, type StopFlag } from './runner.ts';

/**
 * Runs shards in the calling thread, one after the other.
 * @param measured called after every batch with its number of images
 */
export function callingThread(subject: Subject, flag: StopFlag, measured: (images: number) => void): Runner {
  const measurement = new Measurement(subject, { stopped: () => isStopped(flag), measured });
  return {
    workers: 1,
    measure: (shard) => measurement.measure(shard),
    latency: () => measurement.latency(),
    close: () => measurement.release(),
  };
}

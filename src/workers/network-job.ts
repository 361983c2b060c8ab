// What a pool that measures networks and its workers tell each other: plain data, files by their paths.
import type { FloatTensor } from '../tensor/tensor.ts';
import type { NetworkFigures } from './network-run.ts';
import type { DatasetAgain } from './open-again.ts';
import type { RecordedOriginal } from './original.ts';
import type { StopFlag } from './runner.ts';

/** What every worker opens for itself. */
export interface GroundJob {
  readonly data: DatasetAgain;
  readonly engine: string;
  readonly original: RecordedOriginal | null;
  readonly rateImages: FloatTensor | null;
  readonly flag: StopFlag;
}

/** A network as a .snn file. */
export type NetworkTask = Uint8Array;

/** Null where it was stopped. */
export type NetworkAnswer = NetworkFigures | null;

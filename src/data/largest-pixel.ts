// The largest pixel of what is read of a data set, found on the way: calibration reads all of it anyway.
import type { Dataset } from './dataset-reader.ts';

/** The same data set, and the largest pixel that was read of it so far: 0 before the first. */
export interface WatchedDataset {
  readonly dataset: Dataset;
  largest(): number;
}

/** Watches the pixels of a data set as they are read. */
export function watchPixels(dataset: Dataset): WatchedDataset {
  let largest = 0;
  return {
    dataset: {
      ...dataset,
      async read(from, to) {
        const pixels = await dataset.read(from, to);
        for (const pixel of pixels.data) if (pixel > largest) largest = pixel;
        return pixels;
      },
    },
    largest: () => largest,
  };
}

/** Whether pixels are divided by all of the range of 8 bits because nobody said otherwise. */
export function scaleIsAssumed(
  { dtype }: Pick<Dataset, 'dtype'>,
  given: { readonly scale?: number },
): boolean {
  return dtype === 'uint8' && given.scale === undefined;
}

// The kinds of data set. The first reader that recognises a path opens it: a new kind is a file and a line here.
import { cifarBinary } from './cifar-binary.ts';
import type { DatasetReader } from './dataset-reader.ts';
import { idx } from './idx.ts';
import { imageFolder } from './image-folder.ts';
import { npy } from './npy.ts';
import { npz } from './npz.ts';

export const datasetReaders = [
  npz,
  npy,
  idx,
  cifarBinary,
  imageFolder,
] as const satisfies readonly DatasetReader[];

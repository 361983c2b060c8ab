// What a labelled image set is, and what a reader of one kind of file must say about it.
import type { Shape, Tensor } from '../tensor/tensor.ts';

/** A labelled image set, opened but not necessarily loaded. */
export interface Dataset {
  readonly path: string;
  /** Name of the reader that opened it. */
  readonly reader: string;
  readonly count: number;
  /** One image: [C, H, W], or [F] where the set holds vectors, or where an image is several inputs side by side. */
  readonly shape: Shape;
  /** Element type that `read` gives; number types other than uint8 are converted to float32. */
  readonly dtype: 'uint8' | 'float32';
  /** Class index per image; null when the set has no labels. */
  readonly labels: Int32Array | null;
  readonly classNames: readonly string[] | null;
  /**
   * SHA-256, in hex, over the bytes of the files one after the other: the images' file, then the labels'
   * file; several image files in the order of their names. Image folders: see image-folder.ts.
   */
  readonly sha256: string;
  /**
   * Raw pixels [n, C, H, W] (or [n, F]) of the images `from` to `to` (exclusive), in the same order every time.
   * Throws RangeError outside the set.
   */
  read(from: number, to: number): Promise<Tensor>;
}

export interface DatasetOptions {
  /** Order of the axes of four-dimensional .npz and .npy arrays: 'nchw' unless given. */
  readonly layout?: 'nchw' | 'nhwc';
  /** File of the labels that go with .npy or IDX images. */
  readonly labels?: string;
  /** File with one class name per line, in the order of the class indices. */
  readonly classes?: string;
  /** The network's inputs where it has several: an archive holds one array [N, ...shape] for each, under its name. */
  readonly inputs?: readonly { readonly name: string; readonly shape: Shape }[];
  /** Use only the first images. */
  readonly limit?: number;
}

/** What a reader is told of a path before anything is opened. */
export interface PathKind {
  isFile(): boolean;
  isDirectory(): boolean;
}

/** One kind of data set. */
export interface DatasetReader {
  readonly name: string;
  /** One line for help texts: which files it reads. */
  readonly summary: string;
  /** Those of the options that only some kinds of file have. */
  readonly takes: readonly ('layout' | 'labels' | 'inputs')[];
  recognises(path: string, kind: PathKind): boolean | Promise<boolean>;
  /** `classNames` are those of `options.classes`. The result may hold more images than `options.limit`. */
  open(path: string, options: DatasetOptions, classNames: readonly string[] | null): Promise<Dataset>;
}

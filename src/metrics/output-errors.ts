// How far the decoded outputs are from the ANN's: for every output, whatever it stands for.
import { type Network, type ReadoutNode, readouts } from '../snn/network/network.ts';
import { type Shape, sizeOf } from '../tensor/tensor.ts';
import { argmax } from './accuracy.ts';

/** Running sums of one output. */
interface OutputSums {
  images: number;
  squaredAnn: number;
  /** Squared error of each step's answer, 1 to T. */
  readonly squaredError: Float64Array;
  /** The largest squared error of an image, at the last step. */
  worst: number;
  pixels: number;
  agreeing: number;
}

export type OutputsSums = Map<string, OutputSums>;

/** What one output lost. Null figures need the ANN. */
export interface OutputError {
  readonly name: string;
  readonly shape: Shape;
  /** Root of sum (decoded - ANN)^2 / sum ANN^2 over all images. */
  readonly relativeError: number | null;
  /** The largest RMS error of an image, over the ANN's RMS on all images. */
  readonly worstImage: number | null;
  /** Of scores [C, H, W]: fraction of pixels at which both choose the same channel; null for other shapes. */
  readonly pixelAgreement: number | null;
  /** `relativeError` of the answer after each readout step, 1 to T. */
  readonly errorPerStep: readonly number[] | null;
}

/**
 * Adds one batch.
 * @param logits raw accumulators of an output: [T, images, ...shape]
 * @param ann what the ANN gives in their place: [images, ...shape]
 */
export function addOutput(
  outputs: OutputsSums,
  { coding: { T, beta } }: Pick<Network, 'coding'>,
  { name, shape }: Pick<ReadoutNode, 'name' | 'shape'>,
  logits: Float32Array,
  ann: Float32Array,
): void {
  const sums = outputs.get(name) ?? emptyOutput(T);
  outputs.set(name, sums);
  const size = sizeOf(shape);
  const images = ann.length / size;
  sums.images += images;
  for (const value of ann) sums.squaredAnn += value * value;
  for (let t = 0; t < T; t++) {
    const answer = logits.subarray(t * ann.length, (t + 1) * ann.length);
    // What has come in so far, were nothing to follow.
    const scale = beta ** (T - 1 - t);
    for (let image = 0; image < images; image++) {
      let squared = 0;
      for (let i = image * size; i < (image + 1) * size; i++) squared += (answer[i]! * scale - ann[i]!) ** 2;
      sums.squaredError[t]! += squared;
      // An error that is no number is the worst, and stays it.
      const worse = Number.isNaN(squared) || squared > sums.worst;
      if (t === T - 1 && worse && !Number.isNaN(sums.worst)) sums.worst = squared;
    }
  }
  const channels = pixelClasses(shape);
  if (channels === null) return;
  const last = logits.subarray((T - 1) * ann.length);
  const area = size / channels;
  for (let image = 0; image < images; image++) {
    for (let pixel = 0; pixel < area; pixel++) {
      const own = argmax(last, image * size + pixel, channels, area);
      if (own >= 0 && own === argmax(ann, image * size + pixel, channels, area)) sums.agreeing++;
    }
  }
  sums.pixels += images * area;
}

const UNKNOWN = { relativeError: null, worstImage: null, pixelAgreement: null, errorPerStep: null } as const;

/** The errors of all outputs, in the order of the ONNX file. */
export function outputErrors(network: Network, outputs: OutputsSums): OutputError[] {
  return readouts(network).map(({ name, shape }) => {
    const sums = outputs.get(name);
    if (sums === undefined) return { name, shape, ...UNKNOWN };
    const relative = (squared: number) => (squared === 0 ? 0 : Math.sqrt(squared / sums.squaredAnn));
    const errorPerStep = Array.from(sums.squaredError, relative);
    return {
      name,
      shape,
      relativeError: errorPerStep.at(-1)!,
      worstImage: relative(sums.worst * sums.images),
      pixelAgreement: sums.pixels === 0 ? null : sums.agreeing / sums.pixels,
      errorPerStep,
    };
  });
}

/** Channels of an output that may hold scores for every pixel; null for any other. */
function pixelClasses(shape: Shape): number | null {
  const [channels, ...area] = shape;
  return channels !== undefined && channels > 1 && area.length > 1 && sizeOf(area) > 1 ? channels : null;
}

function emptyOutput(T: number): OutputSums {
  return { images: 0, squaredAnn: 0, squaredError: new Float64Array(T), worst: 0, pixels: 0, agreeing: 0 };
}

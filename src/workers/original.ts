// The ANN beside a measured network: run on the images as they come, or its answers as recorded before.
import type { Dataset } from '../data/dataset.ts';
import { type Preprocessing, preprocess } from '../data/preprocessing.ts';
import { scoredReadout } from '../metrics/accuracy.ts';
import type { LoadedModel } from '../onnx/load.ts';
import { collectOutputs, fixedBatchOf } from '../runtime/activations.ts';
import { openOriginal } from '../runtime/original.ts';
import type { Session } from '../runtime/session.ts';
import { imageShapeOf } from '../snn/network/inputs.ts';
import { type Network, type ReadoutNode, readouts } from '../snn/network/network.ts';
import type { FloatTensor } from '../tensor/tensor.ts';
import { decodedValuesOf, layerValuesOf } from './original-values.ts';

export type Values = ReadonlyMap<string, Float32Array>;

/** What a measurement asks of the ANN. */
export interface Original {
  /** Where each output's decoded value stands: in front of a head that the readout leaves out. */
  readonly decodedValues: ReadonlyMap<ReadoutNode, string>;
  /**
   * Values [n, ...] by name of the images from index `from` on: scores, what outputs decode, and with `layers` what the neuron
   * layers carry, as far as it is known.
   */
  run(images: FloatTensor, from: number, layers: boolean): Promise<Values>;
  release(): Promise<void>;
}

/** The file's own values for every image of a data set, so that it runs once however many networks stand beside it. */
export interface RecordedOriginal {
  /** Value that each output decodes, by the output's name. */
  readonly decoded: ReadonlyMap<string, string>;
  /** [images, ...] by name; shared between threads, not copied. */
  readonly values: ReadonlyMap<string, Float32Array<SharedArrayBuffer>>;
  readonly images: number;
}

/** The file, run on the images as they come. Opens nothing before the first. */
export function liveOriginal(network: Network, ann: LoadedModel): Original {
  const layerValues = layerValuesOf(network, ann.model);
  const decodedValues = decodedValuesOf(network, ann.model);
  const answers = answersOf(network, decodedValues.values());
  let session: Promise<Session> | undefined;
  return {
    decodedValues,
    run: async (images, _, layers) => {
      session ??= openOriginal(ann, [...layerValues, ...decodedValues.values()]);
      const names = [...new Set([...answers, ...(layers ? layerValues : [])])];
      return collectOutputs(await session, images, fixedBatchOf(ann.model), names);
    },
    release: async () => {
      const [opened] = await Promise.allSettled([session]);
      if (opened.status === 'fulfilled') await opened.value?.release();
    },
  };
}

/** Answers as recorded: the values of layers are not among them. */
export function recordedOriginal(
  network: Network,
  { decoded, values, images: all }: RecordedOriginal,
): Original {
  const decodedValues = new Map(
    readouts(network).flatMap((readout) => {
      const value = decoded.get(readout.name);
      return value === undefined ? [] : [[readout, value] as const];
    }),
  );
  return {
    decodedValues,
    run: async (images, from) => {
      const count = images.shape[0]!;
      return new Map(
        [...values].map(([name, data]) => {
          const size = data.length / all;
          return [name, data.subarray(from * size, (from + count) * size)];
        }),
      );
    },
    release: async () => {},
  };
}

/** Images that are recorded at a time. */
const RECORDED_BATCH = 32;

/**
 * Runs the file on all images of a data set.
 * @param network any network converted from it: outputs and input are the same for all
 * @param keepOn asked before each batch; false ends the run, and the result is null
 */
export async function recordOriginal(
  network: Network,
  ann: LoadedModel,
  dataset: Pick<Dataset, 'path' | 'count' | 'read'>,
  preprocessing: Preprocessing,
  keepOn: (done: number) => boolean,
): Promise<RecordedOriginal | null> {
  const original = liveOriginal(network, ann);
  const values = new Map<string, Float32Array<SharedArrayBuffer>>();
  try {
    for (let from = 0; from < dataset.count; from += RECORDED_BATCH) {
      if (!keepOn(from)) return null;
      const to = Math.min(from + RECORDED_BATCH, dataset.count);
      const images = preprocess(
        await dataset.read(from, to),
        preprocessing,
        imageShapeOf(network),
        dataset.path,
      );
      for (const [name, batch] of await original.run(images, from, false)) {
        const size = batch.length / (to - from);
        const all = values.get(name) ?? sharedFloats(dataset.count * size);
        all.set(batch, from * size);
        values.set(name, all);
      }
    }
  } finally {
    await original.release();
  }
  const decoded = [...original.decodedValues].map(([{ name }, value]) => [name, value] as const);
  return { decoded: new Map(decoded), values, images: dataset.count };
}

function sharedFloats(length: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

/** The values that answers are compared by. */
function answersOf(network: Network, decoded: Iterable<string>): string[] {
  const scores = scoredReadout(network);
  return [...new Set([...(scores === null ? [] : [scores.name]), ...decoded])];
}

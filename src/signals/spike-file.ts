// Spikes to and from files, and what a plot needs.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import { readWhole } from '../files.ts';
import { readNpy, writeNpy } from '../tensor/npy.ts';
import { openNpz, writeNpz } from '../tensor/npz.ts';
import { type Shape, sameShape, showShape, type Tensor, tensor } from '../tensor/tensor.ts';
import { type EncodingSettings, layoutOf, type SignalEncoding } from './encoding.ts';
import type { MeasuredEncoding } from './measure.ts';
import { signalTensor } from './signal.ts';
import { readSignalCsv, writeColumns } from './signal-csv.ts';

export const SPIKE_FORMATS = ['npz', 'npy', 'csv'] as const;
export type SpikeFormat = (typeof SPIKE_FORMATS)[number];

/** The format that a file's name says, or null. */
export function spikeFormatOf(path: string): SpikeFormat | null {
  return SPIKE_FORMATS.find((format) => path.toLowerCase().endsWith(`.${format}`)) ?? null;
}

/**
 * Spikes as int8: [time] or [features, time], as the signal came, where a sample takes one step of one train; else
 * [features, channels, time * steps].
 */
export function spikeTensor(encoding: SignalEncoding): Tensor {
  const shape = spikeShape(encoding);
  const data = new Int8Array(shape.reduce((product, size) => product * size, 1));
  encoding.spikes.forEach((train, f) => {
    data.set(train, f * train.length);
  });
  return tensor('int8', shape, data);
}

/**
 * Up and down spikes in trains of their own, as the reference returns them: [2, features, time], 1 in the first and -1 in
 * the second. For encodings of one train.
 */
export function upAndDownTrains(encoding: SignalEncoding): Tensor {
  const { data } = spikeTensor(encoding);
  const stacked = new Int8Array(2 * data.length);
  for (let i = 0; i < data.length; i++) stacked[data[i]! > 0 ? i : data.length + i] = data[i]!;
  return tensor('int8', [2, encoding.features.length, data.length / encoding.features.length], stacked);
}

/** The arrays of a plot: `signal` and `reconstruction` as float64, `spikes` as `spikeTensor` makes them. */
export function encodingArrays(measured: MeasuredEncoding): ReadonlyMap<string, Tensor> {
  return new Map([
    ['spikes', spikeTensor(measured.encoding)],
    ['signal', signalTensor(measured.signal)],
    ['reconstruction', signalTensor(measured.reconstruction)],
  ]);
}

/**
 * The content of a spike file: .npz with the arrays of `encodingArrays`; .npy with the spikes; .csv with a row for each
 * step and a column for each train, called by the feature, or feature/channel. Equal encodings give equal bytes.
 */
export function writeSpikes(measured: MeasuredEncoding, format: SpikeFormat): Uint8Array | string {
  if (format === 'npz') return writeNpz(encodingArrays(measured));
  const { encoding } = measured;
  return format === 'npy' ? writeNpy(spikeTensor(encoding)) : writeColumns(trainsOf(encoding));
}

/**
 * Reads a spike file of any format back.
 * @throws Ann2SnnError `file-not-readable`, or `invalid-data` where its spikes are not what the settings make.
 */
export async function readSpikes(path: string, settings: EncodingSettings): Promise<SignalEncoding> {
  const format = spikeFormatOf(path);
  if (format === null) {
    const message = `expected spikes in a file whose name ends in ${SPIKE_FORMATS.map((f) => `.${f}`).join(', ')}`;
    throw new Ann2SnnError('invalid-data', { where: path, message });
  }
  const bytes = await readWhole(path);
  const shape = spikeShape(settings);
  const source = format === 'csv' ? fromCsv(bytes, path, shape) : fromNumpy(bytes, path, format);
  if (!sameShape(source.shape, shape)) {
    const message = `expected spikes ${showShape(shape)}, as the encoding says, found ${showShape(source.shape)}`;
    throw new Ann2SnnError('invalid-data', { where: path, message });
  }
  expectSpikes(source, path);
  const size = source.data.length / settings.features.length;
  const spikes = settings.features.map((_, f) =>
    Int8Array.from(source.data.subarray(f * size, (f + 1) * size)),
  );
  return { ...settings, spikes };
}

function spikeShape(settings: EncodingSettings): Shape {
  const { features, time, flat } = settings;
  const { channels, steps } = layoutOf(settings);
  if (channels * steps === 1) return flat ? [time] : [features.length, time];
  return [features.length, channels, time * steps];
}

function trainsOf(encoding: SignalEncoding) {
  const { channels, steps } = layoutOf(encoding);
  const length = encoding.time * steps;
  return encoding.features.flatMap(({ name }, f) =>
    Array.from({ length: channels }, (_, channel) => ({
      name: channels === 1 ? name : `${name}/${channel}`,
      values: encoding.spikes[f]!.subarray(channel * length, (channel + 1) * length),
    })),
  );
}

/** The columns of the file, one after the other, in the shape that they should have; their own where they do not fill it. */
function fromCsv(bytes: Uint8Array, path: string, shape: Shape): Tensor {
  const { features, time } = readSignalCsv(bytes, path);
  const data = new Float64Array(features.length * time);
  features.forEach(({ values }, f) => {
    data.set(values, f * time);
  });
  const trains = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const fits = features.length === trains && time === shape.at(-1);
  return tensor('float64', fits ? shape : [features.length, time], data);
}

function fromNumpy(bytes: Uint8Array, path: string, format: 'npy' | 'npz'): Tensor {
  if (format === 'npy') return readNpy(bytes, path);
  const members = openNpz(bytes, path);
  const spikes = members.get('spikes');
  if (spikes === undefined) {
    const message = `expected an array "spikes", found ${[...members.keys()].join(', ') || 'none'}`;
    throw new Ann2SnnError('invalid-data', { where: path, message });
  }
  return spikes.read();
}

function expectSpikes({ data }: Tensor, path: string): void {
  const problems: Problem[] = [];
  for (let i = 0; i < data.length && problems.length < 20; i++) {
    const s = data[i]!;
    if (s !== 0 && s !== 1 && s !== -1) {
      problems.push({
        where: `${path}: element ${i}`,
        message: `expected a spike of -1, 0 or 1, found ${s}`,
      });
    }
  }
  throwIfAny('invalid-data', problems);
}

// ONNX Runtime behind a narrow door: models in as bytes, tensors in and out. The only importer of onnxruntime-node.
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { narrowFloat16, widenFloat16 } from '../tensor/half.ts';
import { type DType, type Shape, type Tensor, tensor } from '../tensor/tensor.ts';

export interface SessionOptions {
  /** What the bytes are, for error messages. */
  readonly where: string;
  /** 'all' by default; 'disabled' runs the nodes as written. */
  readonly optimization?: 'disabled' | 'all';
  /** Contents of external data files, by the location that the model names. */
  readonly externalData?: ReadonlyMap<string, Uint8Array>;
}

/** A loaded model. */
export interface Session {
  readonly inputNames: readonly string[];
  /** Shape of one image of each input: without the batch axis. */
  readonly inputShapes: readonly Shape[];
  readonly outputNames: readonly string[];
  /** Runs the model. Floats are converted to the element type that the model asks for. */
  run(feeds: ReadonlyMap<string, Tensor>, fetches?: readonly string[]): Promise<ReadonlyMap<string, Tensor>>;
  /** Writes the outputs named in `into` there, in place: nothing may move that memory meanwhile. */
  runInto(feeds: ReadonlyMap<string, Tensor>, into: ReadonlyMap<string, Tensor>): Promise<void>;
  release(): Promise<void>;
}

const ORT_DTYPES: Readonly<Record<string, DType>> = {
  float32: 'float32',
  float64: 'float64',
  int8: 'int8',
  uint8: 'uint8',
  int16: 'int16',
  uint16: 'uint16',
  int32: 'int32',
  uint32: 'uint32',
  int64: 'int64',
  uint64: 'uint64',
  bool: 'bool',
};

/** It joins a Pad with the MaxPool behind it, whose own padding is no zero: negative values come out wrong (1.30). */
const WRONG_OPTIMIZER = 'Pad_Fusion';

/**
 * Loads a model into ONNX Runtime (CPU).
 * @throws Ann2SnnError `missing-dependency` when the package is absent, `runtime-failed` when it refuses the model.
 */
export async function openSession(bytes: Uint8Array, options: SessionOptions): Promise<Session> {
  const ort = await importRuntime();
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      // One thread: two lose where another process works on the other core (measured).
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: options.optimization ?? 'all',
      extra: { optimization: { disable_specified_optimizers: WRONG_OPTIMIZER } },
      logSeverityLevel: 3,
      ...(options.externalData === undefined
        ? {}
        : { externalData: [...options.externalData].map(([path, data]) => ({ path, data })) }),
    });
  } catch (error) {
    throw new Ann2SnnError(
      'runtime-failed',
      { where: options.where, message: `ONNX Runtime cannot load it: ${messageOf(error)}` },
      { cause: error },
    );
  }
  const types = new Map(
    session.inputMetadata.flatMap((info) => (info.isTensor ? [[info.name, info.type] as const] : [])),
  );
  const fed = (feeds: ReadonlyMap<string, Tensor>): Record<string, OrtTensor> =>
    Object.fromEntries([...feeds].map(([name, value]) => [name, toOrt(ort, value, types.get(name))]));
  const answered = async <R>(run: Promise<R>): Promise<R> => {
    try {
      return await run;
    } catch (error) {
      throw new Ann2SnnError(
        'runtime-failed',
        { where: options.where, message: `ONNX Runtime cannot run it: ${messageOf(error)}` },
        { cause: error },
      );
    }
  };
  return {
    inputNames: session.inputNames,
    inputShapes: session.inputMetadata.map((info) =>
      info.isTensor ? info.shape.slice(1).map((size) => Number(size)) : [],
    ),
    outputNames: session.outputNames,
    async run(feeds, fetches) {
      const results = await answered(session.run(fed(feeds), fetches ?? session.outputNames));
      return new Map(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
    },
    async runInto(feeds, into) {
      const places = [...into].map(([name, place]) => [name, toOrt(ort, place, place.dtype)]);
      await answered(session.run(fed(feeds), Object.fromEntries(places)));
    },
    release: () => session.release(),
  };
}

type Ort = typeof import('onnxruntime-node');

async function importRuntime(): Promise<Ort> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new Ann2SnnError(
      'missing-dependency',
      { where: 'onnxruntime-node', message: `cannot be loaded: ${messageOf(error)}` },
      { help: 'install it again with ONNXRUNTIME_NODE_INSTALL=skip npm install', cause: error },
    );
  }
}

function toOrt(ort: Ort, value: Tensor, wanted: string | undefined): OrtTensor {
  const dims = [...value.shape];
  switch (wanted ?? value.dtype) {
    case 'int64':
      return new ort.Tensor(
        'int64',
        BigInt64Array.from(value.data, (v) => BigInt(v)),
        dims,
      );
    case 'uint64':
      return new ort.Tensor(
        'uint64',
        BigUint64Array.from(value.data, (v) => BigInt(v)),
        dims,
      );
    case 'float64':
      return new ort.Tensor('float64', Float64Array.from(value.data), dims);
    case 'float16':
      return new ort.Tensor('float16', narrowFloat16(value.data), dims);
    default:
      return new ort.Tensor(value.dtype as 'float32', value.data as Float32Array, dims);
  }
}

function fromOrt(value: OrtTensor): Tensor {
  const shape = value.dims;
  if (value.type === 'float16') {
    // Bits where the JavaScript engine has no Float16Array, else the numbers themselves.
    const { data } = value;
    return tensor(
      'float32',
      shape,
      data instanceof Uint16Array ? widenFloat16(data) : Float32Array.from(data as Float32Array),
    );
  }
  const dtype = ORT_DTYPES[value.type];
  if (dtype === undefined) throw new RangeError(`ONNX Runtime returned a tensor of type ${value.type}`);
  if (dtype === 'int64' || dtype === 'uint64') {
    return tensor(dtype, shape, Float64Array.from(value.data as BigInt64Array, Number));
  }
  if (dtype === 'bool') return tensor('bool', shape, Uint8Array.from(value.data as Uint8Array));
  return tensor(dtype, shape, value.data as Float32Array);
}

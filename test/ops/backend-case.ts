// The ONNX project's single-operator cases: the model by our own reader, the tensors by an independent decoder.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import onnxProto from 'onnx-proto';
import type { OnnxModel } from '../../src/onnx/model.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { type DType, type Tensor, tensor } from '../../src/tensor/tensor.ts';

const { onnx } = onnxProto;

const ROOT = fileURLToPath(new URL('../../../shared/data/onnx-backend-tests/', import.meta.url));

export const backendCasesPresent = existsSync(ROOT);

export interface BackendCase {
  readonly model: OnnxModel;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
}

/** Every case as "suite/directory", sorted. */
export function backendCaseNames(): string[] {
  if (!backendCasesPresent) return [];
  return readdirSync(ROOT)
    .flatMap((suite) => readdirSync(`${ROOT}${suite}`).map((name) => `${suite}/${name}`))
    .sort();
}

/** Reads the model of a case. */
export function readBackendModel(name: string): OnnxModel {
  return readOnnx(readFileSync(`${ROOT}${name}/model.onnx`), { where: name });
}

/** Reads a case; its files number inputs and outputs in the order of the graph's. */
export function readBackendCase(name: string): BackendCase {
  const model = readBackendModel(name);
  const tensors = (kind: string, infos: OnnxModel['inputs']) =>
    new Map(
      infos.map((info, i) => [
        info.name,
        readTensorProto(readFileSync(`${ROOT}${name}/test_data_set_0/${kind}_${i}.pb`)),
      ]),
    );
  return { model, inputs: tensors('input', model.inputs), outputs: tensors('output', model.outputs) };
}

/** TensorProto.DataType numbers, and how the elements lie in raw_data. */
const ELEMENTS: Readonly<Record<number, { dtype: DType; read(view: DataView, i: number): number }>> = {
  1: { dtype: 'float32', read: (view, i) => view.getFloat32(4 * i, true) },
  2: { dtype: 'uint8', read: (view, i) => view.getUint8(i) },
  3: { dtype: 'int8', read: (view, i) => view.getInt8(i) },
  6: { dtype: 'int32', read: (view, i) => view.getInt32(4 * i, true) },
  7: { dtype: 'int64', read: (view, i) => Number(view.getBigInt64(8 * i, true)) },
  9: { dtype: 'bool', read: (view, i) => view.getUint8(i) },
  11: { dtype: 'float64', read: (view, i) => view.getFloat64(8 * i, true) },
};

function readTensorProto(bytes: Uint8Array): Tensor {
  const proto = onnx.TensorProto.decode(bytes);
  const element = ELEMENTS[proto.dataType];
  if (element === undefined) throw new Error(`no element type ${proto.dataType}`);
  const shape = proto.dims.map(Number);
  const out = tensor(element.dtype, shape);
  const { rawData } = proto;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  for (let i = 0; i < out.data.length; i++) out.data[i] = element.read(view, i);
  return out;
}

// Models for these tests, encoded by onnx-proto: a full schema and a codec that share nothing with ours.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import onnxProto from 'onnx-proto';
import { Ann2SnnError } from '../../src/errors.ts';

export const { onnx } = onnxProto;

export const SHARED = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** The .onnx files below a folder of the shared material; none where it is absent. */
export function sharedModels(folder: string): string[] {
  const root = join(SHARED, folder);
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.onnx')).map((file) => join(root, file));
}

type Graph = onnxProto.onnx.IGraphProto;
type Model = onnxProto.onnx.IModelProto;

/** Encodes a model around `graph`: IR 8, opset 13 unless `model` says otherwise. */
export function encode(graph: Graph, model: Model = {}): Uint8Array {
  const defaults = { irVersion: 8, opsetImport: [{ domain: '', version: 13 }] };
  return onnx.ModelProto.encode({ ...defaults, graph, ...model }).finish();
}

export function floatInfo(name: string, shape: readonly (number | string)[]): onnxProto.onnx.IValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: 1, shape: { dim } } } };
}

/** y = relu(x + w) over [N, 2], w = [1, -2]. */
export const addRelu: Graph = {
  name: 'add-relu',
  input: [floatInfo('x', ['N', 2])],
  output: [floatInfo('y', ['N', 2])],
  initializer: [{ name: 'w', dims: [2], dataType: 1, floatData: [1, -2] }],
  node: [
    { name: 'add', opType: 'Add', input: ['x', 'w'], output: ['s'] },
    { name: 'relu', opType: 'Relu', input: ['s'], output: ['y'] },
  ],
};

/** Runs `work` and returns the error that it must throw. */
export function failureOf(work: () => unknown): Ann2SnnError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Ann2SnnError) return thrown;
    throw thrown;
  }
  throw new Error('expected a failure');
}

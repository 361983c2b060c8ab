// Loads a model from disk, external tensors included.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { externalLoader } from './external-data.ts';
import type { OnnxModel } from './model.ts';
import { readOnnx } from './read.ts';

/** A model and the file that it came from. `sha256` is that of the .onnx file alone, in hexadecimal. */
export interface LoadedModel {
  readonly model: OnnxModel;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly path: string;
  /** Contents of the external files that its tensors lie in, by the location that the model names. */
  readonly externalData: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads and decodes the ONNX file at `path`.
 * @throws Ann2SnnError `file-not-readable`, and whatever `readOnnx` throws.
 */
export async function loadOnnx(path: string): Promise<LoadedModel> {
  const bytes = await readModelFile(path);
  const load = externalLoader(path);
  const externalData = new Map<string, Uint8Array>();
  const external = (location: string) => {
    const content = load(location);
    externalData.set(location, content);
    return content;
  };
  const model = readOnnx(bytes, { where: path, external });
  return { model, bytes, sha256: createHash('sha256').update(bytes).digest('hex'), path, externalData };
}

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).isFile()) return await readFile(path);
  } catch (thrown) {
    const message = `expected an ONNX file that can be read, found none (${messageOf(thrown)})`;
    throw new Ann2SnnError('file-not-readable', { where: path, message }, { cause: thrown });
  }
  throw new Ann2SnnError('file-not-readable', {
    where: path,
    message: 'expected an ONNX file, found a folder or device',
  });
}

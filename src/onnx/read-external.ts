// The bytes of a tensor whose values lie in a file beside the model.
import { Ann2SnnError } from '../errors.ts';
import type { TensorProto } from './generated/onnx.js';

/** Returns the whole file at `location`, a path relative to the model's folder. */
export type ExternalFiles = (location: string) => Uint8Array;

/**
 * The tensor's slice of its external file. Without a declared length it has the length of its shape.
 * @throws Ann2SnnError `external-data` when there is no such file or no such slice of it.
 */
export function readExternal(
  proto: TensorProto,
  expectedBytes: number,
  where: string,
  external: ExternalFiles | undefined,
): Uint8Array {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  if (external === undefined) {
    throw new Ann2SnnError(
      'external-data',
      { where, message: `its values lie in the file "${location}", but only the model's bytes were given` },
      { help: 'load the model from its path instead' },
    );
  }
  const file = openExternal(external, location, where);
  const offset = byteCount(entries.get('offset') ?? '0', 'offset', where);
  const length = byteCount(entries.get('length') ?? String(expectedBytes), 'length', where);
  if (offset + length > file.length) {
    const range = `bytes ${offset} to ${offset + length}`;
    const message = `expected ${range} in external data "${location}", found a file of ${file.length} bytes`;
    throw new Ann2SnnError('external-data', { where, message });
  }
  return file.subarray(offset, offset + length);
}

function openExternal(external: ExternalFiles, location: string, where: string): Uint8Array {
  try {
    return external(location);
  } catch (thrown) {
    if (!(thrown instanceof Ann2SnnError)) throw thrown;
    const problems = thrown.problems.map((p) => ({ where: `${where}, ${p.where}`, message: p.message }));
    throw new Ann2SnnError(thrown.code, problems, { cause: thrown });
  }
}

function byteCount(text: string, name: string, where: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  const message = `expected a number of bytes as the ${name} of its external data, found "${text}"`;
  throw new Ann2SnnError('external-data', { where, message });
}

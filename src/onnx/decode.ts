// Bytes to protobuf messages. Protobuf decodes a good deal of junk without complaint, so this is also the one
// place that decides whether a file is ONNX at all.
import protobuf from 'protobufjs/minimal.js';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { type GraphProto, type ModelProto, onnx } from './generated/onnx.js';
import { numberOf } from './int64.ts';
import { requireBudget } from './message-budget.ts';

/** Far above every version published, far below what junk decodes to. */
const HIGHEST_PLAUSIBLE_IR = 64;

/** How files that are mistaken for ONNX begin, in latin-1. */
const LOOKALIKES: readonly (readonly [prefix: string, what: string])[] = [
  ['version https://git-lfs', 'a Git LFS pointer; fetch the file itself with "git lfs pull"'],
  ['PK\x03\x04', 'a zip archive, perhaps of PyTorch or Keras; export the network to ONNX first'],
  ['\x89HDF', 'an HDF5 file, perhaps of Keras; export the network to ONNX first'],
  ['<', 'a web page or XML'],
  ['{', 'JSON'],
];

/** How a .snn file begins, in latin-1: the length of a header, and in it the network's format. */
const SPIKING = /^[\s\S]{8}\{"__metadata__":\{"network":"\{\\"format\\":\\"ann2snn-network/;

export type DecodedModel = ModelProto & { readonly graph: GraphProto };

/**
 * Decodes a ModelProto, keeping fields that our schema lacks.
 * @throws Ann2SnnError `not-onnx` for whatever is not a whole ONNX model.
 */
export function decodeModel(bytes: Uint8Array, where: string): DecodedModel {
  requireBudget(bytes, where);
  const model = decodeMessage(bytes, where);
  const irVersion = numberOf(model.irVersion);
  if (irVersion < 1 || irVersion > HIGHEST_PLAUSIBLE_IR) {
    throw notOnnx(bytes, where, `an IR version of ${irVersion}`);
  }
  if (model.graph === null) throw notOnnx(bytes, where, 'a model without a graph');
  if (model.graph.node.length === 0 && model.graph.output.length === 0) {
    throw notOnnx(bytes, where, 'a graph with neither nodes nor outputs');
  }
  return model as DecodedModel;
}

function decodeMessage(bytes: Uint8Array, where: string): ModelProto {
  if (bytes.length === 0) throw notOnnx(bytes, where, 'an empty file');
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = false;
  try {
    return onnx.ModelProto.decode(reader);
  } catch (thrown) {
    throw notOnnx(bytes, where, `bytes that cannot be decoded (${messageOf(thrown)})`, thrown);
  }
}

function notOnnx(bytes: Uint8Array, where: string, found: string, cause?: unknown): Ann2SnnError {
  const start = String.fromCharCode(...bytes.subarray(0, 128));
  if (SPIKING.test(start)) {
    const message = 'expected an ONNX model, found a spiking network';
    const help = 'this is a spiking network of ann2snn, not an ONNX model';
    return new Ann2SnnError('not-onnx', { where, message }, { help, cause });
  }
  const lookalike = LOOKALIKES.find(([prefix]) => start.startsWith(prefix));
  const help =
    lookalike === undefined
      ? 'the file may be cut off or of another format'
      : `this looks like ${lookalike[1]}`;
  return new Ann2SnnError(
    'not-onnx',
    { where, message: `expected an ONNX model, found ${found}` },
    { help, cause },
  );
}

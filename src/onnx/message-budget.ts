// What a file's messages would take in memory, reckoned from its bytes before any of them is decoded: an empty message takes
// two bytes in the file and some hundreds as an object, so that a file of 10 MB could ask for gigabytes.
import protobuf from 'protobufjs/minimal.js';
import { Ann2SnnError } from '../errors.ts';

/** Bytes in memory, measured roughly, of what is decoded and of what is made of it. */
const MESSAGE = 600;
const FIELD = 64;
/** Of one packed 64-bit integer, which may take one byte in the file. */
const INTEGER = 48;

/** Beside twice the file. The largest networks for pictures take a few MB. */
const ALLOWED = 40 * 2 ** 20;

/** Deeper messages are refused when they are decoded. */
const DEEPEST = 100;

/** Fields that hold messages of known kinds, by kind and number, and those of packed 64-bit integers. */
const FIELDS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: 'graph', 8: 'leaf', 14: 'leaf', 25: 'function' },
  function: { 7: 'node', 9: 'leaf' },
  graph: { 1: 'node', 5: 'tensor', 11: 'info', 12: 'info', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 8: 'integers' },
  tensor: { 1: 'integers', 7: 'integers', 11: 'integers', 13: 'leaf' },
  sparse: { 1: 'tensor', 2: 'tensor', 3: 'integers' },
  info: { 2: 'type' },
  type: { 1: 'tensor type' },
  'tensor type': { 2: 'shape' },
  shape: { 1: 'leaf' },
  leaf: {},
};

const DELIMITED = 2;

/**
 * Refuses a file whose messages would take far more memory than its bytes. Bytes that are no protobuf are left to the
 * decoder.
 * @throws Ann2SnnError `not-onnx`
 */
export function requireBudget(bytes: Uint8Array, where: string): void {
  const allowed = ALLOWED + 2 * bytes.length;
  const reader = protobuf.Reader.create(bytes);
  let cost = 0;
  const walk = (kind: string, end: number, depth: number): void => {
    const known = FIELDS[kind]!;
    cost += MESSAGE;
    while (reader.pos < end && cost <= allowed) {
      const tag = reader.uint32();
      const child = known[tag >>> 3];
      cost += FIELD;
      if ((tag & 7) !== DELIMITED || child === undefined) {
        reader.skipType(tag & 7);
        continue;
      }
      const length = reader.uint32();
      const childEnd = reader.pos + length;
      if (child === 'integers' || depth >= DEEPEST) cost += integersIn(bytes, reader.pos, childEnd) * INTEGER;
      else walk(child, Math.min(childEnd, end), depth + 1);
      reader.pos = childEnd;
    }
  };
  try {
    walk('model', bytes.length, 0);
  } catch {
    // Cut off or no protobuf at all: the decoder gets no further than here, and says so.
  }
  if (cost <= allowed) return;
  throw new Ann2SnnError('not-onnx', {
    where,
    message: `expected a model whose nodes and tensors fill it, found more messages than ${bytes.length} bytes account for`,
  });
}

/** How many varints end between two places. */
function integersIn(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < Math.min(to, bytes.length); i++) if (bytes[i]! < 0x80) count++;
  return count;
}

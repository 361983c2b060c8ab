// ONNX files from elsewhere: whatever is in them, a plan or one clear error, in bounded time and memory.

import { readFileSync, symlinkSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../src/errors.ts';
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  onnx,
  type TensorProto,
} from '../src/onnx/generated/onnx.js';
import { canonicalOps } from '../src/ops/index.ts';
import { prepare } from '../src/pipeline.ts';
import { MODEL } from './cli/digits.ts';
import { tempFolder } from './data/temp-folder.ts';
import { allowedGrowth, peakGrowth, peakIsKnown } from './peak-memory.ts';

/** Mutated files; FUZZ_RUNS=10000 for a long look. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 200);
/** No file may take longer, in seconds, however slow the machine. */
const LONGEST = 20;

const folder = tempFolder();
const files = [MODEL, MODEL.replace('digits.onnx', 'digits-int8.onnx')].map((path) => readFileSync(path));

/** Whether a file is refused, which must be by one Ann2SnnError. */
async function isRefused(path: string): Promise<boolean> {
  try {
    await prepare(path);
    return false;
  } catch (error) {
    if (!(error instanceof Ann2SnnError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    return true;
  }
}

/** Prepares a file within the bounds of time and memory. @param alone measures it apart from others */
async function bounded(bytes: Uint8Array, alone = false): Promise<boolean> {
  const path = await folder.put('model.onnx', bytes);
  let refused = false;
  const start = performance.now();
  const work = async () => {
    refused = await isRefused(path);
  };
  if (peakIsKnown) expect(await peakGrowth(work, alone)).toBeLessThan(allowedGrowth(bytes.length));
  else await work();
  expect((performance.now() - start) / 1000).toBeLessThan(LONGEST);
  return refused;
}

/** A byte set, a stretch cut out, repeated, or taken from elsewhere; the end cut off. */
const edit = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'cut', 'repeat', 'copy', 'end'),
  at: fc.nat(),
  from: fc.nat(),
  length: fc.integer({ min: 1, max: 40 }),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0xff, 0x80, 0x7f, 0)),
});

type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

function edited(file: Buffer, { kind, at, from, length, byte }: Edit): Buffer {
  if (file.length === 0) return file;
  const place = at % file.length;
  const head = file.subarray(0, place);
  if (kind === 'set') return Buffer.concat([head, Buffer.of(byte), file.subarray(place + 1)]);
  if (kind === 'cut') return Buffer.concat([head, file.subarray(place + length)]);
  if (kind === 'repeat') return Buffer.concat([file.subarray(0, place + length), file.subarray(place)]);
  if (kind === 'end') return head;
  const other = from % file.length;
  return Buffer.concat([head, file.subarray(other, other + length), file.subarray(place + length)]);
}

/** Numbers that are no sizes, or too large for one. */
const absurd = fc.constantFrom(
  -1,
  0,
  1,
  2,
  3,
  5,
  7,
  64,
  1000,
  65_537,
  1e6,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 40,
  2 ** 52,
  -(2 ** 31),
);

const change = fc.record({
  kind: fc.constantFrom(
    'dims',
    'data type',
    'operator',
    'operator',
    'rewire',
    'rewire',
    'attribute',
    'attribute',
    'attribute name',
    'drop',
    'double',
    'input shape',
    'output',
    'external',
    'nest',
    'tensor',
    'constant',
    'constant',
  ),
  node: fc.nat(),
  place: fc.nat(),
  other: fc.nat(),
  number: absurd,
  numbers: fc.array(absurd, { maxLength: 6 }),
});

type Change = typeof change extends fc.Arbitrary<infer E> ? E : never;

const operators = canonicalOps.map(({ name }) => name);
const more = [
  'ConstantOfShape',
  'Expand',
  'Tile',
  'Range',
  'Shape',
  'Gather',
  'Cast',
  'Unsqueeze',
  'Scan',
  'Loop',
  'If',
  'OneHot',
  'NonZero',
  'Resize',
  'Upsample',
  'Dropout',
  'QLinearConv',
  'Einsum',
];

/** Takes any element of a list, undefined where there is none. */
const pick = <T>(list: readonly T[], i: number): T | undefined => list[i % Math.max(1, list.length)];

/** Changes a model's messages in place: it stays protobuf, and becomes nonsense. */
function changed(model: ModelProto, { kind, node: n, place, other, number, numbers }: Change): void {
  const graph = model.graph!;
  const node = pick(graph.node, n);
  const tensor = pick(graph.initializer, n);
  if (node === undefined) return;
  switch (kind) {
    case 'dims':
      if (tensor !== undefined)
        tensor.dims = place % 2 ? numbers : tensor.dims.map((dim, i) => (i === place % 4 ? number : dim));
      break;
    case 'data type':
      if (tensor !== undefined) tensor.dataType = number;
      break;
    case 'operator':
      node.opType = pick([...operators, ...more], place)!;
      break;
    case 'rewire': {
      const names = [
        ...graph.node.flatMap(({ output }) => output),
        ...graph.initializer.map(({ name }) => name),
        '',
      ];
      node.input[place % (node.input.length + 1)] = pick(names, other)!;
      break;
    }
    case 'attribute': {
      const attribute = pick(node.attribute, place);
      if (attribute === undefined) break;
      attribute.i = number;
      attribute.f = number;
      if (attribute.ints.length > 0)
        attribute.ints =
          other % 2 ? numbers : attribute.ints.map((old, i) => (i === other % 3 ? number : old));
      break;
    }
    case 'attribute name': {
      const attribute = pick(node.attribute, place);
      const donor = pick(
        graph.node.flatMap(({ attribute: all }) => all),
        other,
      );
      if (attribute !== undefined && donor !== undefined) attribute.name = donor.name;
      break;
    }
    case 'drop':
      graph.node.splice(n % graph.node.length, 1);
      break;
    case 'double':
      graph.node.splice(place % graph.node.length, 0, node);
      break;
    case 'input shape': {
      const shape = pick(graph.input, n)?.type?.tensorType?.shape;
      if (shape == null) break;
      if (place % 2) shape.dim = numbers.map((dimValue) => ({ dimValue })) as typeof shape.dim;
      else
        shape.dim = shape.dim.map((dim, i) => (i === other % 4 ? ({ dimValue: number } as typeof dim) : dim));
      break;
    }
    case 'output':
      graph.output[0]!.name = pick(
        graph.node.flatMap(({ output }) => output),
        other,
      )!;
      break;
    case 'external':
      if (tensor === undefined) break;
      tensor.dataLocation = 1;
      tensor.externalData = [
        {
          key: 'location',
          value: pick(
            ['../model.onnx', '/etc/passwd', 'link', 'model.onnx', '.', '', 'a\0b', 'C:\\x'],
            place,
          )!,
        },
        { key: 'offset', value: String(number) },
        { key: 'length', value: String(pick(numbers, other) ?? '') },
      ];
      break;
    case 'nest':
      node.attribute.push({ name: 'body', type: 5, g: nested(place % 30) } as AttributeProto);
      break;
    case 'tensor':
      node.attribute.push({
        name: 'value',
        type: 4,
        t: { dims: numbers, dataType: 1, rawData: new Uint8Array(other % 64) },
      } as unknown as AttributeProto);
      break;
    case 'constant': {
      // What follows from constants is computed when the file is read, which must not make a file out of a number.
      const name = `constant${place}`;
      const rawData = new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer);
      graph.initializer.push({
        name,
        dims: [numbers.length],
        dataType: 7,
        rawData,
      } as unknown as TensorProto);
      const opType = pick(
        ['ConstantOfShape', 'Expand', 'Tile', 'Reshape', 'Range', 'Pad', 'Slice', 'Resize', 'OneHot'],
        other,
      )!;
      const input = opType === 'ConstantOfShape' ? [name] : [pick([...graph.initializer], n)!.name, name];
      graph.node.unshift({
        input,
        output: [`made${place}`],
        name: '',
        opType,
        attribute: [],
        domain: '',
      } as unknown as NodeProto);
      node.input[place % (node.input.length + 1)] = `made${place}`;
    }
  }
}

function nested(depth: number): GraphProto {
  const node =
    depth === 0 ? [] : [{ opType: 'If', attribute: [{ name: 'body', type: 5, g: nested(depth - 1) }] }];
  return { name: 'g', node } as unknown as GraphProto;
}

describe(`${RUNS} damaged ONNX files (FUZZ_RUNS)`, { timeout: 1_800_000 }, () => {
  it('in their bytes: each is planned or one Ann2SnnError', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.array(edit, { minLength: 1, maxLength: 3 }), async (file, edits) => {
        if (await bounded(edits.reduce(edited, files[file]!))) refused++;
      }),
      { numRuns: RUNS, seed: 11, endOnFailure: true },
    );
    expect(refused).toBeGreaterThan(RUNS / 8);
  });

  it('in their messages: each is planned or one Ann2SnnError', async () => {
    symlinkSync('/etc', folder.path('link'));
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.array(change, { minLength: 1, maxLength: 3 }), async (file, changes) => {
        let bytes: Uint8Array = files[file]!;
        for (const one of changes) {
          const model = onnx.ModelProto.decode(bytes);
          changed(model, one);
          bytes = onnx.ModelProto.encode(model).finish();
        }
        if (await bounded(bytes)) refused++;
      }),
      { numRuns: RUNS, seed: 12, endOnFailure: true },
    );
    expect(refused).toBeGreaterThan(RUNS / 4);
  });
});

/** A field of a message by its number, holding bytes. */
function field(number: number, content: Uint8Array): Buffer {
  let length = content.length;
  const head = [(number << 3) | 2];
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  return Buffer.concat([Buffer.from([...head, length]), content]);
}

/** A model of IR version 8 whose graph is these bytes. */
const modelOf = (graph: Uint8Array) => Buffer.concat([Buffer.of(8, 8), field(7, graph)]);
const SIZE = 2 ** 21;
const deep = (depth: number) => {
  let graph: Uint8Array = new Uint8Array();
  for (let i = 0; i < depth; i++) graph = field(1, field(5, field(6, graph)));
  return graph;
};

describe('an ONNX file made to take memory is refused', () => {
  it.each<[string, Uint8Array]>([
    ['empty nodes', modelOf(Buffer.alloc(SIZE, Buffer.of(0x0a, 0)))],
    ['empty initializers', modelOf(Buffer.alloc(SIZE, Buffer.of(0x2a, 0)))],
    ['a few nodes and empty attributes', modelOf(field(1, Buffer.alloc(SIZE, Buffer.of(0x2a, 0))))],
    ['a node of empty inputs', modelOf(field(1, Buffer.alloc(SIZE, Buffer.of(0x0a, 0))))],
    ['an attribute of small integers', modelOf(field(1, field(5, field(8, Buffer.alloc(SIZE, 1)))))],
    ['an initializer of small integers', modelOf(field(5, field(7, Buffer.alloc(SIZE, 1))))],
    [
      'a hundred thousand dimensions',
      modelOf(field(5, Buffer.concat([field(1, Buffer.alloc(1e5, 1)), Buffer.of(16, 1)]))),
    ],
    ['fifty thousand nodes without a type', modelOf(Buffer.alloc(100_000, Buffer.of(0x0a, 0)))],
    ['graphs in graphs', modelOf(deep(2000))],
    ['a length beyond the end', Buffer.from([8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a length of 2^63', Buffer.from([8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])],
  ])('%s', async (_, bytes) => expect(await bounded(bytes, true)).toBe(true));
});

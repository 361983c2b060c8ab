// Network files from elsewhere: whatever is in them, one clear error, and no more memory than the file itself backs.
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { readNetwork, writeNetwork } from '../../src/snn/network/network-file.ts';
import { isNpz, readNetworkNpz, writeNetworkNpz } from '../../src/snn/network/network-npz.ts';
import { dyadicNetwork } from '../engines/dyadic-network.ts';
import { quantizedNetwork } from '../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../snn/random-quantized-graph.ts';

/** Mutated files; FUZZ_RUNS=10000 for a long look. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 400);

function layout(header: unknown, data: number, claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (shape: number[], begin: number, end: number, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

/** Asserts one error, and that the memory of this process did not grow by more than it may. */
function expectCheapRefusal(file: Uint8Array, message: RegExp): void {
  const before = process.resourceUsage().maxRSS;
  expect(() => readNetwork(file, 'net.snn')).toThrow(expect.objectContaining({ code: 'invalid-network' }));
  expect(() => readNetwork(file, 'net.snn')).toThrow(message);
  const grown = (process.resourceUsage().maxRSS - before) * 1024;
  expect(grown).toBeLessThan(64 * 2 ** 20 + 4 * file.length);
}

describe('a file that claims more than it holds is refused', () => {
  it.each<[string, RegExp, Uint8Array]>([
    ['a huge header', /another kind of file/, layout({}, 0, 2n ** 63n)],
    ['a header of 2^53 bytes', /another kind of file/, layout({}, 0, 2n ** 53n)],
    ['offsets beyond the end', /within 4/, layout({ a: entry([2 ** 30], 0, 2 ** 32) }, 4)],
    ['a shape beyond its bytes', /expected 4294967296 bytes/, layout({ a: entry([2 ** 30], 0, 4) }, 4)],
    [
      'a shape without end',
      /expected Infinity bytes/,
      layout({ a: entry(Array(40).fill(2 ** 50), 0, 4) }, 4),
    ],
    ['another element type', /expected 8 bytes/, layout({ a: entry([1], 0, 4, 'F64') }, 4)],
    ['offsets backwards', /offsets 4 to 0/, layout({ a: entry([0], 4, 0) }, 4)],
    ['a gap', /gap or overlap/, layout({ a: entry([1], 4, 8) }, 8)],
  ])('%s', (_, message, file) => expectCheapRefusal(file, message));

  it('a thousand tensors that overlap', () => {
    const size = 2 ** 20;
    const one = entry([size / 4], 0, size);
    const entries = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, one]));
    expectCheapRefusal(layout(entries, size), /gap or overlap/);
  });
});

const { graph } = randomQuantizedGraph(4, true);
const networks = [dyadicNetwork(5).network, quantizedNetwork(graph).network({ lookAhead: true })];
const files = networks.flatMap((network) => [writeNetwork(network), writeNetworkNpz(network)]).map(asBuffer);
const archives = networks.map((network) => unzipSync(writeNetworkNpz(network)));

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

/** Edits of a file: a byte set, a stretch cut out, repeated, or taken from elsewhere. */
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom('set', 'set', 'cut', 'repeat', 'copy'),
    at: fc.nat(),
    from: fc.nat(),
    length: fc.integer({ min: 1, max: 40 }),
    byte: fc.nat(255),
    // Most bytes are weights, which may be anything; what is said about them stands in front.
    front: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

type Edit = typeof edits extends fc.Arbitrary<(infer E)[]> ? E : never;

function edited(file: Buffer, { kind, at, from, length, byte, front }: Edit): Buffer {
  if (file.length === 0) return file;
  const headerEnd = file.length < 8 ? file.length : 8 + file.readUInt32LE(0);
  const place = at % Math.max(1, front ? Math.min(headerEnd, file.length) : file.length);
  const head = file.subarray(0, place);
  if (kind === 'set') return Buffer.concat([head, Buffer.of(byte), file.subarray(place + 1)]);
  if (kind === 'cut') return Buffer.concat([head, file.subarray(place + length)]);
  if (kind === 'repeat') return Buffer.concat([file.subarray(0, place + length), file.subarray(place)]);
  const other = from % file.length;
  return Buffer.concat([head, file.subarray(other, other + length), file.subarray(place + length)]);
}

const read = (file: Uint8Array) =>
  isNpz(file) ? readNetworkNpz(file, 'net.npz') : readNetwork(file, 'net.snn');

/** Whether a file is refused, which must be by one Ann2SnnError. */
function isRefused(file: Uint8Array): boolean {
  try {
    read(file);
    return false;
  } catch (error) {
    if (!(error instanceof Ann2SnnError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    return true;
  }
}

describe(`${RUNS} damaged files (FUZZ_RUNS)`, { timeout: 1_800_000 }, () => {
  it('each are a network or one Ann2SnnError', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...files), edits, (file, changes) => {
        if (isRefused(changes.reduce(edited, file))) refused++;
      }),
      { numRuns: RUNS, seed: 6 },
    );
    expect(refused).toBeGreaterThan(RUNS / 4);
  });

  it('and those with one member of an archive damaged and packed again', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...archives),
        fc.nat(),
        edits,
        fc.constantFrom(0, 6),
        (members, pick, changes, level) => {
          const name = Object.keys(members)[pick % Object.keys(members).length]!;
          const damaged = changes.reduce(edited, asBuffer(members[name]!));
          if (isRefused(zipSync({ ...members, [name]: damaged }, { level: level as 0 | 6 }))) refused++;
        },
      ),
      { numRuns: RUNS, seed: 8 },
    );
    expect(refused).toBeGreaterThan(RUNS / 4);
  });
});

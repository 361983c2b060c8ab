// Network files from elsewhere: whatever is in them, one clear error, and no more memory than the file itself backs.
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { networkJson, readNetwork, writeNetwork } from '../../src/snn/network/network-file.ts';
import { isNpz, readNetworkNpz, writeNetworkNpz } from '../../src/snn/network/network-npz.ts';
import { writeNpy } from '../../src/tensor/npy.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { dyadicNetwork } from '../engines/dyadic-network.ts';
import { allowedGrowth, peakGrowth, peakIsKnown } from '../peak-memory.ts';
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

/** Asserts one error, and that resident memory did not grow by more than it may. */
async function expectCheapRefusal(file: Uint8Array, message: RegExp): Promise<void> {
  const refusal = () => {
    expect(() => read(file)).toThrow(message);
  };
  if (peakIsKnown) expect(await peakGrowth(refusal, true)).toBeLessThan(allowedGrowth(file.length));
  expect(() => read(file)).toThrow(Ann2SnnError);
  refusal();
}

const MANY = 2 ** 17;
const sample = JSON.parse(networkJson(dyadicNetwork(5).network)) as { readonly nodes: readonly object[] };
/** A file whose network is this text. */
const networkOf = (network: unknown, text = JSON.stringify(network)) =>
  layout({ __metadata__: { network: text } }, 0);
const withNodes = (nodes: readonly unknown[]) => networkOf({ ...sample, nodes });

describe('a header made to take memory is refused', () => {
  it.each<[string, RegExp, Uint8Array]>([
    ['a million empty nodes', /more than 500000 values/, withNodes(new Array(2 ** 20).fill({}))],
    [
      'lists in lists',
      /more than 500000 values/,
      networkOf(null, `${'['.repeat(2 ** 20)}${']'.repeat(2 ** 20)}`),
    ],
    ['very many invalid nodes', /at most 20000 nodes, found 131072/, withNodes(new Array(MANY).fill({}))],
    [
      'very many nodes with a fault each',
      /\.\.\. and 9980 more/,
      withNodes(new Array(10_000).fill({ ...sample.nodes[0], theta: -1 })),
    ],
    [
      'a shape without end',
      /at most 1000/,
      withNodes([{ ...sample.nodes[0], shape: new Array(MANY).fill(-1) }]),
    ],
    [
      'an amplitude for each of nobody',
      /at most 1000/,
      withNodes([{ ...sample.nodes[0], theta: new Array(MANY).fill(-1) }]),
    ],
    ['a million tensors', /more than 500000 values/, layout(new Array(2 ** 19).fill({}), 0)],
    [
      'a hundred thousand tensors',
      /expected an object/,
      layout(Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [i, 0])), 0),
    ],
  ])('%s', (_, message, file) => expectCheapRefusal(file, message));

  it('an archive whose members unpack to a thousand times their size', async () => {
    const array = writeNpy(tensor('uint8', [20 * 2 ** 20], new Uint8Array(20 * 2 ** 20)));
    await expectCheapRefusal(zipSync({ 'a.npy': array }, { level: 9 }), /bytes that unpack to/);
  });
});

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

  it('a thousand tensors that overlap', async () => {
    const size = 2 ** 20;
    const one = entry([size / 4], 0, size);
    const entries = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, one]));
    await expectCheapRefusal(layout(entries, size), /gap or overlap/);
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

/** Whether a file is refused, which must be by one Ann2SnnError, within the memory that it may take. */
async function isRefused(file: Uint8Array): Promise<boolean> {
  let refused = false;
  const attempt = () => {
    try {
      read(file);
    } catch (error) {
      if (!(error instanceof Ann2SnnError)) throw error;
      expect(error.problems.length).toBeGreaterThan(0);
      refused = true;
    }
  };
  if (peakIsKnown) expect(await peakGrowth(attempt)).toBeLessThan(allowedGrowth(file.length));
  else attempt();
  return refused;
}

describe(`${RUNS} damaged files (FUZZ_RUNS)`, { timeout: 1_800_000 }, () => {
  it('each are a network or one Ann2SnnError', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), edits, async (file, changes) => {
        if (await isRefused(changes.reduce(edited, file))) refused++;
      }),
      { numRuns: RUNS, seed: 6, endOnFailure: true },
    );
    expect(refused).toBeGreaterThan(RUNS / 4);
  });

  it('and those with one member of an archive damaged and packed again', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...archives),
        fc.nat(),
        edits,
        fc.constantFrom(0, 6),
        async (members, pick, changes, level) => {
          const name = Object.keys(members)[pick % Object.keys(members).length]!;
          const damaged = changes.reduce(edited, asBuffer(members[name]!));
          if (await isRefused(zipSync({ ...members, [name]: damaged }, { level: level as 0 | 6 }))) refused++;
        },
      ),
      { numRuns: RUNS, seed: 8, endOnFailure: true },
    );
    expect(refused).toBeGreaterThan(RUNS / 4);
  });
});

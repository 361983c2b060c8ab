// The .snn file: round trips of random networks, and files that do not hang together.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encoders } from '../../../src/encoders/index.ts';
import { Ann2SnnError } from '../../../src/errors.ts';
import type { Network } from '../../../src/snn/network/network.ts';
import { readNetwork, writeNetwork } from '../../../src/snn/network/network-file.ts';
import { readSafetensors, writeSafetensors } from '../../../src/tensor/safetensors.ts';
import { floatTensor, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { int, ints } from '../../ops/single-node.ts';
import { quantizedNetwork } from '../quantized-network.ts';
import { randomQuantizedGraph } from '../random-quantized-graph.ts';
import { filled, graphOf, type Line, networkOf, runTiny, type TinyModel, uniform } from '../tiny.ts';

const PADDED = { pads: ints(1, 1, 1, 1) };
const POOL = { kernel_shape: ints(2, 2), strides: ints(2, 2) };

/** What can be put between two layers of [2, 4, 4]; each takes the value `v` and gives the value `o`. */
const blocks: readonly ((v: string, o: string) => Line[])[] = [
  (v, o) => [
    ['Conv', [v, 'w', 'b'], `${o}a`, PADDED],
    ['Relu', [`${o}a`], o],
  ],
  (v, o) => [
    ['Conv', [v, 'w'], `${o}a`, PADDED],
    ['Add', [`${o}a`, v], `${o}b`],
    ['Relu', [`${o}b`], o],
  ],
  (v, o) => [
    ['Conv', [v, 'w'], `${o}a`, PADDED],
    ['Relu', [`${o}a`], `${o}b`],
    ['Concat', [`${o}b`, v], `${o}c`, { axis: int(1) }],
    ['Conv', [`${o}c`, 'join', 'b'], o],
  ],
  (v, o) => [['Mul', [v, 'scale'], o]],
  (v, o) => [
    ['Slice', [v, 'from', 'to'], `${o}a`],
    ['Pad', [`${o}a`, 'pads'], o],
  ],
  (v, o) => [['Transpose', [v], o, { perm: ints(0, 1, 3, 2) }]],
  (v, o) => [
    ['Conv', [v, 'w', 'b'], `${o}a`, PADDED],
    ['Clip', [`${o}a`, 'least', 'most'], o],
  ],
];

const next = uniform(51);
const constants: Record<string, Tensor> = {
  w: filled([2, 2, 3, 3], () => next() - 0.5),
  b: filled([2], next),
  join: filled([2, 4, 1, 1], () => next() - 0.5),
  scale: floatTensor([2, 1, 1], [0.5, -2]),
  from: { dtype: 'int64', shape: [4], data: Float64Array.of(0, 0, 0, 0) },
  to: { dtype: 'int64', shape: [4], data: Float64Array.of(2 ** 63, 2 ** 63, 3, -1) },
  pads: { dtype: 'int64', shape: [8], data: Float64Array.of(0, 0, 1, 0, 0, 0, 0, 1) },
  least: floatTensor([], [-0.5]),
  most: floatTensor([], [6]),
  fc: filled([8, 3], () => next() - 0.5),
};

const ending: Line[] = [
  ['MaxPool', ['last'], 'm', POOL],
  ['AveragePool', ['m'], 'p', { kernel_shape: ints(1, 1), strides: ints(1, 1) }],
  ['Flatten', ['p'], 'f'],
  ['Gemm', ['f', 'fc'], 'logits'],
  ['Softmax', ['logits'], 'y'],
];

function modelOf(choices: readonly number[]): TinyModel {
  const nodes = choices.flatMap((choice, i) =>
    blocks[choice]!(i === 0 ? 'x' : `v${i - 1}`, i === choices.length - 1 ? 'last' : `v${i}`),
  );
  return { input: [2, 4, 4], nodes: [...nodes, ...ending], constants };
}

const anyNetwork = fc
  .record({
    choices: fc.array(fc.nat(blocks.length - 1), { minLength: 1, maxLength: 5 }),
    T: fc.integer({ min: 3, max: 30 }),
    beta: fc.double({ min: 1.001, max: 2, noNaN: true }),
    Ts: fc.nat(2),
    phi: fc.double({ min: 0.5, max: 1, noNaN: true }),
    encoder: fc.constantFrom(...encoders.map(({ name }) => name)),
    theta: fc.oneof(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.constant([0.5, 0.125])),
  })
  .map(({ choices, theta, ...coding }) => {
    const graph = graphOf(modelOf(choices));
    const names = graph.nodes.flatMap((node) => (node.op === 'Relu' ? [node.outputs[0]!] : []));
    return networkOf(graph, { coding, theta: new Map(names.map((name) => [name as string, theta])) });
  });

const anyIntegerNetwork = fc
  .record({
    seed: fc.nat(),
    steps: fc.integer({ min: 3, max: 9 }),
    phi: fc.double({ min: 0.5, max: 1, noNaN: true }),
  })
  .map(({ seed, steps, phi }) =>
    quantizedNetwork(randomQuantizedGraph(seed, false).graph, steps).network({ Ts: seed % steps, phi }),
  )
  .filter((network) => network.arithmetic === 'integer');

describe('a network file', () => {
  it('comes back as it was written, and is written again with the same bytes', () => {
    fc.assert(
      fc.property(anyNetwork, (network) => {
        const bytes = writeNetwork(network);
        const read = readNetwork(bytes, 'net.snn');
        expect(read).toEqual(network);
        expect(Buffer.from(writeNetwork(read)).equals(bytes)).toBe(true);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('keeps an integer network as it is', () => {
    fc.assert(
      fc.property(anyIntegerNetwork, (network) => {
        const bytes = writeNetwork(network);
        const read = readNetwork(bytes, 'net.snn');
        expect(read).toEqual(network);
        expect(Buffer.from(writeNetwork(read)).equals(bytes)).toBe(true);
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  it('runs as before', async () => {
    const network = networkOf(graphOf(modelOf([0, 1, 2, 3, 4, 5, 6])), { coding: { T: 6, beta: 2, Ts: 2 } });
    const images = filled([2, 2, 4, 4], next);
    const again = await runTiny(readNetwork(writeNetwork(network), 'net.snn'), images);
    expect(again).toEqual(await runTiny(network, images));
  });

  it('with bytes changed or cut either opens or is refused as a bad network', () => {
    const bytes = writeNetwork(networkOf(graphOf(modelOf([0, 1]))));
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(bytes.length - 1), fc.nat(255), (length, place, byte) => {
        const changed = bytes.slice();
        changed[place] = byte;
        for (const broken of [changed, changed.subarray(0, length)]) {
          try {
            readNetwork(broken, 'net.snn');
          } catch (error) {
            if (!(error instanceof Ann2SnnError) || error.code !== 'invalid-network') throw error;
          }
        }
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

/** The same Conv twice, with a skip around the second: a membrane with one source and one with two. */
function residualNetwork(): Network {
  const onGrid = (value: string): Line[] => [
    ['QuantizeLinear', [value, 'step', 'zero'], `${value}.q`],
    ['DequantizeLinear', [`${value}.q`, 'step', 'zero'], `${value}.dq`],
  ];
  const weights = (...shape: number[]) =>
    tensor('int8', shape, [...filled(shape, () => Math.round(254 * next() - 127)).data]);
  const graph = graphOf({
    input: [2, 2, 2],
    nodes: [
      ...onGrid('x'),
      ['DequantizeLinear', ['w', 'unit'], 'wf'],
      ['DequantizeLinear', ['fc', 'unit'], 'fcf'],
      ['Conv', ['x.dq', 'wf', 'b'], 'c', PADDED],
      ['Relu', ['c'], 'a'],
      ...onGrid('a'),
      ['Conv', ['a.dq', 'wf'], 'd', PADDED],
      ['Add', ['d', 'x.dq'], 'e'],
      ['Relu', ['e'], 'r'],
      ...onGrid('r'),
      ['Flatten', ['r.dq'], 'f'],
      ['Gemm', ['f', 'fcf'], 'y'],
    ],
    constants: {
      step: floatTensor([], [0.5]),
      zero: tensor('int8', [], [0]),
      unit: floatTensor([], [0.125]),
      w: weights(2, 2, 3, 3),
      fc: weights(8, 3),
      b: floatTensor([2], [0.5, -0.25]),
    },
  });
  return quantizedNetwork(graph).network();
}

/** Replaces the leaf at a place counted over the whole tree. */
function withLeaf(tree: unknown, place: number, value: unknown): unknown {
  let count = 0;
  const walk = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return count++ === place ? value : part;
    return Object.fromEntries(Object.entries(part).map(([key, child]) => [key, walk(child)]));
  };
  return walk(tree);
}

describe('a file with one field changed', () => {
  it.each([
    ['float32', () => networkOf(graphOf(modelOf([0, 1, 4])))],
    ['integer', residualNetwork],
  ])('opens, or is refused as a bad network (%s)', (_, make) => {
    const { tensors, metadata } = readSafetensors(writeNetwork(make()), 'f');
    const json: unknown = JSON.parse(metadata.network!);
    const values = [null, true, -1, 0, 1, 0.5, 2 ** 53, 1e300, '', 'x', 'w', [], [0], [2 ** 31, 2 ** 31], {}];
    let refused = 0;
    for (let place = 0; place < 400; place++) {
      for (const value of values) {
        const changed = JSON.stringify(withLeaf(json, place, value));
        try {
          readNetwork(writeSafetensors({ tensors, metadata: { network: changed } }), 'net.snn');
        } catch (error) {
          if (!(error instanceof Ann2SnnError) || error.code !== 'invalid-network') throw error;
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});

type Json = Record<string, unknown> & { nodes: Record<string, unknown>[]; coding: Record<string, unknown> };
type Change = (json: Json, tensors: Map<string, Tensor>) => void;

/** The file of a network with its JSON or its tensors changed. */
function changedFile(network: Network, change: Change): Uint8Array {
  const { tensors, metadata } = readSafetensors(writeNetwork(network), 'f');
  const json = JSON.parse(metadata.network!) as Json;
  const own = new Map(tensors);
  change(json, own);
  return writeSafetensors({ tensors: own, metadata: { network: JSON.stringify(json) } });
}

const nodeOf = (json: Json, name: string, kind?: string) =>
  json.nodes.find((node) => node.name === name && (kind === undefined || node.kind === kind))!;
const edgeOf = (json: Json, name: string, i: number, kind?: string) =>
  (nodeOf(json, name, kind).sources as Record<string, unknown>[])[i]!;

/** Asserts that a file is refused as a bad network in these words. */
function expectRefused(file: Uint8Array, message: RegExp): void {
  try {
    readNetwork(file, 'net.snn');
  } catch (error) {
    expect(error).toBeInstanceOf(Ann2SnnError);
    expect((error as Ann2SnnError).code).toBe('invalid-network');
    expect((error as Error).message).toMatch(message);
    return;
  }
  expect.unreachable();
}

describe('a file that does not hang together is refused', () => {
  const network = networkOf(graphOf(modelOf([0, 1, 6])), { coding: { T: 6, beta: 2, Ts: 2 } });
  const ONE_SOURCE = /expected one source without a scale, and no bias: the network is float32/;

  it.each<[string, RegExp, Change]>([
    [
      'an unknown version',
      /format: .*found ann2snn-network\/99\nhelp: a newer ann2snn/,
      (json) => (json.format = 'ann2snn-network/99'),
    ],
    [
      'version 1',
      /format: expected ann2snn-network\/2, .*\nhelp: convert the model again/,
      (json) => (json.format = 'ann2snn-network/1'),
    ],
    ['an unknown arithmetic', /arithmetic/, (json) => (json.arithmetic = 'float16')],
    ['no arithmetic', /arithmetic/, (json) => delete json.arithmetic],
    ['a reason that is no text', /whyFloat/, (json) => (json.whyFloat = 1)],
    ['no nodes', /nodes/, (json) => (json.nodes = [])],
    ['an unknown kind', /nodes\.2\.kind/, (json) => (json.nodes[2]!.kind = 'x')],
    ['an unknown neuron', /neuron/, (json) => (nodeOf(json, 'v0').neuron = 'lif')],
    ['an unknown operator', /nodes\.1\.op/, (json) => (nodeOf(json, 'v0a').op = 'Softmax')],
    ['steps out of range', /net\.snn: coding: steps \(T\)/, (json) => (json.coding.T = 99)],
    ['a missing tensor', /no tensor is called "w"/, (_, tensors) => tensors.delete('w')],
    ['weights of another shape', /node "v0a"/, (_, tensors) => tensors.set('w', floatTensor([2, 2, 9, 1]))],
    [
      'weights of another type',
      /node "v0a"/,
      (_, tensors) => tensors.set('w', { ...tensors.get('w')!, dtype: 'int32', data: new Int32Array(36) }),
    ],
    ['a source from nowhere', /no earlier node produces "q"/, (json) => (edgeOf(json, 'v0a', 0).value = 'q')],
    ['a source from later on', /no earlier node/, (json) => (edgeOf(json, 'v0a', 0).value = 'last')],
    [
      'a wrong shape',
      /node "v0": expected shape \[2, 4, 4\]/,
      (json) => (nodeOf(json, 'v0').shape = [2, 4, 5]),
    ],
    ['a wrong start', /node "v0"/, (json) => (nodeOf(json, 'v0').start = 7)],
    ['a wrong delay', /all sources to arrive at step 4/, (json) => (edgeOf(json, 'lasta', 0).delaySteps = 1)],
    ['an encoder that starts late', /start at step 0/, (json) => (json.nodes[0]!.start = 1)],
    [
      'an encoder of spikes',
      /expected "x" to be an analog value/,
      (json) =>
        json.nodes.splice(1, 0, {
          ...json.nodes[0],
          name: 'z',
          output: 'z',
          source: { value: 'x', delaySteps: 0 },
        }),
    ],
    ['no encoder', /first node/, (json) => json.nodes.shift()],
    ['no readout', /expected a readout/, (json) => json.nodes.pop()],
    ['the name of the encoder on a neuron', /twice/, (json) => (nodeOf(json, 'v0').name = 'x')],
    ['a value twice', /"x" is produced twice/, (json) => (nodeOf(json, 'v0a').output = 'x')],
    [
      'a silent period beyond T',
      /silent period/,
      (json) => {
        nodeOf(json, 'v0').Ts = 1e9;
        nodeOf(json, 'v0').start = 1e9;
      },
    ],
    ['too few amplitudes', /expected 2 amplitudes/, (json) => (nodeOf(json, 'v0').theta = [1])],
    ['an amplitude of 0', /theta/, (json) => (nodeOf(json, 'v0').theta = 0)],
    [
      'running weights',
      /one running source/,
      (json) =>
        (nodeOf(json, 'v0a').sources = [
          { value: 'x', delaySteps: 0 },
          { value: 'x', delaySteps: 0 },
        ]),
    ],
    ['constants only', /running source/, (json) => (nodeOf(json, 'v0a').sources = [{ constant: 'w' }])],
    [
      'no attributes',
      /node "v0a": its attributes do not fit/,
      (json) => (nodeOf(json, 'v0a').attributes = {}),
    ],
    ['a pool of another shape', /node "m"/, (json) => (nodeOf(json, 'm').pool = {})],
    ['a neuron without sources', /nodes\.2\.sources/, (json) => (nodeOf(json, 'v0').sources = [])],
    [
      'two currents',
      ONE_SOURCE,
      (json) => (nodeOf(json, 'v0').sources = [edgeOf(json, 'v0', 0), edgeOf(json, 'v0', 0)]),
    ],
    ['a current with a scale', ONE_SOURCE, (json) => (edgeOf(json, 'v0', 0).scale = 'b')],
    ['a membrane with a bias', ONE_SOURCE, (json) => (nodeOf(json, 'v0').bias = 'b')],
    ['a readout with a bias', ONE_SOURCE, (json) => (nodeOf(json, 'y', 'readout').bias = 'b')],
    [
      'too many bounds',
      /expected "fc" to be float32 or float64 of shape \[\] or \[2\] or \[2, \d+, \d+\], found float32 \[3, 8\]/,
      (json) => (nodeOf(json, 'm').parameters = { low: 'fc' }),
    ],
    [
      'bounds from nowhere',
      /no tensor is called "q"/,
      (json) => (nodeOf(json, 'm').parameters = { high: 'q' }),
    ],
    [
      'bounds of a neuron that has none',
      /expected no parameters of tsa-relu, found low/,
      (json, tensors) => {
        tensors.set('low', floatTensor([]));
        Object.assign(nodeOf(json, 'm'), { neuron: 'tsa-relu', parameters: { low: 'low' } });
      },
    ],
    [
      'a function without what it depends on',
      /expected tsa-sigmoid to have the parameters unit/,
      (json) => (nodeOf(json, 'm').neuron = 'tsa-sigmoid'),
    ],
    ['a grid without steps', /grid\.scale/, (json) => (json.nodes[0]!.grid = { scale: 0, low: 0, high: 9 })],
    ['a grid between steps', /grid\.low/, (json) => (json.nodes[0]!.grid = { scale: 1, low: 0.5, high: 9 })],
  ])('%s', (_, message, change) => expectRefused(changedFile(network, change), message));

  it.each([
    ['tensors only', {}, /found tensors only/],
    ['no JSON', { network: '{' }, /to be JSON/],
    ['null', { network: 'null' }, /network/],
  ])('%s', (_, metadata: Record<string, string>, message) => {
    const file = writeSafetensors({ tensors: new Map(), metadata });
    expect(() => readNetwork(file, 'net.snn')).toThrow(Ann2SnnError);
    expect(() => readNetwork(file, 'net.snn')).toThrow(message);
  });

  it('with every offender at once', () => {
    const file = changedFile(network, (json, tensors) => {
      tensors.delete('w');
      nodeOf(json, 'm').start = 99;
    });
    const refusal = (): Network => readNetwork(file, 'net.snn');
    expect(refusal).toThrow(/node "v0a"(.|\n)*node "m"/);
  });
});

describe('a file of an integer network that does not hang together is refused', () => {
  const network = residualNetwork();
  const numbers = (shape: number[], dtype: 'float32' | 'float64' = 'float64') => tensor(dtype, shape);
  const SCALE = 'a.q.source0.scale';

  it('unlike the network itself', () => {
    expect(network.arithmetic).toBe('integer');
    expect(readNetwork(writeNetwork(network), 'net.snn')).toEqual(network);
  });

  it.each<[string, number[]]>([
    ['a number', []],
    ['a number for each channel', [2]],
    ['a number for each element', [2, 2, 2]],
  ])('unlike one whose scale and bias are %s', (_, shape) => {
    const file = changedFile(network, (_json, tensors) => {
      tensors.set(SCALE, numbers(shape)).set('a.q.bias', numbers(shape));
    });
    expect(readNetwork(file, 'net.snn').constants.get(SCALE)!.shape).toEqual(shape);
  });

  it.each<[string, RegExp, Change]>([
    [
      'a source without a scale',
      /node "a\.q": expected a scale for every source: the network is integer/,
      (json) => delete edgeOf(json, 'a.q', 0).scale,
    ],
    [
      'a second source without a scale',
      /node "r\.q": expected a scale for every source/,
      (json) => delete edgeOf(json, 'r.q', 1).scale,
    ],
    [
      'a readout without a scale',
      /node "y": expected a scale/,
      (json) => delete edgeOf(json, 'y', 0, 'readout').scale,
    ],
    ['a missing scale', /no tensor is called "a\.q\.source0\.scale"/, (_, tensors) => tensors.delete(SCALE)],
    ['a missing bias', /no tensor is called "a\.q\.bias"/, (_, tensors) => tensors.delete('a.q.bias')],
    [
      'a scale of another type',
      /expected "a\.q\.source0\.scale" to be float64 .*, found float32 \[\]/,
      (_, tensors) => tensors.set(SCALE, numbers([], 'float32')),
    ],
    [
      'a scale of another shape',
      /to be float64 of shape \[\] or \[2\] or \[2, 2, 2\], found float64 \[3\]/,
      (_, tensors) => tensors.set(SCALE, numbers([3])),
    ],
    [
      'a bias of another type',
      /expected "a\.q\.bias" to be float64/,
      (_, tensors) => tensors.set('a.q.bias', numbers([2], 'float32')),
    ],
    [
      'a bias of another shape',
      /found float64 \[2, 2\]/,
      (_, tensors) => tensors.set('a.q.bias', numbers([2, 2])),
    ],
    [
      'weights of floating point',
      /node "c": expected "wf" to be whole numbers, found float32/,
      (_, tensors) => tensors.set('wf', numbers([2, 2, 3, 3], 'float32')),
    ],
    ['a readout without sources', /sources/, (json) => (nodeOf(json, 'y', 'readout').sources = [])],
    [
      'a second source of another shape',
      /node "y": expected shape \[8\] from its sources, found \[3\]/,
      (json) => {
        const readout = nodeOf(json, 'y', 'readout');
        readout.sources = [
          edgeOf(json, 'y', 0, 'readout'),
          { ...edgeOf(json, 'y', 0, 'readout'), value: 'f' },
        ];
      },
    ],
    [
      'a second source at another step',
      /node "r\.q": expected all sources to arrive at step 7, found 7, 6/,
      (json) => (edgeOf(json, 'r.q', 1).delaySteps = 6),
    ],
    [
      'three bounds for two channels',
      /node "a\.q": expected "a\.q\.low" to be .* of shape \[\] or \[2\].*, found float64 \[3\]/,
      (_, tensors) => tensors.set('a.q.low', numbers([3])),
    ],
    ['a missing bound', /no tensor is called "a\.q\.high"/, (_, tensors) => tensors.delete('a.q.high')],
    ['scales under float32', /the network is float32/, (json) => (json.arithmetic = 'float32')],
  ])('%s', (_, message, change) => expectRefused(changedFile(network, change), message));
});

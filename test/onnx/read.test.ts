import { describe, expect, it } from 'vitest';
import type { AttributeValue } from '../../src/onnx/model.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { addRelu, encode, failureOf, floatInfo, onnx } from './fixtures.ts';

const read = (bytes: Uint8Array) => readOnnx(bytes, { where: 'm.onnx' });

describe('readOnnx', () => {
  it('reads the graph, its types and its weights', () => {
    const model = read(encode(addRelu, { producerName: 'test' }));
    expect(model).toEqual({
      irVersion: 8,
      opset: 13,
      opsets: new Map([['', 13]]),
      producer: 'test',
      graphName: 'add-relu',
      inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 2] }],
      outputs: [{ name: 'y', dtype: 'float32', shape: ['N', 2] }],
      nodes: [
        { name: 'add', opType: 'Add', domain: '', inputs: ['x', 'w'], outputs: ['s'], attributes: new Map() },
        { name: 'relu', opType: 'Relu', domain: '', inputs: ['s'], outputs: ['y'], attributes: new Map() },
      ],
      initializers: new Map([['w', { dtype: 'float32', shape: [2], data: Float32Array.of(1, -2) }]]),
    });
  });

  it('leaves weights that are listed as inputs out of the inputs', () => {
    const graph = { ...addRelu, input: [...addRelu.input!, floatInfo('w', [2])] };
    expect(read(encode(graph)).inputs.map((input) => input.name)).toEqual(['x']);
  });

  it('gives unnamed and doubly named nodes a name that nobody has', () => {
    const node = ['a', '', 'a', 'Relu_1', ''].map((name, i) => ({
      name,
      opType: 'Relu',
      input: [i === 0 ? 'x' : `v${i}`],
      output: [`v${i + 1}`],
    }));
    const names = read(encode({ ...addRelu, node })).nodes.map((n) => n.name);
    expect(names).toEqual(['a', 'Relu_1_', 'Relu_2', 'Relu_1', 'Relu_4']);
  });

  it('reads every kind of attribute, and only names what it does not take', () => {
    const text = (value: string) => new TextEncoder().encode(value);
    const body = { name: 'g', node: [], output: [] };
    const attribute = [
      { name: 'int', type: 2, i: -3 },
      { name: 'zero', type: 2 },
      { name: 'float', type: 1, f: 0.5 },
      { name: 'string', type: 3, s: text('SAME_UPPER \u03b2') },
      { name: 'ints', type: 7, ints: [1, -2] },
      { name: 'none', type: 7 },
      { name: 'floats', type: 6, floats: [0.25, -1] },
      { name: 'strings', type: 8, strings: [text('a'), text('b')] },
      { name: 'tensor', type: 4, t: { dataType: 6, dims: [2], int32Data: [7, -8] } },
      { name: 'body', type: 5, g: body },
      { name: 'untyped', ints: [4] },
      { name: 'formal', type: 2, refAttrName: 'outer' },
    ];
    const node = [{ ...addRelu.node![0]!, attribute }, addRelu.node![1]!];
    const { attributes } = read(encode({ ...addRelu, node })).nodes[0]!;
    const expected: Record<string, AttributeValue> = {
      int: { type: 'int', value: -3 },
      zero: { type: 'int', value: 0 },
      float: { type: 'float', value: 0.5 },
      string: { type: 'string', value: 'SAME_UPPER \u03b2' },
      ints: { type: 'ints', value: [1, -2] },
      none: { type: 'ints', value: [] },
      floats: { type: 'floats', value: [0.25, -1] },
      strings: { type: 'strings', value: ['a', 'b'] },
      tensor: { type: 'tensor', value: { dtype: 'int32', shape: [2], data: Int32Array.of(7, -8) } },
      body: { type: 'other', value: 'graph' },
      untyped: { type: 'ints', value: [4] },
      formal: { type: 'other', value: 'reference to an attribute of a function' },
    };
    expect(Object.fromEntries(attributes)).toEqual(expected);
  });

  it('reads declarations without shape, without type, of half precision and with unknown sizes', () => {
    const typed = (elemType: number) => ({ tensorType: { elemType } });
    const unknown = { tensorType: { elemType: 7, shape: { dim: [{}, { dimValue: -1 }, { dimParam: '' }] } } };
    const output = [
      { name: 'a' },
      { name: 'b', type: typed(1) },
      { name: 'c', type: typed(10) },
      { name: 'd', type: unknown },
      { name: 'e', type: { tensorType: { elemType: 16, shape: {} } } },
    ];
    expect(read(encode({ ...addRelu, output })).outputs).toEqual([
      { name: 'a', dtype: null, shape: null },
      { name: 'b', dtype: 'float32', shape: null },
      { name: 'c', dtype: 'float32', shape: null, half: true },
      { name: 'd', dtype: 'int64', shape: [null, null, null] },
      { name: 'e', dtype: 'float32', shape: [], half: true },
    ]);
  });

  it('names every input and output whose type it does not take', () => {
    const stringInfo = { name: 's', type: { tensorType: { elemType: 8 } } };
    const int4Info = { name: 'q', type: { tensorType: { elemType: 22 } } };
    const graph = { ...addRelu, input: [stringInfo], output: [int4Info] };
    const failure = failureOf(() => read(encode(graph)));
    expect(failure.code).toBe('unsupported-type');
    expect(failure.problems.map((p) => p.where)).toEqual(['m.onnx, input "s"', 'm.onnx, output "q"']);
    expect(failure.message).toMatch(/found string[\s\S]*found int4/);
  });

  it('refuses two initializers of one name, one without a name, and a node without a type', () => {
    const w = addRelu.initializer![0]!;
    const graph = {
      ...addRelu,
      initializer: [w, w, { ...w, name: '' }],
      node: [...addRelu.node!, { name: 'odd', input: ['y'], output: ['z'] }],
    };
    const failure = failureOf(() => read(encode(graph)));
    expect(failure.code).toBe('invalid-graph');
    expect(failure.problems.map((p) => p.where)).toEqual([
      'm.onnx, initializer "w"',
      'm.onnx, initializer ""',
      'm.onnx, node "odd" ()',
    ]);
  });

  it('refuses sparse initializers by name', () => {
    const graph = { ...addRelu, sparseInitializer: [{ values: { name: 'thin', dims: [0], dataType: 1 } }] };
    const failure = failureOf(() => read(encode(graph)));
    expect(failure.code).toBe('unsupported-type');
    expect(failure.problems[0]!.where).toContain('"thin"');
  });
});

describe('operator sets', () => {
  const withOpsets = (...opsetImport: { domain: string; version: number }[]) =>
    encode(addRelu, { opsetImport });

  it.each([6, 13, 21])('takes standard opset %i', (version) => {
    expect(read(withOpsets({ domain: '', version })).opset).toBe(version);
  });

  it.each([1, 5])(
    'takes opset %i of operators that have not changed, and names those that have',
    (version) => {
      expect(read(withOpsets({ domain: '', version })).opset).toBe(version);
      const node = addRelu.node!.map((n) => ({ ...n, opType: 'Reshape' }));
      const failure = failureOf(() =>
        read(encode({ ...addRelu, node }, { opsetImport: [{ domain: '', version }] })),
      );
      expect(failure.code).toBe('unsupported-opset');
      expect(failure.message).toContain(`found opset ${version} with Reshape, changed since then`);
    },
  );

  it.each([0, 22, 99])('refuses standard opset %i, naming it and what is supported', (version) => {
    const failure = failureOf(() => read(withOpsets({ domain: '', version })));
    expect(failure.code).toBe('unsupported-opset');
    expect(failure.message).toContain(`expected standard opset 6 to 21, found opset ${version}`);
  });

  it('reads ai.onnx as the standard domain, in imports and nodes', () => {
    const node = addRelu.node!.map((n) => ({ ...n, domain: 'ai.onnx' }));
    const opsetImport = [
      { domain: 'ai.onnx', version: 12 },
      { domain: 'com.microsoft', version: 1 },
    ];
    const model = read(encode({ ...addRelu, node }, { opsetImport }));
    expect(model.opsets).toEqual(
      new Map([
        ['', 12],
        ['com.microsoft', 1],
      ]),
    );
    expect(model.nodes.map((n) => n.domain)).toEqual(['', '']);
  });

  it('needs the standard opset only where a node does', () => {
    const failure = failureOf(() => read(withOpsets({ domain: 'qonnx', version: 1 })));
    expect(failure.code).toBe('unsupported-opset');
    expect(failure.message).toContain('found no import of it');
    const node = addRelu.node!.map((n) => ({ ...n, domain: 'qonnx' }));
    const model = read(encode({ ...addRelu, node }, { opsetImport: [{ domain: 'qonnx', version: 1 }] }));
    expect(model.opset).toBe(0);
  });

  it('refuses two versions of one domain', () => {
    const both = withOpsets({ domain: '', version: 12 }, { domain: 'ai.onnx', version: 13 });
    expect(failureOf(() => read(both)).message).toContain('found 12 and 13');
  });
});

describe('weights that are not numbers', () => {
  it('names every initializer that holds NaN or Infinity', () => {
    const initializer = [
      { name: 'w', dims: [2], dataType: 1, floatData: [1, Number.NaN] },
      { name: 'good', dims: [2], dataType: 1, floatData: [3e38, -1e-45] },
      { name: 'h', dims: [1], dataType: 10, int32Data: [0xfc00] },
      { name: 'd', dims: [2], dataType: 11, doubleData: [Infinity, -Infinity] },
    ];
    const failure = failureOf(() => read(encode({ ...addRelu, initializer })));
    expect(failure.code).toBe('invalid-weights');
    expect(failure.problems.map((p) => p.where)).toEqual(
      ['w', 'h', 'd'].map((name) => `m.onnx, initializer "${name}"`),
    );
    expect(failure.problems[2]!.message).toContain('Infinity at flat index 0 and 1 more like it');
  });

  it('finds them in Constant nodes, where an infinite bound is allowed', () => {
    const constant = (name: string, floatData: number[]) => ({
      name,
      opType: 'Constant',
      output: [name],
      attribute: [{ name: 'value', type: 4, t: { dims: [floatData.length], dataType: 1, floatData } }],
    });
    const bounded = { ...addRelu, node: [...addRelu.node!, constant('max', [Infinity])] };
    expect(read(encode(bounded)).nodes).toHaveLength(3);
    const broken = { ...addRelu, node: [...addRelu.node!, constant('weight', [0, Number.NaN])] };
    expect(failureOf(() => read(encode(broken))).problems[0]!.where).toContain('"weight"');
  });
});

describe('what is not ONNX', () => {
  const bytes = encode(addRelu);
  const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

  it.each([
    ['an empty file', new Uint8Array(0), 'found an empty file'],
    ['text', latin1('hello, this is no model at all\n'), 'expected an ONNX model'],
    ['zeros', new Uint8Array(100), 'expected an ONNX model'],
    ['a zip', latin1('PK\x03\x04\x14\x00rest'), 'looks like a zip archive'],
    ['HDF5', latin1('\x89HDF\r\n\x1a\nrest'), 'looks like an HDF5 file'],
    ['a Git LFS pointer', latin1('version https://git-lfs.github.com/spec/v1\n'), 'git lfs pull'],
    ['no graph', onnx.ModelProto.encode({ irVersion: 8 }).finish(), 'a model without a graph'],
    ['an empty graph', encode({ name: 'void' }), 'neither nodes nor outputs'],
    ['no IR version', encode(addRelu, { irVersion: 0 }), 'an IR version of 0'],
    ['an IR version from nowhere', encode(addRelu, { irVersion: 123456 }), 'an IR version of 123456'],
  ])('refuses %s', (_, junk, message) => {
    const failure = failureOf(() => read(junk));
    expect(failure.code).toBe('not-onnx');
    expect(failure.problems).toHaveLength(1);
    expect(failure.problems[0]!.where).toBe('m.onnx');
    expect(failure.message).toContain(message);
  });

  it('refuses a file cut off at any byte', () => {
    for (let length = 0; length < bytes.length; length++) {
      const { code } = failureOf(() => read(bytes.subarray(0, length)));
      expect(['not-onnx', 'unsupported-opset']).toContain(code);
    }
  });

  it('refuses graphs nested thousands deep without overflowing the stack', () => {
    const field = (tag: number, body: Buffer) => {
      const size: number[] = [];
      for (let rest = body.length; ; rest >>>= 7) {
        size.push(rest > 127 ? (rest & 127) | 128 : rest);
        if (rest <= 127) break;
      }
      return Buffer.concat([Buffer.from([(tag << 3) | 2, ...size]), body]);
    };
    // ModelProto.graph = 7, GraphProto.node = 1, NodeProto.attribute = 5, AttributeProto.g = 6.
    let graph = Buffer.alloc(0);
    for (let depth = 0; depth < 3000; depth++) graph = field(1, field(5, field(6, graph)));
    const model = Buffer.concat([Buffer.from([8, 8]), field(7, graph)]);
    expect(failureOf(() => read(model)).code).toBe('not-onnx');
  });
});

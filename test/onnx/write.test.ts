import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { AttributeValue, OnnxModel, ValueInfo } from '../../src/onnx/model.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { type AttributeSpec, type GraphSpec, writeOnnx, writeOnnxGraph } from '../../src/onnx/write.ts';
import {
  DTYPES,
  type DType,
  floatTensor,
  indexTensor,
  type Tensor,
  tensor,
} from '../../src/tensor/tensor.ts';
import { failureOf, onnx } from './fixtures.ts';

const read = (bytes: Uint8Array) => readOnnx(bytes, { where: 'm.onnx' });
const info = (name: string, shape: ValueInfo['shape'] = null): ValueInfo => ({
  name,
  dtype: 'float32',
  shape,
});

function node(
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, AttributeSpec> = {},
) {
  return {
    name: opType,
    opType,
    domain: '',
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes)),
  };
}

function graph(nodes: GraphSpec['nodes'], initializers: Record<string, Tensor> = {}): GraphSpec {
  return {
    name: 'g',
    inputs: [info('x')],
    outputs: [info('y')],
    nodes,
    initializers: new Map(Object.entries(initializers)),
  };
}

const attributes: Record<string, AttributeValue> = {
  int: { type: 'int', value: 0 },
  low: { type: 'int', value: -(2 ** 40) },
  float: { type: 'float', value: 0.5 },
  string: { type: 'string', value: 'μ' },
  ints: { type: 'ints', value: [1, -1] },
  none: { type: 'ints', value: [] },
  floats: { type: 'floats', value: [-0.25] },
  strings: { type: 'strings', value: ['a', ''] },
  tensor: { type: 'tensor', value: indexTensor([1, -1]) },
};

const everything: OnnxModel = {
  irVersion: 8,
  opset: 17,
  opsets: new Map([
    ['', 17],
    ['own', 3],
  ]),
  producer: 'test',
  graphName: 'main',
  inputs: [info('x', ['N', null, 3]), { name: 'untyped', dtype: null, shape: null }],
  outputs: [info('y', [])],
  nodes: [
    {
      name: 'n',
      opType: 'Op',
      domain: 'own',
      inputs: ['x', '', 'w'],
      outputs: ['y', ''],
      attributes: new Map(Object.entries(attributes)),
    },
  ],
  initializers: new Map(
    // 4 bits are read only.
    (Object.keys(DTYPES) as DType[])
      .filter((dtype) => !dtype.endsWith('int4'))
      .map((dtype) => [dtype, tensor(dtype, [2, 1], [0, 1])]),
  ),
};

describe('writeOnnx', () => {
  it('is read back as it was, and written the same way twice', () => {
    const bytes = writeOnnx(everything);
    expect(read(bytes)).toEqual(everything);
    expect(writeOnnx(read(bytes))).toEqual(bytes);
  });

  it('writes what onnx-proto decodes', () => {
    const model = onnx.ModelProto.decode(writeOnnx(everything));
    expect(onnx.ModelProto.verify(model)).toBeNull();
    const types = onnx.TensorProto.DataType;
    const stored = new Map(model.graph!.initializer!.map((i) => [i.name, types[i.dataType!]]));
    expect(Object.fromEntries(stored)).toEqual({
      float32: 'FLOAT',
      float64: 'DOUBLE',
      int8: 'INT8',
      uint8: 'UINT8',
      int16: 'INT16',
      uint16: 'UINT16',
      int32: 'INT32',
      uint32: 'UINT32',
      int64: 'INT64',
      uint64: 'UINT64',
      bool: 'BOOL',
    });
    const lengths = model.graph!.initializer!.map((i) => i.rawData!.length / 2);
    expect(lengths).toEqual([4, 8, 1, 1, 2, 2, 4, 4, 8, 8, 1]);
    const { attribute } = model.graph!.node![0]!;
    const kinds = attribute!.map((a) => onnx.AttributeProto.AttributeType[a.type!]);
    expect(kinds).toEqual(['INT', 'INT', 'FLOAT', 'STRING', 'INTS', 'INTS', 'FLOATS', 'STRINGS', 'TENSOR']);
    expect(String(attribute![1]!.i)).toBe(String(-(2 ** 40)));
    expect(attribute![4]!.ints!.map(Number)).toEqual([1, -1]);
    const dims = model.graph!.input![0]!.type!.tensorType!.shape!.dim!;
    expect(dims.map((dim) => dim.dimParam || (dim.dimValue && Number(dim.dimValue)) || null)).toEqual([
      'N',
      null,
      3,
    ]);
    expect(model.opsetImport!.map((o) => [o.domain, Number(o.version)])).toEqual([
      ['', 17],
      ['own', 3],
    ]);
  });

  it('names every attribute that was not read and so cannot be written', () => {
    const other: AttributeValue = { type: 'other', value: 'graph' };
    const nodes = ['a', 'b'].map((name) => ({ ...node('If', ['x'], ['y'], { then_branch: other }), name }));
    const failure = failureOf(() => writeOnnxGraph(graph(nodes), { opset: 17, irVersion: 8 }));
    expect(failure.code).toBe('unsupported-attribute');
    expect(failure.problems.map((p) => p.where)).toEqual(['node "a" (If)', 'node "b" (If)']);
    expect(failure.message).toContain('then_branch (graph)');
  });
});

describe('writeOnnxGraph', () => {
  const run = async (bytes: Uint8Array, feeds: Record<string, OrtTensor>) => {
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    return session.run(feeds);
  };

  it('records producer and metadata', () => {
    const options = { opset: 17, irVersion: 8, producer: 'me', metadata: { steps: '8', neuron: 'if' } };
    const model = onnx.ModelProto.decode(writeOnnxGraph(graph([node('Relu', ['x'], ['y'])]), options));
    expect(model.producerName).toBe('me');
    expect(model.metadataProps!.map((entry) => [entry.key, entry.value])).toEqual([
      ['steps', '8'],
      ['neuron', 'if'],
    ]);
  });

  it.each([3, 8])('writes Conv and Relu that ONNX Runtime runs, at IR version %i', async (irVersion) => {
    const nodes = [
      node('Conv', ['x', 'w', 'b'], ['c'], { pads: { type: 'ints', value: [0, 1, 0, 0] } }),
      node('Relu', ['c'], ['y']),
    ];
    const initializers = {
      w: floatTensor([2, 1, 1, 2], [1, -1, 2, 0.5]),
      b: floatTensor([2], [0, -3]),
    };
    const spec = { ...graph(nodes, initializers), inputs: [info('x', ['N', 1, 1, 3])] };
    const { y } = await run(writeOnnxGraph(spec, { opset: 11, irVersion }), {
      x: new OrtTensor('float32', [1, 2, 4], [1, 1, 1, 3]),
    });
    // Padded row [0, 1, 2, 4]: differences 0-1, 1-2, 2-4 are clipped; 2a + b/2 - 3 gives -2.5, 0, 3.
    expect(y!.dims).toEqual([1, 2, 1, 3]);
    expect([...(y!.data as Float32Array)]).toEqual([0, 0, 0, 0, 0, 3]);
  });

  it('writes a Scan whose body leaks and adds, which ONNX Runtime runs', async () => {
    const body: GraphSpec = {
      name: 'step',
      inputs: [info('h'), info('x_t')],
      outputs: [info('h_next'), info('h_out')],
      nodes: [
        node('Mul', ['beta', 'h'], ['leaked']),
        node('Add', ['leaked', 'x_t'], ['h_next']),
        node('Identity', ['h_next'], ['h_out']),
      ],
      initializers: new Map([['beta', floatTensor([], [0.5])]]),
    };
    const scan = node('Scan', ['h0', 'x'], ['h_last', 'y'], {
      body: { type: 'graph', value: body },
      num_scan_inputs: { type: 'int', value: 1 },
    });
    const spec = { ...graph([scan], { h0: floatTensor([2]) }), inputs: [info('x', ['T', 2])] };
    const { y } = await run(writeOnnxGraph(spec, { opset: 17, irVersion: 8 }), {
      x: new OrtTensor('float32', [8, 1, 0, 2, 0, 4], [3, 2]),
    });
    // Left: 8, 8/2, 4/2. Right: 1, 1/2 + 2, 2.5/2 + 4.
    expect([...(y!.data as Float32Array)]).toEqual([8, 1, 4, 2.5, 2, 5.25]);
  });

  it('is read back with the body of a Scan only named', () => {
    const scan = node('Scan', ['x'], ['y'], { body: { type: 'graph', value: graph([]) } });
    const model = read(writeOnnxGraph(graph([scan]), { opset: 17, irVersion: 8 }));
    expect(model.nodes[0]!.attributes.get('body')).toEqual({ type: 'other', value: 'graph' });
  });
});

import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exposeValues } from '../../src/onnx/expose.ts';
import { addRelu, encode, failureOf, onnx } from './fixtures.ts';

const bytes = encode(addRelu, { producerVersion: '1.2', docString: 'kept', modelVersion: 7 });

describe('exposeValues', () => {
  it('appends inner values to the outputs, each once', () => {
    const exposed = onnx.ModelProto.decode(exposeValues(bytes, ['s', 'y', 's']));
    expect(exposed.graph!.output!.map((output) => output.name)).toEqual(['y', 's']);
  });

  it('keeps everything else, also fields that our schema lacks', () => {
    const graph = {
      ...addRelu,
      docString: 'graph',
      valueInfo: [{ name: 's', type: { tensorType: { elemType: 1 } } }],
      node: addRelu.node!.map((n) => ({ ...n, docString: 'from here' })),
    };
    const model = { producerVersion: '1.2', docString: 'kept', modelVersion: 7, domain: 'org' };
    const original = onnx.ModelProto.decode(encode(graph, model));
    const exposed = onnx.ModelProto.decode(exposeValues(encode(graph, model), ['s']));
    expect(exposed.graph!.output!.pop()!.name).toBe('s');
    expect(exposed.toJSON()).toEqual(original.toJSON());
  });

  it('keeps fields newer than any schema', () => {
    // Field 99, length-delimited, three bytes: appended to the model it is a legal unknown field.
    const unknown = Uint8Array.of(((99 << 3) & 127) | 128 | 2, (99 << 3) >> 7, 3, 1, 2, 3);
    const exposed = exposeValues(Uint8Array.of(...bytes, ...unknown), ['s']);
    expect(Buffer.from(exposed).includes(Buffer.from(unknown))).toBe(true);
  });

  it('makes ONNX Runtime hand the value out', async () => {
    const session = await InferenceSession.create(exposeValues(bytes, ['s']));
    const { s, y } = await session.run({ x: new OrtTensor('float32', [-3, 5], [1, 2]) });
    expect([...(s!.data as Float32Array)]).toEqual([-2, 3]);
    expect([...(y!.data as Float32Array)]).toEqual([0, 3]);
  });

  it('names every value that the graph does not have', () => {
    const failure = failureOf(() => exposeValues(bytes, ['s', 'nowhere', '']));
    expect(failure.code).toBe('unknown-name');
    expect(failure.problems.map((p) => p.where)).toEqual(['value "nowhere"', 'value ""']);
  });
});

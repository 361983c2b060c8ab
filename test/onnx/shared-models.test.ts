// Real exports, decoded by us and by onnx-proto: the same nodes, weights and declarations.
import { readFileSync, statSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { exposeValues } from '../../src/onnx/expose.ts';
import { loadOnnx } from '../../src/onnx/load.ts';
import type { OnnxModel } from '../../src/onnx/model.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import type { TypedArray } from '../../src/tensor/tensor.ts';
import { onnx, SHARED, sharedModels } from './fixtures.ts';

const MAX_BYTES = 15e6;
const models = sharedModels('models').filter((file) => statSync(file).size < MAX_BYTES);
const operators = sharedModels('data/onnx-backend-tests');
const absent = models.length === 0 ? ' (skipped: ../shared/models is absent)' : '';

const bytesOf = (data: TypedArray) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
const outline = (model: OnnxModel) => [...model.initializers].map(([name, w]) => [name, w.dtype, w.shape]);

describe.skipIf(models.length === 0)(`real models${absent}`, () => {
  it.each(models.map((file) => [relative(SHARED, file), file]))(
    '%s decodes as onnx-proto decodes it',
    async (_, file) => {
      const { model, bytes } = await loadOnnx(file);
      const { graph, irVersion, opsetImport } = onnx.ModelProto.decode(bytes);
      const nodes = graph!.node!.map((n) => [n.opType, n.input, n.output, n.attribute!.map((a) => a.name)]);
      const weights = graph!.initializer!.map((i) => [i.name, i.dims!.map(Number)]);
      const hidden = new Set(weights.map(([name]) => name));
      expect(model.irVersion).toBe(Number(irVersion));
      expect([...model.opsets.values()]).toEqual(opsetImport!.map((opset) => Number(opset.version)));
      expect(model.nodes.map((n) => [n.opType, n.inputs, n.outputs, [...n.attributes.keys()]])).toEqual(
        nodes,
      );
      expect([...model.initializers].map(([name, { shape }]) => [name, shape])).toEqual(weights);
      expect(model.inputs.map((i) => i.name)).toEqual(
        graph!.input!.map((i) => i.name).filter((name) => !hidden.has(name!)),
      );
      expect(model.outputs.map((o) => o.name)).toEqual(graph!.output!.map((o) => o.name));
      expect(new Set(model.nodes.map((n) => n.name)).size).toBe(model.nodes.length);
    },
  );

  it.each(models.map((file) => [basename(file), file]))('%s survives being written', async (_, file) => {
    const { model } = await loadOnnx(file);
    const bytes = writeOnnx(model);
    const again = readOnnx(bytes, { where: file });
    expect({ ...again, initializers: outline(again) }).toEqual({ ...model, initializers: outline(model) });
    for (const [name, { data }] of model.initializers) {
      expect(bytesOf(again.initializers.get(name)!.data).equals(bytesOf(data)), name).toBe(true);
    }
    const decoded = onnx.ModelProto.decode(bytes);
    expect(decoded.graph!.node!.map((n) => n.name)).toEqual(model.nodes.map((n) => n.name));
  });

  it('keeps all of a real file when it exposes a value', () => {
    const bytes = readFileSync(models.find((file) => file.endsWith('resnet20.onnx'))!);
    const original = onnx.ModelProto.decode(bytes);
    const name = original.graph!.node![3]!.output![0]!;
    const exposed = onnx.ModelProto.decode(exposeValues(bytes, [name]));
    expect(exposed.graph!.output!.pop()!.name).toBe(name);
    expect(exposed.toJSON()).toEqual(original.toJSON());
  });
});

describe.skipIf(operators.length === 0)(
  `single operators${operators.length === 0 ? ' (skipped: ../shared/data is absent)' : ''}`,
  () => {
    it.each(operators.map((file) => [relative(SHARED, file), file]))(
      '%s is read alike or refused by name',
      (_, file) => {
        const bytes = readFileSync(file);
        const graph = onnx.ModelProto.decode(bytes).graph!;
        try {
          const model = readOnnx(bytes, { where: file });
          expect(model.nodes.map((n) => n.opType)).toEqual(graph.node!.map((n) => n.opType));
          expect(model.outputs.map((o) => o.name)).toEqual(graph.output!.map((o) => o.name));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Ann2SnnError);
          expect((thrown as Ann2SnnError).code).toMatch(/^unsupported-(type|opset)$/);
        }
      },
    );
  },
);

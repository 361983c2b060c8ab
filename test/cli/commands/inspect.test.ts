import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadOnnx } from '../../../src/onnx/load.ts';
import type { Inspection } from '../../../src/report/inspection.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { CALIBRATION_SET, MODEL } from '../digits.ts';
import { invoke, refused, succeed } from '../invoke.ts';
import { node, tinyOnnx } from '../tiny-onnx.ts';

const folder = tempFolder();

describe('inspect', () => {
  it('tells what the file holds and the fate of every node', async () => {
    const inspection = JSON.parse(await succeed('inspect', MODEL, '--json')) as Inspection;
    const { model } = await loadOnnx(MODEL);
    expect(inspection).toMatchObject({
      file: 'digits.onnx',
      opset: model.opset,
      inputs: [{ name: 'image', shape: ['N', 1, 8, 8] }],
      outputs: [{ name: 'logits', shape: ['N', 10] }],
      refusal: null,
    });
    expect(inspection.fates.map(({ node: name }) => name)).toEqual(model.nodes.map(({ name }) => name));
    const text = await succeed('inspect', MODEL);
    for (const { name } of model.nodes) expect(text).toContain(`\n${name} `);
  });

  it('counts a tiny network as one does by hand', async () => {
    const path = await folder.put('tiny.onnx', tinyOnnx());
    const inspection = JSON.parse(await succeed('inspect', path, '--json')) as Inspection;
    expect(inspection).toMatchObject({ parameters: 8, neurons: 4, neuronLayers: 1 });
    expect(inspection.operations).toMatchObject({ macs: 8, effectiveMacs: 8 });
    expect(inspection.fates.map(({ kind }) => kind)).toEqual(['neuron', 'linear', 'linear']);
  });

  it('says the same twice', async () => {
    expect(await succeed('inspect', MODEL, '--json')).toBe(await succeed('inspect', MODEL, '--json'));
  });
});

describe('inspect of a quantized model', () => {
  const QUANTIZED = MODEL.replace('digits.onnx', 'digits-int8.onnx');

  it('tells the fate of every QuantizeLinear and DequantizeLinear, with its scale', async () => {
    const { fates, refusal, neuronLayers } = JSON.parse(
      await succeed('inspect', QUANTIZED, '--json'),
    ) as Inspection;
    expect([refusal, neuronLayers]).toEqual([null, 3]);
    const { model } = await loadOnnx(QUANTIZED);
    const text = await succeed('inspect', QUANTIZED);
    const found = { QuantizeLinear: 0, DequantizeLinear: 0 };
    for (const { name, opType, inputs } of model.nodes) {
      if (opType !== 'QuantizeLinear' && opType !== 'DequantizeLinear') continue;
      found[opType]++;
      const fate = fates.find((each) => each.node === name)!;
      const last = /^part of "(.*)"$/.exec(fate.detail)?.[1] ?? name;
      const { detail } = fates.find((each) => each.node === last)!;
      expect(fate.op).toBe(opType);
      expect(text.includes(`\n${name} `), name).toBe(fate.kind !== 'constant');
      const scale = model.initializers.get(inputs[1]!)!.data;
      const told = scale.length === 1 ? `scale ${scale[0]!.toPrecision(6)}` : `${scale.length} scales`;
      if (opType === 'QuantizeLinear' || model.initializers.has(inputs[0]!)) {
        expect(detail, name).toContain(told);
      } else {
        expect(fate.detail, name).not.toBe('');
      }
    }
    // The input and three Relus; those and the weights and biases of five layers.
    expect(found.QuantizeLinear).toBe(4);
    expect(found.DequantizeLinear).toBeGreaterThanOrEqual(4 + 5);
  });
});

describe('inspect refuses', () => {
  it('every unknown operator by name, after the table', async () => {
    const middle = [
      node('first', 'Shrink', ['x'], 'a'),
      node('fine', 'Relu', ['a'], 'b'),
      node('second', 'TopK', ['b'], 'c'),
      node('third', 'MyOwn', ['c'], 'y', {}, 'my.domain'),
    ];
    const path = await folder.put('unknown.onnx', tinyOnnx({ middle }));
    const { code, out, err } = await invoke('inspect', path);
    expect(code).toBe(1);
    const lines = err.trimEnd().split('\n');
    expect(lines[0]).toBe('error [unsupported-operator]');
    expect(lines.slice(1).map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'node "first" (Shrink)',
      'node "second" (TopK)',
      'node "third" (my.domain.MyOwn)',
    ]);
    expect(out).toMatch(/\nsecond +TopK +refused +/);
    expect(out).not.toMatch(/\nfine /);
    expect(out).toMatch(/\nnot reached, because the file is refused: 3\n$/);
    const { out: json } = await invoke('inspect', path, '--json');
    expect(JSON.parse(json)).toMatchObject({ neurons: null, refusal: lines.slice(1).join('\n') });
  });

  it('a shape that stays unknown', async () => {
    const path = await folder.put('dynamic.onnx', tinyOnnx({ input: ['N', 1, 'height', null] }));
    const text = await refused('dynamic-shape', 'inspect', path);
    expect(text).toContain('input "x"');
    expect(text).toContain('axis 2 ("height"), axis 3 (?)');
  });

  it('weights that are not numbers', async () => {
    const head = [1, Number.NaN, 1, 1, Number.POSITIVE_INFINITY, 1, 1, 1];
    const path = await folder.put('nan.onnx', tinyOnnx({ head }));
    expect(await refused('invalid-weights', 'inspect', path)).toMatch(
      /initializer "w": expected finite weights, found NaN at flat index 1 and 1 more/,
    );
  });

  it('a value that nothing provides', async () => {
    const path = await folder.put('loose.onnx', tinyOnnx({ middle: [node('r', 'Relu', ['gone'], 'y')] }));
    expect(await refused('invalid-graph', 'inspect', path)).toContain('r: reads "gone"');
  });

  it.each<[string, () => Promise<Uint8Array | string>]>([
    ['an empty file', async () => ''],
    ['text', async () => 'this is not a model\n'],
    ['JSON', async () => '{"model": 1}'],
    ['a PNG', async () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d)],
    ['a data set', () => readFile(CALIBRATION_SET)],
    ['a model cut in half', async () => (await readFile(MODEL)).subarray(0, 60_000)],
    ['a model that lacks its last byte', async () => (await readFile(MODEL)).subarray(0, -1)],
  ])('%s: not ONNX', async (name, content) => {
    const path = await folder.put(`${name.replaceAll(' ', '-')}.onnx`, await content());
    expect(await refused('not-onnx', 'inspect', path)).toContain(`${path}: expected an ONNX model, found `);
  });

  it('what is not there, and what is a folder', async () => {
    await refused('file-not-readable', 'inspect', folder.path('none.onnx'));
    await refused('file-not-readable', 'inspect', folder.path(''));
  });
});

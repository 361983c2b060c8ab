// From a decoded file to a graph: shapes, constants and what is refused.
import { describe, expect, it } from 'vitest';
import { factOf, valueId } from '../../src/graph/graph.ts';
import { importGraph, unsupportedNodes } from '../../src/graph/import.ts';
import { floatTensor, indexTensor, tensor } from '../../src/tensor/tensor.ts';
import { int, ints } from '../ops/single-node.ts';
import { refusalOf } from '../passes/refusal.ts';
import { fileNode, floatInput, modelOf } from './model-of.ts';

const image = floatInput('x', ['N', 2, 3, 3]);

describe('importGraph', () => {
  it('folds the flatten that exporters compute from the shape', () => {
    const { graph, fates } = importGraph(
      modelOf(
        [image],
        [
          fileNode('Relu', ['x'], 'a'),
          fileNode('Shape', ['a'], 'shape'),
          fileNode('Gather', ['shape', 'zero'], 'batch'),
          fileNode('Unsqueeze', ['batch', 'axes'], 'first'),
          fileNode('Concat', ['first', 'rest'], 'target', { axis: int(0) }),
          fileNode('Reshape', ['a', 'target'], 'y'),
        ],
        { zero: tensor('int64', [], [0]), axes: indexTensor([0]), rest: indexTensor([-1]) },
      ),
    );
    expect(graph.nodes.map((node) => node.name)).toEqual(['a', 'y']);
    expect(graph.nodes[1]!.attributes).toMatchObject({ shape: [1, -1] });
    expect(factOf(graph, valueId('y')).shape).toEqual([1, 18]);
    expect(fates.map(({ node, op, kind }) => `${node} ${op} ${kind}`)).toEqual([
      'shape Shape constant',
      'batch Gather constant',
      'first Unsqueeze constant',
      'target Concat constant',
    ]);
  });

  it('names every node that cannot be read, but none that only reads their values', async () => {
    const model = modelOf(
      [image],
      [
        fileNode('QuantizeLinear', ['x', 'zero'], 'a'),
        fileNode('DequantizeLinear', ['a', 'one'], 'b'),
        fileNode('QuantizeLinear', ['x', 'minus'], 'c'),
        fileNode('Transpose', ['x'], 'y', { perm: ints(0, 0, 1, 2) }),
      ],
      { zero: floatTensor([], [0]), one: floatTensor([], [1]), minus: floatTensor([], [-0.5]) },
    );
    const refusal = await refusalOf(() => importGraph(model));
    expect(refusal.problems.map(({ where }) => where)).toEqual(['a', 'c', 'y']);
    expect(refusal.message).toContain('a: QuantizeLinear: expected scales of x above 0, found 0');
    expect(refusal.message).toContain('c: QuantizeLinear: expected scales of x above 0, found -0.5');
  });

  it('folds weights that nodes compute from constants', () => {
    const { graph } = importGraph(
      modelOf(
        [floatInput('x', ['N', 2])],
        [fileNode('Transpose', ['w'], 'wt', { perm: ints(1, 0) }), fileNode('MatMul', ['x', 'wt'], 'y')],
        { w: floatTensor([3, 2], [1, 2, 3, 4, 5, 6]) },
      ),
    );
    expect(graph.nodes.map((node) => node.op)).toEqual(['MatMul']);
    expect([...graph.constants.get(valueId('wt'))!.data]).toEqual([1, 3, 5, 2, 4, 6]);
  });

  it('reads float64 weights and inputs as float32', () => {
    const { graph } = importGraph(
      modelOf([{ name: 'x', dtype: 'float64', shape: ['N', 2] }], [fileNode('Add', ['x', 'w'], 'y')], {
        w: tensor('float64', [2], [0.1, 1]),
      }),
    );
    expect(graph.constants.get(valueId('w'))!.data).toEqual(Float32Array.of(0.1, 1));
    expect(factOf(graph, valueId('y')).dtype).toBe('float32');
  });

  it('keeps the batch that the file fixes', () => {
    const { graph } = importGraph(modelOf([floatInput('x', [4, 2])], [fileNode('Relu', ['x'], 'y')]));
    expect(factOf(graph, valueId('y')).shape).toEqual([4, 2]);
  });

  it('leaves out optional outputs that nobody names', () => {
    const dropout = { ...fileNode('Dropout', ['x'], 'y'), outputs: ['y', ''] };
    const { graph } = importGraph(modelOf([image], [dropout]));
    expect(graph.nodes[0]!.outputs).toEqual(['y']);
  });

  it('refuses every unsupported operator at once, with the reason', async () => {
    const model = modelOf(
      [image],
      [
        fileNode('TopK', ['x'], 'a'),
        fileNode('Relu', ['a'], 'b'),
        fileNode('LSTM', ['b'], 'c'),
        { ...fileNode('FusedConv', ['c'], 'd'), domain: 'com.microsoft' },
      ],
    );
    const refusal = await refusalOf(() => importGraph(model));
    expect(refusal.code).toBe('unsupported-operator');
    expect(refusal.problems).toEqual([
      { where: 'node "a" (TopK)', message: expect.stringContaining('chooses indices') },
      { where: 'node "c" (LSTM)', message: 'control flow and recurrence have no feed-forward window' },
      {
        where: 'node "d" (com.microsoft.FusedConv)',
        message: 'operators of the domain "com.microsoft" are not supported',
      },
    ]);
    expect(unsupportedNodes(model).map(({ node, kind }) => [node, kind])).toEqual([
      ['a', 'refused'],
      ['c', 'refused'],
      ['d', 'refused'],
    ]);
  });

  it('reads operators of ONNX Runtime under its own domain only', async () => {
    const quantized = {
      s: floatTensor([], [0.5]),
      z: tensor('uint8', [], [3]),
      k: tensor('uint8', [1, 2, 1, 1]),
    };
    const parameters = ['s', 'z', 'k', 's', 'z', 's', 'z'];
    const node = (opType: string, output: string, domain: string) => ({
      ...fileNode(opType, ['q', ...parameters], output),
      domain,
    });
    const input = { ...image, name: 'q', dtype: 'uint8' } as const;
    const read = modelOf(
      [input],
      [node('QLinearAdd', 'a', 'com.microsoft'), node('QLinearConv', 'b', '')],
      quantized,
    );
    expect(unsupportedNodes(read)).toEqual([]);
    const { graph } = importGraph(read);
    expect(graph.nodes.map(({ op, inputs }) => [op, ...inputs])).toEqual([
      ['QLinearAdd', 'q', 'k'],
      ['QLinearConv', 'q', 'k'],
    ]);
    expect(factOf(graph, valueId('a'))).toEqual({ dtype: 'uint8', shape: [1, 2, 3, 3] });

    const swapped = modelOf(
      [input],
      [node('QLinearAdd', 'a', ''), node('QLinearConv', 'b', 'com.microsoft'), node('Conv', 'c', 'other')],
      quantized,
    );
    const refusal = await refusalOf(() => importGraph(swapped));
    expect(refusal.code).toBe('unsupported-operator');
    expect(refusal.problems).toEqual([
      {
        where: 'node "a" (QLinearAdd)',
        message: 'expected this operator in the domain "com.microsoft", found it in the standard domain',
      },
      {
        where: 'node "b" (com.microsoft.QLinearConv)',
        message: 'expected this operator in the standard domain, found it in the domain "com.microsoft"',
      },
      {
        where: 'node "c" (other.Conv)',
        message: 'expected this operator in the standard domain, found it in the domain "other"',
      },
    ]);
  });

  it('folds an operator of 8 bit integers whose operands are constants', () => {
    const { graph, fates } = importGraph(
      modelOf(
        [floatInput('x', ['N', 2])],
        [
          {
            ...fileNode('QLinearAdd', ['q', 's', 'z', 'q', 's', 'z', 's', 'z'], 'sum'),
            domain: 'com.microsoft',
          },
          fileNode('Cast', ['sum'], 'w', { to: int(1) }),
          fileNode('Add', ['x', 'w'], 'y'),
        ],
        { q: tensor('uint8', [2], [4, 10]), s: floatTensor([], [0.5]), z: tensor('uint8', [], [3]) },
      ),
    );
    expect([...graph.constants.get(valueId('w'))!.data]).toEqual([5, 17]);
    expect(fates[0]).toMatchObject({ node: 'sum', op: 'QLinearAdd', kind: 'constant' });
  });

  it('refuses every input whose shape is not known', async () => {
    const open = [
      floatInput('free', ['N', 3, 'height', null]),
      floatInput('unknown', null),
      floatInput('empty', [0, 3]),
      image,
    ];
    const refusal = await refusalOf(() => importGraph(modelOf(open, [fileNode('Relu', ['x'], 'y')])));
    expect(refusal.code).toBe('dynamic-shape');
    expect(refusal.problems.map(({ where }) => where)).toEqual([
      'input "free"',
      'input "unknown"',
      'input "empty"',
    ]);
    expect(refusal.problems[0]!.message).toContain(
      'found axis 2 ("height"), axis 3 (?) in ["N", 3, "height", ?]',
    );
  });

  it('refuses a shape that is computed from pixels, naming the node', async () => {
    const refusal = await refusalOf(() =>
      importGraph(
        modelOf(
          [floatInput('x', ['N'])],
          [fileNode('Cast', ['x'], 'shape', { to: int(7) }), fileNode('Reshape', ['x', 'shape'], 'y')],
        ),
      ),
    );
    expect(refusal.code).toBe('dynamic-shape');
    expect(refusal.problems[0]!.where).toBe('y');
  });

  const broken = [
    ['a value that nothing provides', [fileNode('Relu', ['missing'], 'y')], 'y', '"missing"'],
    ['nodes out of order', [fileNode('Relu', ['b'], 'a'), fileNode('Relu', ['x'], 'b')], 'a', '"b"'],
    ['a value produced twice', [fileNode('Relu', ['x'], 'a'), fileNode('Relu', ['x'], 'a')], 'a', '"a"'],
    ['a constant produced over an initializer', [fileNode('Identity', ['k'], 'k2')], 'k2', '"k2"'],
  ] as const;

  it.each(broken)('refuses %s', async (_, nodes, where, named) => {
    const constants = { k: floatTensor([1], [1]), k2: floatTensor([1], [2]) };
    const refusal = await refusalOf(() => importGraph(modelOf([image], nodes, constants)));
    expect(refusal.code).toBe('invalid-graph');
    expect(refusal.problems[0]!.where).toBe(where);
    expect(refusal.problems[0]!.message).toContain(named);
  });

  it('refuses outputs that nothing produces', async () => {
    const model = modelOf([image], [fileNode('Relu', ['x'], 'y')]);
    const outputs = ['y', 'gone', 'lost'].map((name) => floatInput(name, null));
    const refusal = await refusalOf(() => importGraph({ ...model, outputs }));
    expect(refusal.problems.map(({ where }) => where)).toEqual(['output "gone"', 'output "lost"']);
  });
});

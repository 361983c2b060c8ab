// What fixtures do not show: the grids that constants carry, and what is told of each node.
import { describe, expect, it } from 'vitest';
import { valueId } from '../../src/graph/graph.ts';
import { importGraph } from '../../src/graph/import.ts';
import { lowerQOperator } from '../../src/passes/lower-qoperator.ts';
import { floatTensor, tensor } from '../../src/tensor/tensor.ts';
import { fileNode, floatInput, modelOf } from '../graph/model-of.ts';
import { float, int } from '../ops/single-node.ts';

const parameters = {
  s: floatTensor([], [0.5]),
  z: tensor('uint8', [], [3]),
  zi: tensor('int8', [], [0]),
};

const microsoft = (...node: Parameters<typeof fileNode>) => ({
  ...fileNode(...node),
  domain: 'com.microsoft',
});

describe('lower-qoperator', () => {
  it('leaves weights and biases on their grids, along the axis of their output channels', () => {
    const { graph: imported } = importGraph(
      modelOf(
        [floatInput('x', [1, 1, 1, 2])],
        [
          fileNode('QuantizeLinear', ['x', 's', 'z'], 'q'),
          fileNode('QLinearConv', ['q', 's', 'z', 'k', 'sk', 'zk', 's', 'z', 'b'], 'c'),
          fileNode('QLinearMatMul', ['c', 's', 'z', 'm', 'sm', 'zm', 's', 'z'], 'p'),
          fileNode('Flatten', ['p'], 'f'),
          microsoft('QGemm', ['f', 's', 'z', 'g', 'sg', 'zg', '', 's', 'z'], 'h', {
            transB: int(1),
            alpha: float(0.5),
          }),
          fileNode('DequantizeLinear', ['h', 's', 'z'], 'y'),
        ],
        {
          ...parameters,
          k: tensor('int8', [2, 1, 1, 1], [-128, 127]),
          sk: floatTensor([2], [0.25, 2]),
          zk: tensor('int8', [2], [1, 1]),
          b: tensor('int32', [2], [8, -4]),
          m: tensor('uint8', [2, 3], [0, 1, 2, 3, 4, 255]),
          sm: floatTensor([3], [1, 2, 4]),
          zm: tensor('uint8', [3], [2, 2, 2]),
          g: tensor('int8', [2, 6]),
          sg: floatTensor([2], [0.125, 0.25]),
          zg: tensor('int8', [2], [0, 0]),
        },
      ),
    );
    const { graph, changes } = lowerQOperator.run(imported);
    const constant = (name: string) => graph.constants.get(valueId(name))!;
    expect([...constant('k').data]).toEqual([-129 * 0.25, 126 * 2]);
    expect(constant('k').grid).toEqual({ scale: [0.25, 2], axis: 0, low: -129, high: 126 });
    expect([...constant('b').data]).toEqual([8 * 0.5 * 0.25, -4 * 0.5 * 2]);
    expect(constant('b').grid).toMatchObject({ scale: [0.125, 1], axis: 0 });
    expect([...constant('m').data]).toEqual([-2, -2, 0, 1, 4, 253 * 4]);
    expect(constant('m').grid).toEqual({ scale: [1, 2, 4], axis: 1, low: -2, high: 253 });
    expect(constant('g').grid).toEqual({ scale: [0.125, 0.25], axis: 0, low: -128, high: 127 });
    expect(changes).toEqual(
      [
        ['c', 'QLinearConv as Conv'],
        ['p', 'QLinearMatMul as MatMul'],
        ['h', 'QGemm as Gemm'],
      ].map(([node, what]) => ({
        node,
        kind: 'lowered',
        detail: `${what} between quantizers (uint8, scale 0.5, zero point 3)`,
      })),
    );
  });
});

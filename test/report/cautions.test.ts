// What `convert` says of layers whose function loses much under a short silent period.
import { expect, it } from 'vitest';
import { conversionSummary, conversionText } from '../../src/report/conversion.ts';
import { float } from '../ops/single-node.ts';
import { filled, graphOf, networkOf, normal } from '../snn/tiny.ts';

const gauss = normal(5);

function summaryOf(op: string, Ts: number) {
  const attributes = op === 'LeakyRelu' ? { alpha: float(0.1) } : {};
  const graph = graphOf({
    input: [3],
    nodes: [
      ['Gemm', ['x', 'w'], 'a'],
      [op, ['a'], 'r', attributes],
      ['Gemm', ['r', 'w'], 'y'],
    ],
    constants: { w: filled([3, 3], gauss) },
  });
  return conversionSummary(networkOf(graph, { coding: { Ts } }), 'tiny.snn');
}

it('names the layer, its silent period and what helps', () => {
  const summary = summaryOf('Tanh', 1);
  expect(summary.cautions).toEqual([
    expect.stringMatching(/^"r" \(tsa-tanh, Ts 1\): level at both ends.*--silent 3/),
  ]);
  expect(conversionText(summary)).toMatch(/^caution: "r"/m);
});

it('is silent of long silent periods and of other functions', () => {
  expect(summaryOf('Tanh', 3).cautions).toEqual([]);
  expect(summaryOf('LeakyRelu', 1).cautions).toEqual([]);
});

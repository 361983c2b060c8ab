import { expect, it } from 'vitest';
import type { Fate } from '../../src/graph/fate.ts';
import { fileFates } from '../../src/passes/file-fates.ts';

const fate = (node: string, kind: Fate['kind'], detail: string): Fate => ({ node, op: '', kind, detail });

it('tells what passes made of a node with it, but nothing twice', () => {
  const nodes = [
    { name: 'split', opType: 'Split' },
    { name: 'conv', opType: 'QLinearConv' },
  ];
  const fates = [
    fate('split', 'linear', 'into "conv"'),
    fate('split/1', 'linear', 'into "conv"'),
    fate('split/2', 'linear', 'into "other"'),
    fate('conv', 'linear', 'into "conv/quantize"'),
    fate('conv/quantize', 'dropped', 'it rounds currents'),
  ];
  expect(fileFates(nodes, fates, []).map(({ detail }) => detail)).toEqual([
    'into "conv"; 2: into "other"',
    'into "conv/quantize"; quantize: dropped, it rounds currents',
  ]);
});

it('takes a node that nothing is known of for dropped', () => {
  expect(fileFates([{ name: 'loose', opType: 'Relu' }], [], [])).toEqual([
    { node: 'loose', op: 'Relu', kind: 'dropped', detail: 'no output depends on it' },
  ]);
});

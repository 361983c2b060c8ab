// Freeing the batch axis: what keeps it is restated for any batch, what does not is refused by name.
import { describe, expect, it } from 'vitest';
import { imageShape, valueId } from '../../src/graph/graph.ts';
import { releaseBatch } from '../../src/passes/release-batch.ts';
import { randomTensor } from '../ops/single-node.ts';
import { evaluateGraph } from './evaluate-graph.ts';
import { parseGraph, printGraph } from './graph-text.ts';
import { refusalOf } from './refusal.ts';

const CNN = `
input x [2, 1, 4, 4]
const w [2, 1, 3, 3] seed 1
const v [3, 8] seed 2
a = Conv(x, w)
b = Relu(a)
c = Reshape(b, [2, 8])
fc: y = Gemm(c, v) {transB: 1}
output y`;

describe('releaseBatch', () => {
  it('frees a batch that the file fixes, in a Reshape too', () => {
    const released = releaseBatch(parseGraph(CNN));
    expect(printGraph(released)).toContain('c = Reshape(b, [0, 8])');
    expect(released.facts.get(valueId('x'))!.shape).toEqual([1, 1, 4, 4]);
    expect(released.facts.get(valueId('y'))!.shape).toEqual([1, 3]);
    expect(imageShape(released, valueId('b'))).toEqual([2, 2, 2]);
    expect(printGraph(releaseBatch(released))).toBe(printGraph(released));
  });

  it('computes any number of images, each as it would be alone', () => {
    const released = releaseBatch(parseGraph(CNN));
    const run = (images: ReturnType<typeof randomTensor>) =>
      evaluateGraph(released, new Map([[valueId('x'), images]]))[0]!;
    const three = randomTensor([3, 1, 4, 4], 7);
    const second = { ...three, shape: [1, 1, 4, 4], data: three.data.slice(16, 32) };
    expect(run(three).shape).toEqual([3, 3]);
    expect([...run(three).data.slice(3, 6)]).toEqual([...run(second).data]);
  });

  it('keeps a channel shuffle, whose Transpose leaves axis 0 alone', () => {
    const released = releaseBatch(
      parseGraph(`
input x [1, 4, 2, 2]
a = Reshape(x, [1, 2, 2, 2, 2])
b = Transpose(a) {perm: [0, 2, 1, 3, 4]}
y = Reshape(b, [1, 4, 2, 2])
output y`),
    );
    expect(released.nodes.map((node) => node.attributes)).toMatchObject([
      { shape: [0, 2, 2, 2, 2] },
      { perm: [0, 2, 1, 3, 4] },
      { shape: [0, 4, 2, 2] },
    ]);
  });

  const refused = [
    ['Reshape that drops the batch', 'input x [1, 4]\nbad = Reshape(x, [4])\noutput bad'],
    ['Reshape that merges images and channels', 'input x [2, 3, 4]\nbad = Reshape(x, [6, 4])\noutput bad'],
    ['Transpose that moves the batch', 'input x [1, 3]\nbad = Transpose(x) {perm: [1, 0]}\noutput bad'],
    ['mean over the images', 'input x [2, 3]\nbad = ReduceMean(x) {axes: [0]}\noutput bad'],
    ['joining along the batch', 'input x [1, 3]\nbad = Concat(x, x) {axis: 0}\noutput bad'],
    ['Softmax over the images', 'input x [1, 3]\nbad = Softmax(x) {axis: 0}\noutput bad'],
    ['a constant for each image', 'input x [2, 3]\nconst k [2, 1] = 1, 2\nbad = Add(x, k)\noutput bad'],
    ['broadcasting one image over all', 'input x [1, 2, 1, 3]\ninput z [1, 3]\nbad = Add(x, z)\noutput bad'],
    ['an input that has no batch', 'input x [3, 4, 4]\nbad = Reshape(x, [1, 3, 4, 4])\noutput bad'],
  ];

  it.each(refused)('refuses %s, naming the node', async (_, text) => {
    const refusal = await refusalOf(() => releaseBatch(parseGraph(text!)));
    expect(refusal.code).toBe('batch-dependence');
    expect(refusal.problems).toHaveLength(1);
    expect(refusal.problems[0]!.where).toContain('bad');
  });

  it('names every node that goes wrong, and none that only reads what went wrong', async () => {
    const refusal = await refusalOf(() =>
      releaseBatch(
        parseGraph(`
input x [1, 3]
first = Concat(x, x) {axis: 0}
after = Relu(first)
second = Softmax(x) {axis: 0}
output after
output second`),
      ),
    );
    expect(refusal.problems.map((problem) => problem.where)).toEqual([
      'node "first" (Concat)',
      'node "second" (Softmax)',
    ]);
  });
});

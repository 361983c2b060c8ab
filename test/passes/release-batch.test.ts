// Freeing the batch axis: what keeps it is restated for any batch, what does not is refused by name.
import { describe, expect, it } from 'vitest';
import { imageShape, valueId } from '../../src/graph/graph.ts';
import { runPasses } from '../../src/passes/normalise.ts';
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

  it.each([
    ['-1 for the batch', '[-1, 2, 2, 2, 2]', '[-1, 4, 2, 2]'],
    ['0 for the batch', '[0, 2, 2, 2, 2]', '[0, 4, 2, 2]'],
    ['the batch of the file', '[3, 2, 2, 2, 2]', '[3, 4, 2, 2]'],
  ])('keeps a channel shuffle written with %s', (_, apart, together) => {
    const released = releaseBatch(
      parseGraph(`
input x [3, 4, 2, 2]
a = Reshape(x, ${apart})
b = Transpose(a) {perm: [0, 2, 1, 3, 4]}
y = Reshape(b, ${together})
output y`),
    );
    const images = randomTensor([5, 4, 2, 2]);
    const [shuffled] = evaluateGraph(released, new Map([[valueId('x'), images]]));
    expect(shuffled!.shape).toEqual([5, 4, 2, 2]);
    const channel = (of: typeof images, image: number, c: number) => [
      ...of.data.slice((image * 4 + c) * 4, (image * 4 + c + 1) * 4),
    ];
    for (let image = 0; image < 5; image++) {
      [0, 2, 1, 3].forEach((from, to) => {
        expect(channel(shuffled!, image, to)).toEqual(channel(images, image, from));
      });
    }
  });

  it.each([
    ['Expand', 'y = Expand(x, [2, 4, 3, 5])', [7, 4, 3, 5]],
    [
      'Resize by sizes',
      'const s int64 [4] = 2, 4, 2, 9\ny = Resize(x, []:float32, []:float32, s)',
      [7, 4, 2, 9],
    ],
    ['the maximum of the channels', 'm = ReduceMax(x) {axes: [1]}\ny = Relu(m)', [7, 1, 1, 5]],
    ['InstanceNormalization', 'const k [4] seed 1\ny = InstanceNormalization(x, k, k)', [7, 4, 1, 5]],
    ['LRN', 'y = LRN(x) {size: 3}', [7, 4, 1, 5]],
    ['LayerNormalization', 'const k [5] seed 1\ny = LayerNormalization(x, k)', [7, 4, 1, 5]],
  ] as const)('frees a batch of %s', (_, nodes, shape) => {
    const { graph } = runPasses(parseGraph(`input x [2, 4, 1, 5]\n${nodes}\noutput y`));
    const released = releaseBatch(graph);
    const images = randomTensor([7, 4, 1, 5]);
    expect(evaluateGraph(released, new Map([[valueId('x'), images]]))[0]!.shape).toEqual(shape);
  });

  const refused = [
    ['Reshape that drops the batch', 'input x [1, 4]\nbad = Reshape(x, [4])\noutput bad'],
    ['Reshape that merges images and channels', 'input x [2, 3, 4]\nbad = Reshape(x, [6, 4])\noutput bad'],
    ['Transpose that moves the batch', 'input x [1, 3]\nbad = Transpose(x) {perm: [1, 0]}\noutput bad'],
    ['mean over the images', 'input x [2, 3]\nbad = ReduceMean(x) {axes: [0]}\noutput bad'],
    ['joining along the batch', 'input x [1, 3]\nbad = Concat(x, x) {axis: 0}\noutput bad'],
    ['Softmax over the images', 'input x [1, 3]\nbad = Softmax(x) {axis: 0}\noutput bad'],
    [
      'LayerNormalization over the images',
      'input x [1, 3]\nconst k [1, 3] seed 1\nbad = LayerNormalization(x, k) {axis: 0}\noutput bad',
    ],
    ['statistics of the batch', 'input x [2, 3, 4, 4]\nbad = MeanVarianceNormalization(x)\noutput bad'],
    ['an Expand along the batch', 'input x [1, 3]\nbad = Expand(x, [4, 3])\noutput bad'],
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

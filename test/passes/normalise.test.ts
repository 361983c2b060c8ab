// All passes together: what is left is canonical, says what happened, and computes the same.
import { describe, expect, it } from 'vitest';
import { normalise, runPasses } from '../../src/passes/normalise.ts';
import { relativeError } from '../ops/single-node.ts';
import { evaluateGraph, randomInputs } from './evaluate-graph.ts';
import { parseGraph, printGraph } from './graph-text.ts';
import { refusalOf } from './refusal.ts';

const CNN = `
input x [1, 1, 6, 6]
const w [2, 1, 3, 3] seed 1
const u [3, 1, 3, 3] seed 2
const g [2] = 1, 2
const b [2] = 0.5, -0.5
const m [2] = 1, 0
const v [2] = 3, 8
const k [3, 1, 1] = 2, 3, 4
const f [20, 2] seed 3
const e [2] = 1, -1
conv1: a = Conv(x, w)
bn: a1 = BatchNormalization(a, g, b, m, v)
conv2: c = Conv(x, u)
div: c1 = Div(c, k)
join: d = Concat(a1, c1) {axis: 1}
pool: p = MaxPool(d) {kernel_shape: [2, 2], strides: [2, 2]}
relu: r = Relu(p)
drop: q = Dropout(r)
flat: h = Flatten(q)
fc: o = MatMul(h, f)
bias: y = Add(e, o)
output y`;

describe('normalise', () => {
  const graph = parseGraph(CNN);
  const { graph: canonical, changes, skipped } = normalise(graph);

  it('leaves canonical nodes only', () => {
    expect(
      printGraph(canonical)
        .split('\n')
        .filter((line) => / = [A-Z]/.test(line)),
    ).toEqual([
      'conv1: a1 = Conv(x, w, conv1.bias) {kernel_shape: [3, 3]}',
      'conv2: c1 = Conv(x, u, conv2.bias) {kernel_shape: [3, 3]}',
      'pool/0: p/0 = MaxPool(a1) {kernel_shape: [2, 2], strides: [2, 2]}',
      'pool/1: p/1 = MaxPool(c1) {kernel_shape: [2, 2], strides: [2, 2]}',
      'pool/concat: p = Concat(p/0, p/1) {axis: 1}',
      'relu: r = Relu(p)',
      'flat: h = Reshape(r, [0, 20])',
      'fc: y = Gemm(h, f, fc.bias) {transB: 1}',
    ]);
    expect([...canonical.constants.keys()]).toEqual(['w', 'u', 'f', 'conv1.bias', 'conv2.bias', 'fc.bias']);
  });

  it('computes the same', () => {
    const inputs = randomInputs(graph);
    const [expected, actual] = [graph, canonical].map((each) => evaluateGraph(each, inputs)[0]!);
    expect(relativeError(actual!, expected!)).toBeLessThanOrEqual(1e-5);
  });

  it('says what became of the nodes that are gone', () => {
    const fate = (name: string) =>
      changes.find((change) => change.node === name && change.kind !== 'lowered');
    expect(fate('bn')).toMatchObject({ kind: 'folded', detail: 'into Conv "conv1"' });
    expect(fate('div')).toMatchObject({ kind: 'folded', detail: 'into Conv "conv2"' });
    expect(fate('bias')).toMatchObject({ kind: 'folded', detail: 'into Gemm "fc"' });
    expect(fate('drop')).toMatchObject({ kind: 'dropped' });
    expect(fate('pool')).toMatchObject({ kind: 'folded', detail: 'into each branch of Concat "join"' });
    expect(fate('join')).toMatchObject({ kind: 'folded', detail: 'behind MaxPool "pool"' });
    expect(skipped).toEqual([]);
  });

  it('finds nothing more in a graph that is canonical', () => {
    const again = runPasses(canonical);
    expect(again.changes).toEqual([]);
    expect(printGraph(again.graph).replace('[1, 20]', '[0, 20]')).toBe(printGraph(canonical));
  });

  it('refuses all nodes that conversion does not know, by name', async () => {
    const refusal = await refusalOf(() =>
      normalise(
        parseGraph(`
input x [1, 2]
const k [1, 2] = 1, 2
product = Mul(x, x)
quotient = Div(k, product)
joined = Concat(quotient, k) {axis: 1}
output joined`),
      ),
    );
    expect(refusal.code).toBe('unsupported-operator');
    expect(refusal.problems.map(({ where }) => where)).toEqual([
      'node "quotient" (Div)',
      'node "joined" (Concat)',
    ]);
  });
});

// The one way to edit a graph.
import { describe, expect, it } from 'vitest';
import { consumersOf, factOf, type Node, valueId } from '../../src/graph/graph.ts';
import { freshNode, freshValue, onlyConsumer, ownConstantId, rewrite } from '../../src/graph/rewrite.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { parseGraph, printGraph } from '../passes/graph-text.ts';
import { refusalOf } from '../passes/refusal.ts';

const TEXT = `
input x [1, 2]
const k [2] = 1, 2
a = Identity(x)
b = Identity(a)
c = Relu(b)
d = Add(c, k)
e = Mul(c, k)
output d
output b`;

const graph = parseGraph(TEXT);

describe('rewrite', () => {
  it('leaves a graph in which nothing is replaced', () => {
    expect(printGraph(rewrite(graph, () => null))).toBe(printGraph(graph));
  });

  it('follows aliases through one another, to outputs too', () => {
    const bridged = rewrite(graph, (node) =>
      node.op === 'Identity' ? { nodes: [], aliases: new Map([[node.outputs[0]!, node.inputs[0]!]]) } : null,
    );
    expect(bridged.nodes[0]!.inputs).toEqual(['x']);
    expect(bridged.outputs).toEqual(['d', 'x']);
  });

  it('infers facts anew and replaces constants without touching the graph it was given', () => {
    const widened = rewrite(graph, (node) =>
      node.name === 'd' ? { nodes: [node], constants: new Map([[valueId('k'), floatTensor([3, 2])]]) } : null,
    );
    expect(factOf(widened, valueId('d')).shape).toEqual([3, 2]);
    expect(factOf(graph, valueId('d')).shape).toEqual([1, 2]);
    expect([...graph.constants.get(valueId('k'))!.data]).toEqual([1, 2]);
  });

  it('puts several nodes in the place of one', () => {
    const split = rewrite(graph, (node) => {
      if (node.name !== 'c') return null;
      const inner = { ...node, name: 'inner', outputs: [valueId('c0')] };
      return { nodes: [inner, { ...node, inputs: inner.outputs }] };
    });
    expect(split.nodes.map((node) => node.name)).toEqual(['a', 'b', 'inner', 'c', 'd', 'e']);
  });

  it('fails where a rewrite breaks the graph, naming the node', async () => {
    const replaceC = (change: Partial<Node>) => () =>
      rewrite(graph, (node) => (node.name === 'c' ? { nodes: [{ ...node, ...change } as Node] } : null));
    const gone = await refusalOf(replaceC({ inputs: [valueId('nowhere')] }));
    expect(gone.message).toBe('c: reads "nowhere", which no earlier node produces');
    const twice = await refusalOf(replaceC({ outputs: [valueId('a')] }));
    expect(twice.message).toBe('c: produces "a", which exists already');
  });
});

describe('readers and names', () => {
  const consumers = consumersOf(graph);

  it('finds the only reader of a value that is no output', () => {
    expect(onlyConsumer(graph, consumers, valueId('a'))?.name).toBe('b');
    expect(onlyConsumer(graph, consumers, valueId('c'))).toBeUndefined();
    expect(onlyConsumer(graph, consumers, valueId('b'))).toBeUndefined();
    expect(onlyConsumer(graph, consumers, valueId('e'))).toBeUndefined();
  });

  it('marks names that are taken', () => {
    expect(freshValue(graph, 'new')).toBe('new');
    expect(freshValue(graph, 'k')).toBe('k~');
    expect(freshNode(graph, 'c')).toBe('c~');
    expect(freshNode(graph, 'k')).toBe('k');
  });

  it('keeps the name of a constant that only one node reads', () => {
    const single = parseGraph('input x [1, 2]\nconst w [2] = 1, 2\ny = Mul(x, w)\noutput y');
    const readers = consumersOf(single);
    expect(ownConstantId(single, readers, valueId('w'), 'y', 'weight')).toBe('w');
    expect(ownConstantId(single, readers, undefined, 'y', 'bias')).toBe('y.bias');
    expect(ownConstantId(graph, consumers, valueId('k'), 'e', 'weight')).toBe('e.weight');
  });
});

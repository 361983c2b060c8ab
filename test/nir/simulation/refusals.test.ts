import { expect, it } from 'vitest';
import { Ann2SnnError } from '../../../src/errors.ts';
import type { NirGraph } from '../../../src/nir/graph.ts';
import { compileNir } from '../../../src/nir/simulation/program.ts';
import { full, graphOf } from './tiny-graph.ts';

function refusalOf(graph: NirGraph): Ann2SnnError {
  try {
    compileNir(graph, 'x.nir');
  } catch (error) {
    if (error instanceof Ann2SnnError) return error;
    throw error;
  }
  throw new Error('was taken');
}

const two = full([2], 1);

it('kinds that are not stepped, all by name', () => {
  const inner = graphOf([2], {}, [2]);
  const graph = graphOf(
    [2],
    {
      wait: { type: 'Delay', delay: two },
      cuba: { type: 'CubaLI', tau_syn: two, tau_mem: two, r: two, v_leak: two, w_in: two },
      inner,
    },
    [2],
  );
  const { code, problems } = refusalOf(graph);
  expect(code).toBe('unsupported-operator');
  expect(problems.map(({ where }) => where)).toEqual(
    ['wait', 'cuba', 'inner'].map((name) => `x.nir: node "${name}"`),
  );
  expect(problems.map(({ message }) => message.split('found ')[1])).toEqual(['Delay', 'CubaLI', 'NIRGraph']);
});

it.each([
  {
    title: 'a weight of another width',
    graph: graphOf([2], { fc: { type: 'Linear', weight: full([2, 3], 1) } }, [2]),
    says: /"fc": expected \[3\] to come in, found \[2\]/,
  },
  {
    title: 'neuron parameters of another size',
    graph: graphOf([2], { fire: { type: 'IF', r: two, v_threshold: full([3], 1) } }, [2]),
    says: /each of the 2 neurons of \[2\], found 3 of v_threshold/,
  },
  {
    title: 'tau of 0',
    graph: graphOf([2], { leak: { type: 'LI', tau: full([2], 0), r: two, v_leak: two } }, [2]),
    says: /"leak": expected tau above 0/,
  },
  {
    title: 'another output',
    graph: graphOf([2], {}, [3]),
    says: /"output": expected \[3\] to come in, found \[2\]/,
  },
  {
    title: 'a loop of weights',
    graph: graphOf([2], { fc: { type: 'Linear', weight: full([2, 2], 1) } }, [2], [['fc', 'fc']]),
    says: /"fc": expected loops that close at I, LI, IF or LIF/,
  },
  {
    title: 'edges of two shapes',
    graph: graphOf(
      [4],
      { fc: { type: 'Linear', weight: full([2, 4], 1) }, fire: { type: 'IF', r: two, v_threshold: two } },
      [2],
      [['input', 'fire']],
    ),
    says: /"fire": expected \[2\] on all edges into it, found \[4\] from "input"/,
  },
  {
    title: 'a kernel that is too large',
    graph: graphOf(
      [1, 2, 2],
      { pool: { type: 'SumPool2d', kernel_size: [3, 3], stride: [1, 1], padding: [0, 0] } },
      [1],
    ),
    says: /"pool": expected a kernel within/,
  },
])('$title', ({ graph, says }) => {
  expect(refusalOf(graph).message).toMatch(says);
});

it('more than one output, and nodes that nothing enters', () => {
  const graph = graphOf([2], {}, [2]);
  const nodes = new Map([...graph.nodes, ['second', { type: 'Output', shape: [2] } as const]]);
  expect(refusalOf({ ...graph, nodes }).problems).toEqual([
    { where: 'x.nir', message: 'expected one Output, found output, second' },
    { where: 'x.nir: node "second"', message: 'expected an edge into it, found none' },
  ]);
});

it('all neurons whose parameters do not fit', () => {
  const wrong = { type: 'IF', r: two, v_threshold: full([3], 1) } as const;
  const { problems } = refusalOf(graphOf([2], { first: wrong, second: wrong }, [2]));
  expect(problems.map(({ where }) => where)).toEqual(['x.nir: node "first"', 'x.nir: node "second"']);
});

// Before: -x, x - k, k - x, x - y, x / k, k * x, k + x, Sum(x, y, z), Mean(x, y, z)
// After:  Mul and Add only, the runtime operand first:  x + (-k), x * (-1) + k, x + y * (-1), x * (1/k), ...
import { factOf, type Graph, type Node, type NodeNamed, type ValueId } from '../graph/graph.ts';
import { freshNode, freshValue, type Replacement, rewrite } from '../graph/rewrite.ts';
import { floatTensor, type Tensor } from '../tensor/tensor.ts';
import type { Change, Pass, Skipped } from './pass.ts';

/** Rewrites Neg, Sub, Div, Sum and Mean as Add and Mul, and puts the runtime operand first. */
export const lowerArithmetic: Pass = {
  name: 'lower-arithmetic',
  summary: 'rewrite Neg, Sub, Div, Sum and Mean as Add and Mul by constants',
  run(graph) {
    const changes: Change[] = [];
    const skipped: Skipped[] = [];
    const rewritten = rewrite(graph, (node) => {
      const lowered = lower(graph, node);
      if (lowered !== null && node.op !== 'Add' && node.op !== 'Mul') {
        changes.push({ node: node.name, kind: 'lowered', detail: `${node.op} as Add and Mul` });
      }
      if (lowered === null && node.op === 'Div' && isFloatValue(graph, node.outputs[0]!)) {
        skipped.push({ node: node.name, why: 'its divisor is not a constant' });
      }
      return lowered;
    });
    return { graph: rewritten, changes, skipped };
  },
};

function lower(graph: Graph, node: Node): Replacement | null {
  const [a, b] = node.inputs as [ValueId, ValueId];
  const output = node.outputs[0]!;
  const constantA = graph.constants.get(a);
  const constantB = b === undefined ? undefined : graph.constants.get(b);
  const id = (role: string) => freshValue(graph, `${node.name}.${role}`);
  if (!isFloatValue(graph, output)) return null;

  switch (node.op) {
    case 'Add':
    case 'Mul':
      return constantA !== undefined && constantB === undefined
        ? { nodes: [{ ...node, inputs: [b, a] }] }
        : null;
    case 'Sub': {
      if (constantB !== undefined) {
        const negated = id('negated');
        return {
          nodes: [add(node.name, a, negated, output)],
          constants: new Map([[negated, map(constantB, (v) => -v)]]),
        };
      }
      const minus = id('minus');
      const name = freshNode(graph, `${node.name}/add`);
      const sum = constantA === undefined ? add(name, a, minus, output) : add(name, minus, a, output);
      return {
        nodes: [mul(node.name, b, id('minus-one'), minus), sum],
        constants: new Map([[id('minus-one'), floatTensor([], [-1])]]),
      };
    }
    case 'Neg':
      return {
        nodes: [mul(node.name, a, id('minus-one'), output)],
        constants: new Map([[id('minus-one'), floatTensor([], [-1])]]),
      };
    case 'Div': {
      if (constantB === undefined) return null;
      const inverse = id('inverse');
      return {
        nodes: [mul(node.name, a, inverse, output)],
        constants: new Map([[inverse, map(constantB, (v) => 1 / v)]]),
      };
    }
    case 'Sum':
      if (node.inputs.length === 1) return { nodes: [], aliases: new Map([[output, a]]) };
      return { nodes: sumChain(graph, node, node.name, output) };
    case 'Mean': {
      if (node.inputs.length === 1) return { nodes: [], aliases: new Map([[output, a]]) };
      const [total, share] = [id('sum'), id('share')];
      return {
        nodes: [
          ...sumChain(graph, node, freshNode(graph, `${node.name}/sum`), total),
          mul(node.name, total, share, output),
        ],
        constants: new Map([[share, floatTensor([], [1 / node.inputs.length])]]),
      };
    }
    default:
      return null;
  }
}

/** All inputs of a node added up, running ones first; the last Add is called `name` and gives `output`. */
function sumChain(graph: Graph, node: Node, name: string, output: ValueId): Node[] {
  const nodes: Node[] = [];
  const runtimeFirst = [...node.inputs].sort(
    (x, y) => Number(graph.constants.has(x)) - Number(graph.constants.has(y)),
  );
  let partial = runtimeFirst[0]!;
  runtimeFirst.slice(1).forEach((input, i) => {
    const last = i === runtimeFirst.length - 2;
    const to = last ? output : freshValue(graph, `${node.name}.partial${i}`);
    nodes.push(add(last ? name : freshNode(graph, `${node.name}/${i}`), partial, input, to));
    partial = to;
  });
  return nodes;
}

function isFloatValue(graph: Graph, value: ValueId): boolean {
  return factOf(graph, value).dtype === 'float32';
}

function add(name: string, a: ValueId, b: ValueId, output: ValueId): NodeNamed<'Add'> {
  return { name, op: 'Add', attributes: {}, inputs: [a, b], outputs: [output] };
}

function mul(name: string, a: ValueId, b: ValueId, output: ValueId): NodeNamed<'Mul'> {
  return { name, op: 'Mul', attributes: {}, inputs: [a, b], outputs: [output] };
}

function map(source: Tensor, f: (value: number) => number): Tensor {
  return floatTensor(source.shape, Float32Array.from(source.data, f));
}

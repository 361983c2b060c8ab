// Before: x -> QuantizeLinear -> MaxPool -> DequantizeLinear -> y      After: x -> FakeQuantize -> MaxPool -> y
// Every running value of integers becomes the floating point number that it stands for. Conditions:
// 1. whatever lies between the two moves or selects elements;  2. both have the same scale and zero point;
// 3. the zero point is one for all channels;  4. what is padded around integers is their zero point.
import { type Problem, throwIfAny } from '../errors.ts';
import { factOf, type Graph, type NodeNamed } from '../graph/graph.ts';
import { type Replacement, rewrite } from '../graph/rewrite.ts';
import { gridOf, type Quantization, sameQuantization, showQuantization } from '../ops/quantization.ts';
import { gridsOf, liesOn } from './grids.ts';
import type { Change, Pass } from './pass.ts';
import { quantizedValues } from './quantized-values.ts';

/** Turns quantized integers into floating point numbers on a grid. */
export const lowerQdq: Pass = {
  name: 'lower-qdq',
  summary: 'rewrite QuantizeLinear and DequantizeLinear as rounding of floating point numbers to a grid',
  run(graph) {
    const { values, problems } = quantizedValues(graph);
    throwIfAny('unsupported-type', [...problems, ...unreadable(graph, values)]);
    const grids = gridsOf(graph);
    const changes: Change[] = [];
    const rewritten = rewrite(graph, (node): Replacement | null => {
      const [input, output] = [node.inputs[0]!, node.outputs[0]!];
      switch (node.op) {
        case 'QuantizeLinear': {
          const shown = showQuantization(node.attributes);
          const quantizer = quantizerOf(node);
          if (liesOn(grids.get(input), quantizer.attributes)) {
            changes.push({ node: node.name, kind: 'dropped', detail: onGrid(shown) });
            return { nodes: [], aliases: new Map([[output, input]]) };
          }
          changes.push({ node: node.name, kind: 'lowered', detail: `rounding to a grid (${shown})` });
          return { nodes: [quantizer] };
        }
        case 'DequantizeLinear': {
          const { quantizer } = values.get(input)!;
          changes.push({ node: node.name, kind: 'folded', detail: `into quantizer "${quantizer}"` });
          return { nodes: [], aliases: new Map([[output, input]]) };
        }
        case 'FakeQuantize': {
          if (!liesOn(grids.get(input), node.attributes)) return null;
          const { type, scale, zeroPoint, axis } = node.attributes;
          const shown = showQuantization({
            type: type as Quantization['type'],
            scale,
            zeroPoint: [zeroPoint],
            axis,
          });
          changes.push({ node: node.name, kind: 'dropped', detail: onGrid(shown) });
          return { nodes: [], aliases: new Map([[output, input]]) };
        }
        case 'Pad':
          return values.has(input)
            ? { nodes: [{ ...node, attributes: { ...node.attributes, value: 0 } }] }
            : null;
        default:
          return null;
      }
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};

function onGrid(shown: string): string {
  return `values lie on this grid already (${shown})`;
}

/** What keeps integers from being read as floating point numbers. */
function unreadable(graph: Graph, values: ReturnType<typeof quantizedValues>['values']): Problem[] {
  const problems: Problem[] = [];
  for (const node of graph.nodes) {
    const where = `node "${node.name}" (${node.op})`;
    if (node.op === 'QuantizeLinear' && gridOf(node.attributes) === undefined) {
      const found = showQuantization(node.attributes);
      problems.push({ where, message: `expected one zero point for all channels, found ${found}` });
    }
    if (node.op !== 'DequantizeLinear') continue;
    const source = values.get(node.inputs[0]!);
    const expected = showQuantization(node.attributes);
    if (source === undefined) {
      const { dtype } = factOf(graph, node.inputs[0]!);
      const found = `"${node.inputs[0]}" (${dtype}) that no quantizer made`;
      problems.push({
        where,
        message: `expected values quantized in the graph (${expected}), found ${found}`,
      });
    } else if (!sameQuantization(source.quantization, node.attributes)) {
      const found = `${showQuantization(source.quantization)} of quantizer "${source.quantizer}"`;
      problems.push({ where, message: `expected values quantized by ${expected}, found ${found}` });
    }
  }
  for (const output of graph.outputs) {
    const source = values.get(output);
    if (source === undefined) continue;
    const found = `${source.quantization.type} of quantizer "${source.quantizer}"`;
    problems.push({
      where: `output "${output}"`,
      message: `expected floating point numbers, found ${found}: a DequantizeLinear should follow`,
    });
  }
  return problems;
}

function quantizerOf({
  name,
  attributes,
  inputs,
  outputs,
}: NodeNamed<'QuantizeLinear'>): NodeNamed<'FakeQuantize'> {
  return {
    name,
    op: 'FakeQuantize',
    attributes: {
      ...gridOf(attributes)!,
      type: attributes.type,
      zeroPoint: attributes.zeroPoint[0]!,
      absorbed: [],
    },
    inputs,
    outputs,
  };
}

// Before: DynamicQuantizeLinear(x) -> q, scale, zero; ConvInteger(q, W, zero, Z) -> Cast -> Mul(scale * s) -> y
// After:  x -> Conv(W - Z) -> Mul(s) -> y                                    likewise MatMulInteger as MatMul
// A scale that depends on the image cannot be an amplitude: the values stay floating point, and calibration gives it.
// Where a QuantizeLinear of fixed scale t makes q, its values are read as floats and the weights become (W - Z) / t.
import { type Problem, throwIfAny } from '../errors.ts';
import { consumersOf, factOf, type Graph, type Node, type NodeNamed, type ValueId } from '../graph/graph.ts';
import { freshNode, freshValue, ownConstantId, type Replacement, rewrite } from '../graph/rewrite.ts';
import { wholeWeights } from '../ops/integer-product.ts';
import { showQuantization } from '../ops/quantization.ts';
import { isFloat, type Tensor } from '../tensor/tensor.ts';
import type { Change, Pass } from './pass.ts';
import { type QuantizedValue, quantizedValues } from './quantized-values.ts';

type Product = NodeNamed<'ConvInteger'> | NodeNamed<'MatMulInteger'>;

const TAKEN_AS_FLOAT =
  'taken as floating point: its scale depends on the image; calibration gives the amplitude';

/** Turns the products of dynamically quantized networks into those of floating point numbers. */
export const lowerInteger: Pass = {
  name: 'lower-integer',
  summary:
    'take DynamicQuantizeLinear as floating point, rewrite ConvInteger and MatMulInteger as Conv and MatMul',
  run(graph) {
    const { values, problems } = quantizedValues(graph);
    throwIfAny('unsupported-type', [...problems, ...unreadable(graph, values)]);
    const changes: Change[] = [];
    const consumers = consumersOf(graph);
    const floats = new Set<ValueId>();
    const rewritten = rewrite(graph, (node): Replacement | null => {
      const [input, output] = [node.inputs[0]!, node.outputs[0]!];
      switch (node.op) {
        case 'DynamicQuantizeLinear': {
          changes.push({ node: node.name, kind: 'dropped', detail: TAKEN_AS_FLOAT });
          const constants = node.outputs
            .slice(1)
            .map((id): [ValueId, Tensor] => [id, factOf(graph, id).value!]);
          return { nodes: [], aliases: new Map([[output, input]]), constants: new Map(constants) };
        }
        case 'Cast': {
          const isIdentity =
            isFloat(node.attributes.to) && (isFloat(factOf(graph, input).dtype) || floats.has(input));
          if (!isIdentity) return null;
          changes.push({ node: node.name, kind: 'dropped', detail: 'its operand is floating point already' });
          return { nodes: [], aliases: new Map([[output, input]]) };
        }
        case 'ConvInteger':
        case 'MatMulInteger': {
          floats.add(output);
          const float = node.op === 'ConvInteger' ? 'Conv' : 'MatMul';
          changes.push({ node: node.name, kind: 'lowered', detail: `${node.op} as ${float}` });
          return lowerProduct(graph, consumers, node, values.get(input));
        }
        default:
          return null;
      }
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};

function lowerProduct(
  graph: Graph,
  consumers: ReturnType<typeof consumersOf>,
  node: Product,
  source: QuantizedValue | undefined,
): Replacement {
  const [x, weights] = node.inputs as [ValueId, ValueId];
  const id = ownConstantId(graph, consumers, weights, node.name, 'weight');
  const { scale: [step] = [1] } = source?.quantization ?? {};
  const constants = new Map([[id, weightsOf(node, graph.constants.get(weights)!, step!)]]);
  if (source === undefined) return { nodes: [floatProduct(node, x, id)], constants };
  const dequantize: NodeNamed<'DequantizeLinear'> = {
    name: freshNode(graph, `${node.name}/dequantize`),
    op: 'DequantizeLinear',
    attributes: source.quantization,
    inputs: [x],
    outputs: [freshValue(graph, `${node.name}.x`)],
  };
  return { nodes: [dequantize, floatProduct(node, dequantize.outputs[0]!, id)], constants };
}

/** W - Z, divided by the step of x where that is fixed. */
function weightsOf(node: Product, weights: Tensor, step: number): Tensor {
  const axis = node.op === 'ConvInteger' ? 0 : weights.shape.length - 1;
  const whole = wholeWeights(weights, node.attributes.weightZeroPoints, axis);
  if (step === 1) return whole;
  return {
    ...whole,
    data: Float32Array.from(whole.data, (w) => w / step),
    grid: { ...whole.grid!, scale: [1 / step] },
  };
}

function floatProduct(node: Product, x: ValueId, weights: ValueId): Node {
  const { name, outputs } = node;
  if (node.op === 'MatMulInteger')
    return { name, op: 'MatMul', attributes: {}, inputs: [x, weights], outputs };
  const { zeroPoint: _x, weightZeroPoints: _w, types: _t, ...attributes } = node.attributes;
  return { name, op: 'Conv', attributes, inputs: [x, weights], outputs };
}

/** Products of integers that no quantizer of one scale made, and integers that would be put out as floats. */
function unreadable(graph: Graph, values: ReadonlyMap<ValueId, QuantizedValue>): Problem[] {
  const problems: Problem[] = [];
  const integers = new Set<ValueId>();
  for (const node of graph.nodes) {
    const where = `node "${node.name}" (${node.op})`;
    const isProduct = node.op === 'ConvInteger' || node.op === 'MatMulInteger';
    if (node.op === 'DynamicQuantizeLinear') integers.add(node.outputs[0]!);
    else if (isProduct) {
      integers.add(node.outputs[0]!);
      const message = whyNotRead(graph, node, values);
      if (message !== undefined) problems.push({ where, message });
    } else if (
      node.op !== 'Cast' &&
      node.op !== 'DequantizeLinear' &&
      node.inputs.some((id) => integers.has(id))
    ) {
      for (const output of node.outputs) integers.add(output);
      if (node.op === 'Pad' && node.attributes.pads.some((pad) => pad > 0)) {
        const found = 'integers whose zero point depends on the image';
        problems.push({ where, message: `expected padding of floating point numbers, found it of ${found}` });
      }
    }
  }
  for (const output of graph.outputs.filter((id) => integers.has(id))) {
    problems.push({
      where: `output "${output}"`,
      message: 'expected floating point numbers, found the integers of a dynamically quantized product',
    });
  }
  return problems;
}

/** What keeps the running operand of a product from being read as floating point numbers, or undefined. */
function whyNotRead(
  graph: Graph,
  { inputs, attributes }: Product,
  values: ReadonlyMap<ValueId, QuantizedValue>,
): string | undefined {
  const { dtype } = factOf(graph, inputs[0]!);
  if (isFloat(dtype)) return undefined;
  const source = values.get(inputs[0]!);
  if (source === undefined) {
    return `expected values quantized in the graph, found "${inputs[0]}" (${dtype}) that no quantizer made`;
  }
  const { quantization, quantizer } = source;
  const fits = quantization.scale.length === 1 && quantization.zeroPoint[0] === attributes.zeroPoint;
  if (fits) return undefined;
  const found = `${showQuantization(quantization)} of quantizer "${quantizer}"`;
  return `expected values of one scale and of zero point ${attributes.zeroPoint}, found ${found}`;
}

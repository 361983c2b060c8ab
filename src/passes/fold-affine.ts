// Before: x -> Conv | Gemm (W, b) -> Mul(a) -> Add(c) -> y      a, c constants per output channel, or scalars
// After:  x -> Conv | Gemm (a W, a b + c) -> y
// This is where BatchNormalization ends. Conditions:
// 1. the value between is read by nobody else and is no output;  2. the constant is the same at every position;
// 3. weights and bias are constants, and a Gemm is y = x W^T + b. Shared weights are copied, not changed for both.
import { consumersOf, factOf, type Graph, type Node, type NodeNamed, type ValueId } from '../graph/graph.ts';
import { onlyConsumer, ownConstantId, type Replacement, rewrite } from '../graph/rewrite.ts';
import { floatTensor, type Tensor } from '../tensor/tensor.ts';
import { isCanonicalGemm } from './lower-gemm.ts';
import type { Change, Pass, Skipped } from './pass.ts';

type Weighted = NodeNamed<'Conv'> | NodeNamed<'Gemm'>;

/** Folds per-channel scales and shifts that follow a Conv or Gemm into its weights and bias. */
export const foldAffine: Pass = {
  name: 'fold-affine',
  summary:
    'fold scales and shifts (BatchNormalization, Mul, Add by constants) into the Conv or Gemm before them',
  run(graph) {
    const changes: Change[] = [];
    const skipped: Skipped[] = [];
    const consumers = consumersOf(graph);
    const absorbed = new Set<string>();
    const rewritten = rewrite(graph, (node) => {
      if (absorbed.has(node.name)) return { nodes: [] };
      if (node.op !== 'Conv' && node.op !== 'Gemm') return null;
      const chain = affineChain(graph, consumers, node, skipped);
      if (chain.length === 0) return null;
      const why = whyFixed(graph, node);
      if (why !== undefined) {
        skipped.push({ node: chain[0]!.name, why });
        return null;
      }
      for (const { name } of chain) {
        absorbed.add(name);
        changes.push({ node: name, kind: 'folded', detail: `into ${node.op} "${node.name}"` });
      }
      return fold(graph, consumers, node, chain);
    });
    return { graph: rewritten, changes, skipped };
  },
};

/** Why the weights of `node` cannot take anything in, or undefined. */
function whyFixed(graph: Graph, node: Weighted): string | undefined {
  if (!node.inputs.slice(1).every((input) => graph.constants.has(input))) {
    return `the weights or bias of ${node.op} "${node.name}" are not constants`;
  }
  if (node.op === 'Gemm' && !isCanonicalGemm(graph, node)) return `Gemm "${node.name}" is not y = x W^T + b`;
  return undefined;
}

/** The Mul and Add nodes right behind `node` that meet the conditions. */
function affineChain(
  graph: Graph,
  consumers: ReturnType<typeof consumersOf>,
  node: Weighted,
  skipped: Skipped[],
): Node[] {
  const chain: Node[] = [];
  const shape = factOf(graph, node.outputs[0]!).shape;
  let value = node.outputs[0]!;
  for (;;) {
    const next = onlyConsumer(graph, consumers, value);
    if (next === undefined) {
      for (const reader of consumers.get(value) ?? []) {
        if (constantOf(graph, reader, value) === undefined) continue;
        skipped.push({ node: reader.name, why: `"${value}" is read by others or put out` });
      }
      return chain;
    }
    const constant = constantOf(graph, next, value);
    if (constant === undefined) return chain;
    if (perChannel(constant, shape) === undefined) {
      skipped.push({ node: next.name, why: 'its constant differs from position to position' });
      return chain;
    }
    chain.push(next);
    value = next.outputs[0]!;
  }
}

/** The constant that `node` multiplies `value` by or adds to it, or undefined. */
function constantOf(graph: Graph, node: Node, value: ValueId): Tensor | undefined {
  if ((node.op !== 'Mul' && node.op !== 'Add') || node.inputs[0] !== value) return undefined;
  return graph.constants.get(node.inputs[1]!);
}

/** The constant as one number per channel (axis 1 of `shape`), or undefined when it varies elsewhere. */
function perChannel(constant: Tensor, shape: readonly number[]): ((channel: number) => number) | undefined {
  const { data } = constant;
  if (data.length === 1 && constant.shape.length <= shape.length) return () => data[0]!;
  const axis = 1 - (shape.length - constant.shape.length);
  const onlyChannels = constant.shape.every((dim, i) => dim === 1 || (i === axis && dim === shape[1]));
  return onlyChannels && constant.shape.length <= shape.length ? (channel) => data[channel]! : undefined;
}

function fold(
  graph: Graph,
  consumers: ReturnType<typeof consumersOf>,
  node: Weighted,
  chain: readonly Node[],
): Replacement {
  const shape = factOf(graph, node.outputs[0]!).shape;
  const weights = graph.constants.get(node.inputs[1]!)!;
  const bias = node.inputs[2] === undefined ? undefined : graph.constants.get(node.inputs[2]);
  const channels = weights.shape[0]!;
  const scale = new Float64Array(channels).fill(1);
  const shift = Float64Array.from({ length: channels }, (_, c) => bias?.data[c] ?? 0);
  for (const affine of chain) {
    const constant = perChannel(graph.constants.get(affine.inputs[1]!)!, shape)!;
    for (let c = 0; c < channels; c++) {
      if (affine.op === 'Mul') {
        scale[c]! *= constant(c);
        shift[c]! *= constant(c);
      } else {
        shift[c]! += constant(c);
      }
    }
  }
  const fan = weights.data.length / channels;
  const folded = new Float32Array(weights.data.length);
  for (let i = 0; i < folded.length; i++) folded[i] = weights.data[i]! * scale[Math.floor(i / fan)]!;
  const weightId = ownConstantId(graph, consumers, node.inputs[1], node.name, 'weight');
  const biasId = ownConstantId(graph, consumers, node.inputs[2], node.name, 'bias');
  return {
    nodes: [
      {
        ...node,
        inputs: [node.inputs[0]!, weightId, biasId],
        outputs: [chain.at(-1)!.outputs[0]!],
      } as Node,
    ],
    constants: new Map<ValueId, Tensor>([
      [weightId, floatTensor(weights.shape, folded)],
      [biasId, floatTensor([channels], Float32Array.from(shift))],
    ]),
  };
}

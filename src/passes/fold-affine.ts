// Before: x -> Conv | ConvTranspose | Gemm (W, b) -> Mul(a) -> Add(c) -> y      a, c constants per output channel, or scalars
// After:  x -> Conv | ConvTranspose | Gemm (a W, a b + c) -> y
// This is where BatchNormalization ends. Conditions:
// 1. the value between is read by nobody else and is no output;  2. the constant is the same at every position;
// 3. weights and bias are constants, and a Gemm is y = x W^T + b. Shared weights are copied, not changed for both.
import { type ChannelAffine, constantOf, extended, identityAffine } from '../graph/affine.ts';
import { consumersOf, factOf, type Graph, type Node, type NodeNamed, type ValueId } from '../graph/graph.ts';
import { onlyConsumer, ownConstantId, type Replacement, rewrite } from '../graph/rewrite.ts';
import type { Grid } from '../tensor/grid.ts';
import { floatTensor, type Shape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { isCanonicalGemm } from './lower-gemm.ts';
import type { Change, Pass, Skipped } from './pass.ts';

type Weighted = NodeNamed<'Conv'> | NodeNamed<'ConvTranspose'> | NodeNamed<'Gemm'>;

/** Folds per-channel scales and shifts that follow a Conv, ConvTranspose or Gemm into its weights and bias. */
export const foldAffine: Pass = {
  name: 'fold-affine',
  summary:
    'fold scales and shifts (BatchNormalization, Mul, Add by constants) into the Conv, ConvTranspose or Gemm before them',
  run(graph) {
    const changes: Change[] = [];
    const skipped: Skipped[] = [];
    const consumers = consumersOf(graph);
    const absorbed = new Set<string>();
    const rewritten = rewrite(graph, (node) => {
      if (absorbed.has(node.name)) return { nodes: [] };
      if (node.op !== 'Conv' && node.op !== 'ConvTranspose' && node.op !== 'Gemm') return null;
      const { chain, affine } = affineChain(graph, consumers, node, skipped);
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
      return fold(graph, consumers, node, affine, chain.at(-1)!.outputs[0]!);
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

/** The Mul and Add nodes right behind `node` that meet the conditions, and what they come down to. */
function affineChain(
  graph: Graph,
  consumers: ReturnType<typeof consumersOf>,
  node: Weighted,
  skipped: Skipped[],
): { readonly chain: readonly Node[]; readonly affine: ChannelAffine } {
  const chain: Node[] = [];
  let value = node.outputs[0]!;
  let affine = identityAffine(factOf(graph, value).shape[1]!);
  for (;;) {
    const next = onlyConsumer(graph, consumers, value);
    if (next === undefined) {
      for (const reader of consumers.get(value) ?? []) {
        if (constantOf(graph, reader, value) === undefined) continue;
        skipped.push({ node: reader.name, why: `"${value}" is read by others or put out` });
      }
      return { chain, affine };
    }
    if (constantOf(graph, next, value) === undefined) return { chain, affine };
    const wider = extended(affine, graph, next, value);
    if (wider === undefined) {
      skipped.push({ node: next.name, why: 'its constant differs from position to position' });
      return { chain, affine };
    }
    affine = wider;
    chain.push(next);
    value = next.outputs[0]!;
  }
}

function fold(
  graph: Graph,
  consumers: ReturnType<typeof consumersOf>,
  node: Weighted,
  { scale, shift }: ChannelAffine,
  output: ValueId,
): Replacement {
  const weights = graph.constants.get(node.inputs[1]!)!;
  const bias = node.inputs[2] === undefined ? undefined : graph.constants.get(node.inputs[2]);
  const channels = scale.length;
  const outputOf = outputChannel(node, weights.shape);
  const folded = new Float32Array(weights.data.length);
  for (let i = 0; i < folded.length; i++) folded[i] = weights.data[i]! * scale[outputOf(i)]!;
  const weightId = ownConstantId(graph, consumers, node.inputs[1], node.name, 'weight');
  const biasId = ownConstantId(graph, consumers, node.inputs[2], node.name, 'bias');
  return {
    nodes: [
      {
        ...node,
        inputs: [node.inputs[0]!, weightId, biasId],
        outputs: [output],
      } as Node,
    ],
    constants: new Map<ValueId, Tensor>([
      [weightId, { ...floatTensor(weights.shape, folded), ...scaledGrid(node, weights.grid, scale) }],
      [
        biasId,
        floatTensor(
          [channels],
          Float32Array.from(shift, (c, i) => scale[i]! * (bias?.data[i] ?? 0) + c),
        ),
      ],
    ]),
  };
}

/** The output channel of the i-th weight: W is [M, ...], of a ConvTranspose [C, M/group, ...]. */
function outputChannel(node: Weighted, shape: Shape): (i: number) => number {
  const [rows, columns] = shape as [number, number];
  if (node.op !== 'ConvTranspose') {
    const fan = sizeOf(shape.slice(1));
    return (i) => Math.floor(i / fan);
  }
  const kernel = sizeOf(shape.slice(2));
  const perGroup = rows / node.attributes.group;
  return (i) => {
    const group = Math.floor(i / (columns * kernel) / perGroup);
    return group * columns + (Math.floor(i / kernel) % columns);
  };
}

/** The grid of weights times a factor for each output channel; a factor of 0 or below leaves none. */
function scaledGrid(
  node: Weighted,
  grid: Grid | undefined,
  factors: readonly number[],
): { readonly grid?: Grid } {
  if (grid === undefined || factors.some((factor) => !(factor > 0))) return {};
  const perChannel = grid.scale.length > 1;
  const first = factors[0]!;
  if (factors.every((factor) => factor === first)) {
    return { grid: { ...grid, scale: grid.scale.map((scale) => scale * first) } };
  }
  // The channels of a ConvTranspose in groups lie along no axis of its weights.
  if (node.op === 'ConvTranspose' && node.attributes.group > 1) return {};
  const axis = node.op === 'ConvTranspose' ? 1 : 0;
  if (perChannel && grid.axis !== axis) return {};
  return {
    grid: { ...grid, axis, scale: factors.map((factor, c) => grid.scale[perChannel ? c : 0]! * factor) },
  };
}

// Bias correction: each channel gets on events the mean current that it got from the image itself.
import type { NirGraph, NirNode } from '../nir/graph.ts';
import { compileNir, isWeighted, type Program } from '../nir/simulation/program.ts';
import { floatTensor, type Tensor } from '../tensor/tensor.ts';
import { withNode } from './graph-edit.ts';
import { type Images, type Observation, observe, type Presentation } from './observation.ts';

/** What became of one weighted node. */
export interface BiasCorrection {
  readonly layer: string;
  /** Root mean square over the channels of what was added to the biases. */
  readonly rms: number;
}

/**
 * b_c += mean (W s + b)_c of `direct` - mean (W s + b)_c of the graph, over images, steps and positions: in closed form,
 * since the mean of a linear map is linear in its bias. From the input on, each node behind the corrected ones.
 * @param layers names of weighted nodes, which `direct` has too; a Linear becomes an Affine
 */
export function correctBiases(
  graph: NirGraph,
  layers: readonly string[],
  images: Images,
  presentation: Presentation,
  direct: Observation,
): { readonly graph: NirGraph; readonly corrections: readonly BiasCorrection[] } {
  let changed = graph;
  const corrections: BiasCorrection[] = [];
  for (const layer of layers) {
    const program = compileNir(changed, 'network');
    const { node, shape } = program.stages.get(layer)!;
    const { means } = observe(program, images, presentation);
    const difference = perChannel(direct.means.get(layer)!, means.get(layer)!, shape[0]!);
    changed = withNode(changed, layer, withBias(node, difference));
    corrections.push({
      layer,
      rms: Math.sqrt(difference.reduce((sum, d) => sum + d * d, 0) / difference.length),
    });
  }
  return { graph: changed, corrections };
}

/** The weighted nodes in the order of computation. */
export function weightedLayers({ stages }: Program): readonly string[] {
  return [...stages.values()].filter(({ node }) => isWeighted(node)).map(({ name }) => name);
}

/** Means over the positions of each channel of a - b. */
function perChannel(a: Float64Array, b: Float64Array, channels: number): Float64Array {
  const out = new Float64Array(channels);
  const area = a.length / channels;
  for (let i = 0; i < a.length; i++) {
    const channel = Math.floor(i / area);
    out[channel] = out[channel]! + (a[i]! - b[i]!) / area;
  }
  return out;
}

function withBias(node: NirNode, added: Float64Array): NirNode {
  const bias = (old?: Tensor) =>
    floatTensor(
      [added.length],
      Float32Array.from(added, (d, c) => d + (old?.data[c] ?? 0)),
    );
  if (node.type === 'Linear') return { ...node, type: 'Affine', bias: bias() };
  if (node.type === 'Affine' || node.type === 'Conv2d') return { ...node, bias: bias(node.bias) };
  throw new Error(`no bias in a ${node.type}`);
}

// How large the whole numbers of an integer network can get: what is exact in which type, and how wide a chip's registers
// must be. Bounds hold for every image: spikes are at most 1 and weights are known.
import { kappa } from '../../encoders/kappa.ts';
import { opNamed } from '../../ops/index.ts';
import {
  type EncoderNode,
  isSpiking,
  type LinearSnnNode,
  type Network,
  type NeuronNode,
  type ReadoutNode,
} from './network.ts';

/** The largest magnitude of one step's current, by value. */
export function currentBounds(network: Pick<Network, 'nodes' | 'constants'>): ReadonlyMap<string, number> {
  const bounds = new Map<string, number>();
  for (const node of network.nodes) {
    // Decoded values are in no integer network.
    if (node.kind === 'readout' || node.kind === 'decoder' || node.kind === 'analog') continue;
    bounds.set(node.output, node.kind === 'linear' ? linearBound(network, node, bounds) : emittedBound(node));
  }
  return bounds;
}

/**
 * The largest |h| that any membrane of a node can reach: its largest current at every step, and the growth in silence behind
 * them, beta^Ts, or more of a source that runs ahead.
 */
export function membraneBound(
  { coding }: Pick<Network, 'coding'>,
  node: NeuronNode | ReadoutNode,
  bounds: ReadonlyMap<string, number>,
): number {
  const Ts = node.kind === 'neuron' ? node.Ts : 0;
  const grown = node.sources.map(
    ({ value, aheadSteps = 0 }) => bounds.get(value)! * coding.beta ** (Ts + aheadSteps),
  );
  return Math.max(...grown) * kappa(coding.T, coding.beta);
}

/** Bits of a signed register that holds every whole number up to `bound` in magnitude. */
export function bitsFor(bound: number): number {
  return Math.ceil(Math.log2(bound + 1)) + 1;
}

/** Spikes are -1, 0 or 1; an image that enters as it is reaches as far as its grid. */
function emittedBound(node: EncoderNode | NeuronNode): number {
  if (node.kind === 'neuron' || isSpiking(node) || node.grid === undefined) return 1;
  return Math.max(node.grid.high, -node.grid.low);
}

function linearBound(
  { constants }: Pick<Network, 'constants'>,
  node: LinearSnnNode,
  bounds: ReadonlyMap<string, number>,
): number {
  const running = node.sources.flatMap((source) => ('value' in source ? [bounds.get(source.value)!] : []));
  const largest = Math.max(...running);
  if (opNamed(node.op)!.role !== 'weighted') return largest;
  const weights = node.sources[1]!;
  return 'constant' in weights ? largest * largestRow(constants.get(weights.constant)!) : largest;
}

/** The largest sum of magnitudes among the rows of W [outputs, ...]. */
function largestRow({
  data,
  shape,
}: {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}): number {
  const fan = data.length / shape[0]!;
  let largest = 0;
  for (let row = 0; row < data.length; row += fan) {
    let sum = 0;
    for (let i = row; i < row + fan; i++) sum += Math.abs(data[i]!);
    largest = Math.max(largest, sum);
  }
  return largest;
}

// Where a conversion loses most: the layers whose error is much larger than that of the layers that feed them, and why.
import { type Network, neuronLayers, runningSources, type SnnNode } from '../snn/network/network.ts';
import { type DiagnosisSums, diagnosisOf, type OwnCause } from './diagnosis.ts';

/**
 * Below this relative RMS error nothing is worth naming. Rounding alone leaves 0.5 to 2 % in a layer at 8 to 12 steps; over
 * the 19 layers of ResNet-20 that grows to 5 to 7 %, and to 3.4 % at the output, where 99.3 % of the answers agree.
 */
export const TOLERATED_ERROR = 0.05;

/** Below this agreement a conversion has lost something. */
export const TOLERATED_AGREEMENT = 0.99;

/** Layers that are named at most. */
const NAMED = 3;

/** How far the error must jump at a layer that is named besides the first. */
const SECOND = 1.5;

/** A layer at which the error jumps. */
export interface Loss {
  readonly layer: string;
  /** Relative RMS error of its decoded values. */
  readonly error: number;
  /** The largest error among the layers that feed it; 0 behind the input. */
  readonly sourceError: number;
  /** What made most of it; `sources` where it came in and was only amplified. */
  readonly cause: OwnCause | 'sources';
}

/**
 * The layers at which the error is largest over that of their sources, at most three, the largest jump first. Errors below
 * `TOLERATED_ERROR` count as that much, so that a good layer behind a better one is no jump. In front of a layer that only
 * amplifies stands the one upstream that made most of what it amplifies, where that has an error worth naming.
 */
export function largestLosses(network: Network, sums: DiagnosisSums): Loss[] {
  const found = neuronLayers(network).map(({ name }) => [name, diagnosisOf(sums, name)] as const);
  const errors = new Map(found.map(([name, layer]) => [name, layer?.decodedError ?? null]));
  const sourceErrors = sourceErrorsOf(network, errors);
  const losses = found.flatMap(([layer, diagnosis]) => {
    if (diagnosis === null || diagnosis.decodedError === null || diagnosis.own === null) return [];
    const sourceError = sourceErrors.get(layer)!;
    const jump = diagnosis.decodedError / Math.max(sourceError, TOLERATED_ERROR);
    return [
      {
        layer,
        error: diagnosis.decodedError,
        sourceError,
        cause: causeOf(diagnosis.own, diagnosis.decodedError),
        jump,
        made: madeBy(diagnosis.own),
      },
    ];
  });
  losses.sort((a, b) => b.jump - a.jump);
  const largest = losses[0]?.jump ?? 0;
  const named = losses.filter(
    ({ jump, error }, i) =>
      i < NAMED && error > TOLERATED_ERROR && (i === 0 || jump > Math.max(largest / 2, SECOND)),
  );
  const upstream = layersUpstream(network);
  const makerOf = ({ layer, cause }: Loss) => {
    if (cause !== 'sources') return [];
    const makers = losses.filter(
      (one) => one.cause !== 'sources' && one.error > TOLERATED_ERROR && upstream.get(layer)!.has(one.layer),
    );
    return makers.sort((a, b) => b.made - a.made).slice(0, 1);
  };
  const inOrder = new Set(named.flatMap((loss) => [...makerOf(loss), loss]));
  return [...inOrder].slice(0, NAMED).map(({ jump: _, made: __, ...loss }) => loss);
}

/** The relative error that arose in a layer itself. */
function madeBy(own: Readonly<Record<OwnCause, number>>): number {
  return Math.hypot(own.saturation, own.residual, own.rounding);
}

/** What made most of an error. Less than half of it from the layer itself means that it came in. */
function causeOf(own: Readonly<Record<OwnCause, number>>, error: number): Loss['cause'] {
  const causes = Object.keys(own) as OwnCause[];
  if (madeBy(own) < error / 2) return 'sources';
  return causes.reduce((most, cause) => (own[cause] > own[most] ? cause : most));
}

/** The largest error of the layers that feed each layer, through whatever lies between and layers that were not compared. */
function sourceErrorsOf(
  network: Network,
  errors: ReadonlyMap<string, number | null>,
): ReadonlyMap<string, number> {
  const carried = new Map<string, number>();
  const found = new Map<string, number>();
  for (const node of network.nodes) {
    const sources = Math.max(0, ...runningSources(node).map(({ value }) => carried.get(value)!));
    if (node.kind === 'neuron') found.set(node.name, sources);
    if (node.kind !== 'readout') carried.set(node.output, ownError(node, errors) ?? sources);
  }
  return found;
}

/** The neuron layers from which each layer's values come, however far back. */
function layersUpstream(network: Network): ReadonlyMap<string, ReadonlySet<string>> {
  const carried = new Map<string, ReadonlySet<string>>();
  const found = new Map<string, ReadonlySet<string>>();
  for (const node of network.nodes) {
    const before = new Set(runningSources(node).flatMap(({ value }) => [...carried.get(value)!]));
    if (node.kind === 'neuron') found.set(node.name, before);
    if (node.kind === 'readout') continue;
    carried.set(node.output, node.kind === 'neuron' ? new Set([...before, node.name]) : before);
  }
  return found;
}

function ownError(node: SnnNode, errors: ReadonlyMap<string, number | null>): number | null {
  return node.kind === 'neuron' ? (errors.get(node.name) ?? null) : null;
}

// Threshold calibration: each population fires as often on events as it did on the image itself.
import type { NirGraph, NirNodeOf } from '../nir/graph.ts';
import { isStateful, membraneStep } from '../nir/simulation/neuron-model.ts';
import { spikingStages } from '../nir/simulation/operations.ts';
import { compileNir, type Program } from '../nir/simulation/program.ts';
import { floatTensor, sizeOf } from '../tensor/tensor.ts';
import { withNode } from './graph-edit.ts';
import { type Images, type Observation, observe, type Presentation } from './observation.ts';

/** What became of one population. */
export interface ThresholdFactor {
  readonly layer: string;
  /** v_threshold - v_reset is multiplied by it. */
  readonly factor: number;
  /** Spikes per neuron and step: of the direct-coded network, before, and with the factor. */
  readonly target: number;
  readonly before: number;
  readonly after: number;
}

/** Factors are sought between 1/RANGE and RANGE, halving the interval so many times. */
const RANGE = 8;
const HALVINGS = 24;

/**
 * Finds, population by population from the input on, the factor of the distance from reset to threshold with which the mean
 * rate over the calibration set is that of `direct`. A rate falls when its threshold rises, so the interval is halved; of the
 * factors tried, the one whose rate comes nearest is taken, 1 included. Later populations see the earlier ones changed.
 * @param layers names of the populations, which `direct` has too
 */
export function calibrateThresholds(
  graph: NirGraph,
  layers: readonly string[],
  images: Images,
  presentation: Presentation,
  direct: Observation,
): { readonly graph: NirGraph; readonly factors: readonly ThresholdFactor[] } {
  let changed = graph;
  const factors: ThresholdFactor[] = [];
  for (const layer of layers) {
    const program = compileNir(changed, 'network');
    const node = program.stages.get(layer)!.node;
    if (node.type !== 'IF' && node.type !== 'LIF') continue;
    const rate = rateOf(program, layer, images, presentation);
    const target = meanOf(direct.means.get(layer)!);
    const found = factorFor(target, (factor) => rate(withFactor(node, factor)));
    changed = withNode(changed, layer, withFactor(node, found.factor));
    factors.push({ layer, target, before: rate(node), ...found });
  }
  return { graph: changed, factors };
}

/** The populations with a threshold that can be moved. */
export function calibratedLayers(program: Program): readonly string[] {
  return spikingStages(program).flatMap(({ name, node }) => (isStateful(node) ? [name] : []));
}

/** Mean rate of one population, as a function of its node, on the currents that it gets from the rest as it is. */
function rateOf(program: Program, layer: string, images: Images, presentation: Presentation) {
  const stage = program.stages.get(layer)!;
  const size = sizeOf(stage.shape);
  const currents: Float32Array[] = [];
  observe(program, images, presentation, (simulator) => currents.push(simulator.inputOf(layer).slice()));
  return (node: NirNodeOf<'IF' | 'LIF'>): number => {
    const step = membraneStep(node, presentation);
    const v = new Float32Array(size);
    const spikes = new Float32Array(size);
    let sum = 0;
    currents.forEach((current, i) => {
      if (i % presentation.steps === 0) v.fill(0);
      step(v, current, spikes);
      for (let k = 0; k < size; k++) sum += spikes[k]!;
    });
    return sum / (currents.length * size);
  };
}

function factorFor(target: number, rate: (factor: number) => number): { readonly factor: number; readonly after: number } {
  let best = { factor: 1, after: rate(1) };
  let [low, high] = [-Math.log(RANGE), Math.log(RANGE)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    const factor = Math.exp(middle);
    const after = rate(factor);
    if (Math.abs(after - target) < Math.abs(best.after - target)) best = { factor, after };
    if (after > target) low = middle;
    else high = middle;
  }
  return best;
}

function withFactor<N extends NirNodeOf<'IF' | 'LIF'>>(node: N, factor: number): N {
  const { v_threshold: threshold, v_reset: reset } = node;
  const moved = Float32Array.from(threshold.data, (theta, i) => {
    const from = reset?.data[i] ?? 0;
    return from + factor * (theta - from);
  });
  return { ...node, v_threshold: floatTensor(threshold.shape, moved) };
}

export function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

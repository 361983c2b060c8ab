// Threshold calibration: each population fires on events as nearly as it can as it did on the image itself.
import type { NirGraph, NirNodeOf } from '../nir/graph.ts';
import { membraneStep } from '../nir/simulation/neuron-model.ts';
import { spikingStages } from '../nir/simulation/operations.ts';
import { compileNir, type Program } from '../nir/simulation/program.ts';
import { NirSimulator } from '../nir/simulation/simulator.ts';
import { floatTensor, sizeOf } from '../tensor/tensor.ts';
import { withNode } from './graph-edit.ts';
import { type Images, imageOf, type Presentation } from './observation.ts';

/** What became of one population. */
export interface ThresholdFactor {
  readonly layer: string;
  /** v_threshold - v_reset is multiplied by it. */
  readonly factor: number;
  /** Mean of (spikes on events - spikes on the image)^2 over calibration images and neurons, with factor 1 and with this one. */
  readonly errorBefore: number;
  readonly error: number;
}

type Firing = NirNodeOf<'IF' | 'LIF'>;

/** Eighths of an octave from a quarter to four times; 1 is the first, so that it stays where nothing is better. */
const FACTORS: readonly number[] = Array.from({ length: 33 }, (_, i) => 2 ** ((i - 16) / 8)).sort(
  (a, b) => Math.abs(Math.log(a)) - Math.abs(Math.log(b)),
);

/**
 * Finds, population by population from the input on, the factor of the distance from reset to threshold with which the
 * spike counts of its neurons come nearest to those of the direct-coded network, in least squares over the calibration
 * images. Later populations see the earlier ones changed.
 * @param direct the network as it was trained; all its populations are in `graph` under the same names
 */
export function calibrateThresholds(
  graph: NirGraph,
  direct: Program,
  images: Images,
  presentation: Presentation,
): { readonly graph: NirGraph; readonly factors: readonly ThresholdFactor[] } {
  let changed = graph;
  const factors: ThresholdFactor[] = [];
  for (const { name, node } of spikingStages(direct)) {
    if (node.type !== 'IF' && node.type !== 'LIF') continue;
    const found = bestFactor(compileNir(changed, 'network'), direct, name, images, presentation);
    changed = withNode(changed, name, withFactor(node, found.factor));
    factors.push({ layer: name, ...found });
  }
  return { graph: changed, factors };
}

/** Runs both networks side by side, and the population once more for each factor on the currents that it gets on events. */
function bestFactor(
  events: Program,
  direct: Program,
  layer: string,
  images: Images,
  presentation: Presentation,
): Omit<ThresholdFactor, 'layer'> {
  const { node, shape } = events.stages.get(layer)!;
  const size = sizeOf(shape);
  const array = () => new Float32Array(size);
  const tried = FACTORS.map((factor) => ({
    step: membraneStep(withFactor(node as Firing, factor), presentation),
    v: array(),
    spikes: array(),
    surplus: array(),
  }));
  const errors = new Float64Array(FACTORS.length);
  const simulators = [
    new NirSimulator(events, presentation),
    new NirSimulator(direct, presentation),
  ] as const;
  for (let n = 0; n < images.count; n++) {
    for (const simulator of simulators) simulator.begin(imageOf(images, n));
    for (const { v, surplus } of tried) {
      v.fill(0);
      surplus.fill(0);
    }
    for (let t = 0; t < presentation.steps; t++) {
      for (const simulator of simulators) simulator.step();
      const current = simulators[0].inputOf(layer);
      const wanted = simulators[1].valueOf(layer);
      for (const { step, v, spikes, surplus } of tried) {
        step(v, current, spikes);
        for (let i = 0; i < size; i++) surplus[i] = surplus[i]! + spikes[i]! - wanted[i]!;
      }
    }
    tried.forEach(({ surplus }, f) => {
      for (let i = 0; i < size; i++) errors[f] = errors[f]! + surplus[i]! ** 2;
    });
  }
  const best = errors.indexOf(Math.min(...errors));
  const mean = (f: number) => errors[f]! / (size * images.count);
  return { factor: FACTORS[best]!, errorBefore: mean(0), error: mean(best) };
}

function withFactor(node: Firing, factor: number): Firing {
  const { v_threshold: threshold, v_reset: reset } = node;
  const moved = Float32Array.from(threshold.data, (theta, i) => {
    const from = reset?.data[i] ?? 0;
    return from + factor * (theta - from);
  });
  return { ...node, v_threshold: floatTensor(threshold.shape, moved) };
}

// Direct-to-event transfer: a spiking network that was trained on images entering as currents, made to run on events alone.
import { compute45nm } from '../energy/compute-45nm.ts';
import { energyMj } from '../energy/energy-model.ts';
import type { NirGraph } from '../nir/graph.ts';
import {
  multiplyingStages,
  type NirOperations,
  nirFanOuts,
  nirOperations,
} from '../nir/simulation/operations.ts';
import { compileNir, type Program } from '../nir/simulation/program.ts';
import type { Progress } from '../progress.ts';
import { type BiasCorrection, correctBiases, weightedLayers } from './biases.ts';
import { type InputCode, inputCode, withMappingLayer, withPlainEncoder } from './mapping-layer.ts';
import { classesOf, type Images, type Observation, observe, type Presentation } from './observation.ts';
import { calibrateThresholds, type ThresholdFactor } from './thresholds.ts';

/** The network before, between and behind the steps of the transfer. */
export const TRANSFER_STAGES = [
  { name: 'direct', summary: 'as trained: the image is a current at every step' },
  { name: 'naive', summary: 'an IF neuron of threshold 1 in front of the first weights, nothing calibrated' },
  {
    name: 'mapping',
    summary: 'the mapping layer instead: events of the calibrated amplitude, nothing forgotten',
  },
  { name: 'thresholds', summary: 'and thresholds by the spike counts of the direct network' },
  { name: 'biases', summary: 'and biases by the mean currents of the direct network' },
] as const;
export type TransferStage = (typeof TRANSFER_STAGES)[number]['name'];

/** Test figures of one of these networks; operations, spikes and energy of one image over all steps. */
export interface MeasuredStage {
  readonly stage: TransferStage;
  readonly accuracy: number | null;
  /** Fraction of the images that get the class that the direct network gives them. */
  readonly agreement: number;
  /** All spikes, those of the encoder included. */
  readonly spikes: number;
  readonly operations: NirOperations;
  /** Nodes that multiply analog numbers; none where all is events. */
  readonly multiplies: readonly string[];
  /** Compute only: products at every step, and with what does not change multiplied once. */
  readonly energyMj: number;
  readonly energyOnceMj: number;
  /** Spikes per neuron and step of each population. */
  readonly rates: Readonly<Record<string, number>>;
}

export interface Transfer {
  /** The network of the last stage. */
  readonly graph: NirGraph;
  readonly presentation: Presentation;
  readonly input: InputCode;
  readonly thresholds: readonly ThresholdFactor[];
  readonly biases: readonly BiasCorrection[];
  readonly stages: readonly MeasuredStage[];
}

export interface TransferOptions {
  readonly presentation: Presentation;
  readonly calibration: Images;
  readonly test: Images;
  /** A class for each test image; null where they have none. */
  readonly labels: Int32Array | null;
  /** Names the network in errors. */
  readonly where?: string;
  /** Stages done, of how many. */
  readonly progress?: Progress;
}

/**
 * Transfers a network and measures every step on the test images. Thresholds and biases are set on the calibration images
 * alone, thresholds first.
 * @throws Ann2SnnError as `compileNir` does; `invalid-option` where steps or dt are none
 */
export function transferToEvents(direct: NirGraph, options: TransferOptions): Transfer {
  const { presentation, calibration, where = 'network', progress } = options;
  const program = compileNir(direct, where);
  const trained = observe(program, calibration, presentation);
  const input = inputCode(calibration.data);
  const stages: MeasuredStage[] = [];
  const wanted: Observation = observe(program, options.test, presentation);
  const measured = (stage: TransferStage, graph: NirGraph) => {
    const compiled = compileNir(graph, where);
    const observed = stage === 'direct' ? wanted : observe(compiled, options.test, presentation);
    stages.push(measure(stage, compiled, observed, wanted, options));
    progress?.(stages.length, TRANSFER_STAGES.length);
    return graph;
  };
  progress?.(0, TRANSFER_STAGES.length);
  measured('direct', direct);
  measured('naive', withPlainEncoder(direct, program, presentation.dt));
  const mapped = measured('mapping', withMappingLayer(direct, program, input, presentation.dt));
  const thresholds = calibrateThresholds(mapped, program, calibration, presentation);
  measured('thresholds', thresholds.graph);
  const biases = correctBiases(thresholds.graph, weightedLayers(program), calibration, presentation, trained);
  const graph = measured('biases', biases.graph);
  return { graph, presentation, input, thresholds: thresholds.factors, biases: biases.corrections, stages };
}

function measure(
  stage: TransferStage,
  program: Program,
  observed: Observation,
  direct: Observation,
  { presentation: { steps }, labels }: TransferOptions,
): MeasuredStage {
  const classes = classesOf(observed);
  const share = (others: Int32Array) =>
    classes.filter((found, n) => found === others[n]).length / classes.length;
  const operations = nirOperations(program, nirFanOuts(program), observed.spikesPerNeuron, steps);
  const total = (spikes: Float64Array) => spikes.reduce((sum, count) => sum + count, 0);
  const { acs, macs, macsOnce } = operations;
  return {
    stage,
    accuracy: labels === null ? null : share(labels),
    agreement: share(classesOf(direct)),
    spikes: [...observed.spikesPerNeuron.values()].reduce((sum, spikes) => sum + total(spikes), 0),
    operations,
    multiplies: multiplyingStages(program),
    energyMj: energyMj(compute45nm, { macs, acs }),
    energyOnceMj: energyMj(compute45nm, { macs: macsOnce, acs }),
    rates: Object.fromEntries(
      [...observed.spikesPerNeuron].map(
        ([name, spikes]) => [name, total(spikes) / (spikes.length * steps)] as const,
      ),
    ),
  };
}

// What `transfer` answers.
import type { Preprocessing } from '../data/preprocessing.ts';
import { compute45nm } from '../energy/compute-45nm.ts';
import type { BiasCorrection } from '../transfer/biases.ts';
import type { InputCode } from '../transfer/mapping-layer.ts';
import type { Presentation } from '../transfer/observation.ts';
import type { ThresholdFactor } from '../transfer/thresholds.ts';
import { type MeasuredStage, TRANSFER_STAGES } from '../transfer/transfer.ts';
import { inputLine } from './input-line.ts';
import { count, energy, figure, percent, plural, table } from './table.ts';

/** The JSON of a transfer: figures of one image over all steps; energies in mJ. */
export interface TransferSummary {
  readonly network: string;
  readonly output: string;
  readonly presentation: Presentation;
  readonly preprocessing: Preprocessing;
  readonly calibrationImages: number;
  readonly images: number;
  readonly input: InputCode;
  readonly energyModel: { readonly name: string; readonly source: string };
  readonly stages: readonly MeasuredStage[];
  readonly thresholds: readonly ThresholdFactor[];
  readonly biases: readonly BiasCorrection[];
}

/** The summary of a transfer without its graph. */
export function transferSummary(
  files: { readonly network: string; readonly output: string },
  result: Omit<TransferSummary, 'network' | 'output' | 'energyModel'>,
): TransferSummary {
  const { presentation, preprocessing, calibrationImages, images, input, stages, thresholds, biases } =
    result;
  const { name, source } = compute45nm;
  return {
    ...files,
    presentation,
    preprocessing,
    calibrationImages,
    images,
    input,
    energyModel: { name, source },
    stages,
    thresholds,
    biases,
  };
}

/** The summary for people. */
export function transferText(summary: TransferSummary): string {
  const { stages, presentation, thresholds, biases } = summary;
  const rows = stages.map(({ stage, accuracy, agreement, spikes, operations, energyMj, energyOnceMj }) => [
    stage,
    percent(accuracy),
    percent(agreement),
    count(spikes),
    count(operations.acs),
    count(operations.macs),
    energy(energyMj),
    count(operations.macsOnce),
    energy(energyOnceMj),
  ]);
  const headings = [
    'network',
    'accuracy',
    'agreement',
    'spikes',
    'SyOPs',
    'MACs',
    'energy',
    'MACs once',
    'energy once',
  ];
  const list = (values: readonly { readonly layer: string }[], of: (i: number) => number) =>
    values.map(({ layer }, i) => `${layer} ${figure(of(i))}`).join(', ') || 'none';
  return [
    `${plural(presentation.steps, 'step')} of ${presentation.dt} (${presentation.discretisation}, reset ${presentation.reset}), ${plural(summary.images, 'test image')}, ${plural(summary.calibrationImages, 'calibration image')}, ${inputLine(summary.preprocessing)}`,
    '',
    table(headings, rows),
    '',
    ...TRANSFER_STAGES.map(({ name, summary: what }) => `${name.padEnd(10)}  ${what}`),
    '',
    `events       of amplitude ${figure(summary.input.theta)}${summary.input.signed ? ', with signs' : ''}`,
    `thresholds   ${list(thresholds, (i) => thresholds[i]!.factor)}   (factors)`,
    `biases       ${list(biases, (i) => biases[i]!.rms)}   (rms of what was added)`,
    ...remaining(stages.at(-1)!.multiplies),
    `per image over all steps, ${summary.energyModel.name}; "once": what is the same at every step is multiplied once and held`,
    `wrote ${summary.output}`,
  ].join('\n');
}

/** Weights that no event reaches alone: the transfer changes what enters first, not what lies between neurons. */
function remaining(multiplies: readonly string[]): string[] {
  if (multiplies.length === 0) return [];
  return [`still MACs   ${multiplies.join(', ')}   (currents feed them, no neuron lies in front)`];
}

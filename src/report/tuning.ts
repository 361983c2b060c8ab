// What `tune` says: what each step bought, the networks that no other beats, and the one it recommends.
import { scoredReadout } from '../metrics/accuracy.ts';
import { type Interval, mcnemar, pairedInterval } from '../metrics/confidence.ts';
import { type Network, neuronLayers } from '../snn/network/network.ts';
import { describeSetting, type Setting } from '../tuning/setting.ts';
import { DEFAULT_BUDGET, type Figures } from '../tuning/trials.ts';
import type { TunedPoint, TuneResult } from '../tuning/tune.ts';
import { nearChance } from './near-chance.ts';
import { count, energy, figure, percent, plural, table } from './table.ts';

/** What a tuning found, as far as it is printed (tune-job.ts). */
export interface TuningResult extends TuneResult {
  readonly network: Network;
  readonly chosen: TunedPoint;
  readonly objective: { readonly name: string; readonly summary: string };
  readonly maxLoss: number;
  readonly maxLatency: number | null;
  readonly images: { readonly calibration: number; readonly validation: number; readonly screened: number };
  readonly budget: { readonly allowed: number; readonly spent: number };
  readonly test: (Figures & { readonly file: string }) | null;
}

/** Figures of the test images with what they can tell: loss is ANN minus SNN, a fraction. */
interface TestFigures extends Figures {
  readonly file: string;
  readonly annAccuracy: number | null;
  readonly loss: number | null;
  /** 95 %, paired. */
  readonly interval: Interval | null;
  /** Two-sided exact McNemar test. */
  readonly mcnemar: number | null;
}

interface PointSummary {
  readonly setting: string;
  readonly figures: Figures;
}

export interface TuningSummary {
  readonly file: string | null;
  readonly model: string;
  readonly minimise: string;
  readonly maxLoss: number;
  readonly maxLatency: number | null;
  readonly images: TuningResult['images'];
  readonly budget: TuningResult['budget'];
  readonly cutShort: boolean;
  /** The ANN's, on the images that judge; null where they have no labels. */
  readonly annAccuracy: number | null;
  readonly classes: number | null;
  readonly reference: PointSummary;
  readonly steps: TuneResult['steps'];
  readonly chosen: PointSummary & {
    /** What each layer was given. */
    readonly layers: readonly {
      readonly name: string;
      /** Factor of the measured amplitude: the layer's, or the least and the largest of its channels. */
      readonly amplitude: readonly [number, number];
      readonly Ts: number;
      readonly phi: number;
    }[];
  };
  readonly front: readonly PointSummary[];
  readonly test: TestFigures | null;
}

export function tuningSummary(tuned: TuningResult, file: string | null): TuningSummary {
  const { chosen, objective, test } = tuned;
  return {
    file,
    model: tuned.network.provenance.model.file,
    minimise: objective.name,
    maxLoss: tuned.maxLoss,
    maxLatency: tuned.maxLatency,
    images: tuned.images,
    budget: tuned.budget,
    cutShort: tuned.cutShort,
    annAccuracy: annAccuracyOf(tuned.reference.figures),
    classes: scoredReadout(tuned.network)?.classes ?? null,
    reference: summaryOf(tuned.reference),
    steps: tuned.steps,
    chosen: { ...summaryOf(chosen), layers: layersOf(tuned.network, chosen.setting) },
    front: tuned.front.map(summaryOf),
    test: test && tested(test),
  };
}

function summaryOf({ setting, figures }: TunedPoint): PointSummary {
  return { setting: describeSetting(setting), figures };
}

function layersOf(network: Network, { scales }: Setting): TuningSummary['chosen']['layers'] {
  return neuronLayers(network).map(({ name, Ts, phi }) => {
    const factors = [scales.get(name) ?? 1].flat();
    return { name, amplitude: [Math.min(...factors), Math.max(...factors)], Ts, phi };
  });
}

function tested(figures: Figures & { readonly file: string }): TestFigures {
  const { discordant, accuracy, images } = figures;
  const annAccuracy = annAccuracyOf(figures);
  if (discordant === null || accuracy === null || annAccuracy === null)
    return { ...figures, annAccuracy: null, loss: null, interval: null, mcnemar: null };
  return {
    ...figures,
    annAccuracy,
    loss: lossOf(discordant, images),
    interval: pairedInterval(discordant, images),
    mcnemar: mcnemar(discordant),
  };
}

/** The ANN's accuracy on the images of a network's figures; null where they have no labels. */
function annAccuracyOf({ accuracy, discordant, images }: Figures): number | null {
  return accuracy === null || discordant === null ? null : accuracy + lossOf(discordant, images);
}

/** ANN minus SNN, a fraction. */
function lossOf({ onlyFirst, onlySecond }: NonNullable<Figures['discordant']>, images: number): number {
  return (onlyFirst - onlySecond) / images;
}

const FIGURES = [
  'expected loss',
  'bound',
  'agreement',
  'logit error',
  'SyOPs',
  'of reference',
  'latency',
  'spikes/neuron',
] as const;

/** One row of figures, in the order of FIGURES. */
function row(figures: Figures | null, reference: Figures): string[] {
  if (figures === null) return FIGURES.map(() => '-');
  return [
    points(figures.expectedLoss),
    points(figures.lossBound),
    percent(figures.agreement),
    percent(figures.logitError),
    count(figures.syops),
    percent(figures.syops / reference.syops),
    String(figures.latency),
    figure(figures.spikesPerNeuron),
  ];
}

/** A difference of accuracies in percentage points. */
function points(fraction: number): string {
  return (100 * fraction).toFixed(3);
}

/** The longest description of a change in a table. */
const LONGEST = 60;

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}

export function tuningText(summary: TuningSummary): string {
  const { reference, chosen, images, budget, steps, front, maxLatency } = summary;
  const within = maxLatency === null ? '' : ` within ${maxLatency} steps`;
  const base = reference.figures;
  return [
    `${summary.model}: least ${summary.minimise} at a loss of at most ${points(summary.maxLoss)} points${within}`,
    `${plural(images.calibration, 'image')} measured amplitudes, ${images.validation} judged (changes were first tried on ${images.screened}); ${Math.round(budget.spent)} of ${budget.allowed} runs over the validation images taken${summary.cutShort ? ', further moves were left out' : ''}`,
    ...judgingNotes(summary),
    '',
    table(
      ['step', 'what changed', ...FIGURES],
      [
        ['reference', shortened(reference.setting), ...row(base, base)],
        ...steps.map(({ move, what, figures }) => [move, shortened(what), ...row(figures, base)]),
      ],
    ),
    '',
    'networks that no other tried one beats in expected loss, energy and latency together:',
    table(
      ['setting', ...FIGURES],
      front.map(({ setting, figures }) => [setting, ...row(figures, base)]),
    ),
    '',
    `recommended: ${chosen.setting}`,
    `energy ${energy(chosen.figures.energyMj)} per image against ${energy(base.energyMj)}, latency ${chosen.figures.latency} steps against ${base.latency}`,
    ...testLines(summary),
    ...lossNote(summary),
    ...(summary.file === null ? [] : [`written to ${summary.file}`]),
  ].join('\n');
}

/** What the images that judge, or the runs over them, cannot tell. */
function judgingNotes(summary: TuningSummary): string[] {
  const { images, maxLoss, steps, budget, annAccuracy, classes, reference, chosen, test } = summary;
  const one = 1 / images.validation;
  const unsearched = steps.length === 0 && chosen.setting === reference.setting;
  return [
    ...nearChance(annAccuracy ?? test?.annAccuracy ?? null, classes),
    ...(one > maxLoss
      ? [`note: one of the ${images.validation} judging images is ${(100 * one).toFixed(2)} points`]
      : []),
    ...(unsearched
      ? [
          `note: nothing was searched: ${plural(budget.allowed, 'run')} did not suffice for one move; the default is ${DEFAULT_BUDGET}`,
        ]
      : []),
  ];
}

/** Where the test images show more loss than the judging ones promised. */
function lossNote({ test, maxLoss }: TuningSummary): string[] {
  if (test === null || test.loss === null || test.interval === null || test.loss <= maxLoss) return [];
  const { low, high } = test.interval;
  return [
    `note: lost ${points(test.loss)} points on the test images, more than the ${points(maxLoss)} allowed (interval ${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)}); judge by more or held-out images: --validation`,
  ];
}

function testLines({ test }: TuningSummary): string[] {
  if (test === null) return [];
  const { images, file, agreement, accuracy, annAccuracy, loss, interval, mcnemar: p } = test;
  const own = `test, ${plural(images, 'image')} of ${file}: agreement ${percent(agreement)}, ${count(test.syops)} SyOPs`;
  if (loss === null || interval === null) return [`${own} (no labels, no accuracy)`];
  return [
    own,
    `test accuracy ${percent(accuracy)}, ANN ${percent(annAccuracy)}: loss ${points(loss)} points, 95 % interval ${points(interval.low)} to ${points(interval.high)} (paired), McNemar p ${figure(p)}`,
  ];
}

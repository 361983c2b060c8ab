// Trying settings out: a network of each, run on validation images, in figures. Keeps count of the images it has run, which
// is what a budget is spent in, and remembers what it has measured.
import type { Dataset } from '../data/dataset.ts';
import { preprocess } from '../data/preprocessing.ts';
import { compute45nm, compute45nmInt8 } from '../energy/compute-45nm.ts';
import { energyMj } from '../energy/energy-model.ts';
import type { Engine } from '../engines/engine.ts';
import { argmax, type ScoredReadout } from '../metrics/accuracy.ts';
import type { Discordant } from '../metrics/confidence.ts';
import { type AnswerMargins, answerMargins, expectedLoss, logitError } from '../metrics/expected-loss.ts';
import { fanOuts } from '../metrics/fan-out.ts';
import { latencyOf } from '../metrics/latency.ts';
import { snnProducts, synapticOperations } from '../metrics/operations.ts';
import { addTrace, emptyTally, type SpikeTally, totalSpikes } from '../metrics/tally.ts';
import { imageShapeOf } from '../snn/network/inputs.ts';
import { type Network, neuronLayers, reEncoders } from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { keyOf, type Setting } from './setting.ts';

/** What one network measured. Counts are per image, shares are fractions. */
export interface Figures {
  readonly images: number;
  /** metrics/expected-loss.ts, with the margins of all validation images. */
  readonly expectedLoss: number;
  readonly lossBound: number;
  readonly logitError: number;
  /** Root mean square error of the differences of logits that answers depend on. */
  readonly sigma: number;
  readonly agreement: number;
  /** Images that only the ANN, and that only the SNN has right; null without labels. */
  readonly discordant: Discordant | null;
  readonly accuracy: number | null;
  /** Accumulates, true fan-out. */
  readonly syops: number;
  readonly macs: number;
  readonly energyMj: number;
  readonly latency: number;
  /** Of all neurons; the encoders of the inputs are not counted. */
  readonly spikes: number;
  readonly spikesPerNeuron: number;
}

/** Images with what the ANN says of them. */
export interface Judged {
  readonly images: Dataset;
  /** Logits [images, classes] of the ANN. */
  readonly ann: Float32Array;
  readonly scores: ScoredReadout;
}

/** Runs over all validation images that a search may take unless told. */
export const DEFAULT_BUDGET = 120;

export interface TrialOptions {
  readonly engine: Engine;
  /** Images that may be run. */
  readonly budget: number;
  /** Called with the images run. */
  readonly progress?: (spent: number) => void;
}

/** The budget does not reach for what was asked. */
export class BudgetSpent extends Error {}

/** After which nothing but rounding is left of an interval of float64 numbers of one order. */
const BISECTIONS = 40;

/** Live state of a search: what has been measured and what is left of the budget. */
export class Trials {
  /** Every setting measured on all validation images, in order. */
  readonly measured: { readonly setting: Setting; readonly figures: Figures }[] = [];
  spent = 0;
  private readonly build: (setting: Setting) => Network;
  private readonly validation: Judged;
  private readonly options: TrialOptions;
  private readonly margins: AnswerMargins;
  private readonly known = new Map<string, Figures>();
  private fanOut: ReadonlyMap<string, Float64Array> | undefined;

  constructor(build: (setting: Setting) => Network, validation: Judged, options: TrialOptions) {
    this.build = build;
    this.validation = validation;
    this.options = options;
    this.margins = answerMargins(
      validation.ann,
      validation.scores.classes,
      validation.images.labels?.subarray(0, validation.images.count) ?? null,
    );
  }

  /** All validation images. */
  get images(): number {
    return this.validation.images.count;
  }

  /** Images on which many settings are compared before few are looked at closely: an eighth of them, and 32 at least. */
  get screened(): number {
    return Math.min(this.images, Math.max(32, Math.ceil(this.images / 8)));
  }

  /** The error of the logits at which the bound of the expected loss is `loss`. */
  sigmaAt(loss: number): number {
    let [low, high] = [0, Math.max(1, ...this.margins.margins)];
    for (let i = 0; i < BISECTIONS; i++) {
      const middle = (low + high) / 2;
      if (expectedLoss(this.margins, middle).bound <= loss) low = middle;
      else high = middle;
    }
    return low;
  }

  network(setting: Setting): Network {
    return this.build(setting);
  }

  /** The figures of a setting on the first `images` validation images: on all unless given. */
  async measure(setting: Setting, images = this.images): Promise<Figures> {
    const key = `${images} ${keyOf(setting)}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    this.spend(images);
    const network = this.build(setting);
    // Neither amplitudes nor steps change which synapses there are.
    this.fanOut ??= fanOuts(network);
    const figures = await figuresOf(network, this.validation, {
      engine: this.options.engine,
      images,
      fanOut: this.fanOut,
      margins: this.margins,
    });
    this.known.set(key, figures);
    if (images === this.images) this.measured.push({ setting, figures });
    return figures;
  }

  /** Takes images off the budget. Throws BudgetSpent where they are more than it has left. */
  spend(images: number): void {
    if (this.spent + images > this.options.budget) throw new BudgetSpent();
    this.spent += images;
    this.options.progress?.(this.spent);
  }
}

export interface FiguresOptions {
  readonly engine: Engine;
  /** How many of the images are run: all unless given. */
  readonly images?: number;
  readonly fanOut?: ReadonlyMap<string, Float64Array>;
  readonly margins?: AnswerMargins;
}

/** Runs the first images through a network and puts it in figures. */
export async function figuresOf(
  network: Network,
  { images: dataset, ann, scores }: Judged,
  options: FiguresOptions,
): Promise<Figures> {
  const { images = dataset.count } = options;
  const { snn, tally } = await run(network, dataset, images, scores, options.engine);
  const expected = ann.subarray(0, images * scores.classes);
  const labels = dataset.labels?.subarray(0, images) ?? null;
  const margins = options.margins ?? answerMargins(expected, scores.classes, labels);
  const { sigma, relative } = logitError(snn, expected, scores.classes);
  const loss = expectedLoss(margins, sigma);
  const synOps = synapticOperations(network, tally, options.fanOut ?? fanOuts(network));
  const syops = [...synOps.values()].reduce((sum, count) => sum + count, 0);
  const macs = snnProducts(network).fanOut;
  const layers = [...neuronLayers(network), ...reEncoders(network)];
  const spikes = layers.reduce((sum, { name }) => sum + totalSpikes(tally, name), 0) / images;
  const model = network.arithmetic === 'integer' ? compute45nmInt8 : compute45nm;
  return {
    images,
    ...answers(snn, expected, scores.classes, labels),
    expectedLoss: loss.expected,
    lossBound: loss.bound,
    logitError: relative,
    sigma,
    syops,
    macs,
    energyMj: energyMj(model, { acs: syops, macs }),
    latency: latencyOf(network).steps,
    spikes,
    spikesPerNeuron: spikes / layers.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  };
}

async function run(
  network: Network,
  dataset: Dataset,
  images: number,
  { name, classes }: ScoredReadout,
  engine: Engine,
): Promise<{ readonly snn: Float32Array; readonly tally: SpikeTally }> {
  const { T } = network.coding;
  const tally = emptyTally();
  const snn = new Float32Array(images * classes);
  const batch = engine.batch(network);
  const compiled = await engine.compile(network);
  try {
    for (let from = 0; from < images; from += batch) {
      const to = Math.min(from + batch, images);
      const raw = await dataset.read(from, to);
      const trace = await compiled.run(preprocess(raw, network.preprocessing, imageShapeOf(network)));
      addTrace(tally, trace);
      snn.set(trace.logits.get(name)!.subarray((T - 1) * (to - from) * classes), from * classes);
    }
  } finally {
    await compiled.release();
  }
  return { snn, tally };
}

function answers(
  snn: Float32Array,
  ann: Float32Array,
  classes: number,
  labels: Int32Array | null,
): Pick<Figures, 'agreement' | 'discordant' | 'accuracy'> {
  const images = ann.length / classes;
  let agreeing = 0;
  let right = 0;
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < images; i++) {
    const own = argmax(snn, i * classes, classes);
    const expected = argmax(ann, i * classes, classes);
    if (own === expected) agreeing++;
    const [ownRight, annRight] = [own === labels?.[i], expected === labels?.[i]];
    if (ownRight) right++;
    if (annRight && !ownRight) onlyFirst++;
    if (ownRight && !annRight) onlySecond++;
  }
  return {
    agreement: agreeing / images,
    discordant: labels === null ? null : { onlyFirst, onlySecond },
    accuracy: labels === null ? null : right / images,
  };
}

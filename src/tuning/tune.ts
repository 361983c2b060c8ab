// The search for the cheapest network that loses no more than allowed.
//
//   reference --constant setting--> --amplitude rule--> ... --silent periods--> --layer amplitudes--> ...    (moves/index.ts)
//                                                              ^                                    |
//                                                              +------ in finer steps --------------+
//
// A move offers changes. Of some the best one is made: all are tried on few images, the better ones on more, and the best few
// of those on all validation images. Of others many are made at once: each is tried alone, and combine.ts says which go together.
// A step is kept only where the network holds on all validation images and is better. Nothing depends on time: a budget is
// counted in images.
import { pairedInterval } from '../metrics/confidence.ts';
import { neuronLayers } from '../snn/network/network.ts';
import { selections } from './combine.ts';
import type { Change, Move, MoveContext } from './move.ts';
import { moves } from './moves/index.ts';
import type { Objective } from './objectives.ts';
import { describeSetting, type Setting } from './setting.ts';
import { BudgetSpent, type Figures, type Trials } from './trials.ts';

export interface TuneOptions {
  readonly objective: Objective;
  /** Fraction of accuracy that may be lost. */
  readonly maxLoss: number;
  /** Steps that the answer may take; any number unless given. */
  readonly maxLatency?: number;
  /** Told of every step as it is done. */
  readonly onStep?: (step: TuningStep) => void;
  /** What a move needs besides the setting. */
  readonly context: Pick<
    MoveContext,
    'adjustable' | 'histograms' | 'channelMaxima' | 'calibration' | 'engine'
  >;
}

/** What one move did: the figures behind it, and whether it was kept. */
export interface TuningStep {
  readonly move: string;
  readonly what: string;
  readonly kept: boolean;
  /** Of the network that the move made; null where it found none that holds and is better. */
  readonly figures: Figures | null;
  /** Images run until then. */
  readonly spent: number;
}

export interface TunedPoint {
  readonly setting: Setting;
  readonly figures: Figures;
}

export interface TuneResult {
  readonly reference: TunedPoint;
  readonly steps: readonly TuningStep[];
  /** The best network that holds; null where none does. */
  readonly chosen: TunedPoint | null;
  /** Networks than which no other is as good in expected loss, energy and latency, and better in one. */
  readonly front: readonly TunedPoint[];
  /** Whether moves were left out because the budget was spent. */
  readonly cutShort: boolean;
}

/**
 * How much of ln cost a network may gain or lose for as much of ln sigma^2: what accuracy is worth to the moves that follow.
 * From one amplitude to a twice larger one in all layers, ResNet-20's SyOPs fall by 18 % and sigma^2 grows by a factor of 2.3.
 */
const WORTH = 1 / 8;
/** Errors below this share of the largest that holds are worth nothing: the next moves could not spend what is left. */
const SPENDABLE = 1 / 2;
/** An error of the logits below which there is none. */
const TINY = 1e-6;
/** A round of fine steps that lowers the cost by less than this is the last. */
const WORTHWHILE = 0.005;
/** Of changes of which one is made: how many are left for each larger share of the images. */
const RUNGS = [
  { share: 1 / 4, left: 16 },
  { share: 1, left: 3 },
] as const;

/** Searches from the reference setting on. */
export async function tune(trials: Trials, reference: Setting, options: TuneOptions): Promise<TuneResult> {
  const start = { setting: reference, figures: await trials.measure(reference) };
  const search = new Search(trials, start, options);
  let cutShort = false;
  try {
    await search.run();
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    cutShort = true;
  }
  return {
    reference: start,
    steps: search.steps,
    chosen: search.best(),
    front: paretoFront(trials.measured),
    cutShort,
  };
}

/** Live state of one search. */
class Search {
  readonly steps: TuningStep[] = [];
  private readonly trials: Trials;
  private readonly options: TuneOptions;
  private readonly reference: TunedPoint;
  private readonly enough: number;
  private current: TunedPoint;

  constructor(trials: Trials, reference: TunedPoint, options: TuneOptions) {
    this.trials = trials;
    this.options = options;
    this.reference = reference;
    this.current = reference;
    this.enough = Math.max(TINY, SPENDABLE * trials.sigmaAt(options.maxLoss));
  }

  async run(): Promise<void> {
    for (const move of moves) await this.make(move, 1);
    for (let round = 2; ; round++) {
      const before = this.cost(this.current.figures);
      for (const move of moves) if (move.takes === 'many') await this.make(move, round);
      if (this.cost(this.current.figures) > (1 - WORTHWHILE) * before) return;
    }
  }

  /** The cheapest of all settings measured on all images that hold. */
  best(): TunedPoint | null {
    const holding = this.trials.measured.filter(({ figures }) => this.holds(figures));
    return holding.reduce<TunedPoint | null>(
      (best, point) => (best === null || this.cost(point.figures) < this.cost(best.figures) ? point : best),
      null,
    );
  }

  private async make(move: Move, round: number): Promise<void> {
    const { setting } = this.current;
    const network = this.trials.network(setting);
    const changes = await move.changes({
      ...this.options.context,
      setting,
      network,
      layers: neuronLayers(network),
      build: (other) => this.trials.network(other),
      round,
      spend: (images) => this.trials.spend(images),
    });
    const found =
      changes.length === 0
        ? null
        : move.takes === 'one'
          ? await this.bestOf(changes)
          : await this.combined(changes);
    if (found !== null) this.current = found.point;
    const step: TuningStep = {
      move: round === 1 ? move.name : `${move.name}, round ${round}`,
      what:
        found?.what ??
        (changes.length === 0 ? 'nothing to change' : `none of ${changes.length} changes helps`),
      kept: found !== null,
      figures: found?.point.figures ?? null,
      spent: this.trials.spent,
    };
    this.steps.push(step);
    this.options.onStep?.(step);
  }

  /** Successive halving, by larger steps: the best of the changes that holds and has more merit than what there is. */
  private async bestOf(changes: readonly Change[]) {
    const { images, screened } = this.trials;
    let left = changes.map((change) => ({ change, setting: change.apply(this.current.setting) }));
    for (const { share, left: most } of RUNGS) {
      const few = Math.ceil(screened * share);
      if (left.length <= most || few >= images) continue;
      const tried: { readonly one: (typeof left)[number]; readonly rank: number }[] = [];
      for (const one of left)
        tried.push({ one, rank: this.rank(await this.trials.measure(one.setting, few)) });
      left = tried
        .sort((a, b) => a.rank - b.rank)
        .slice(0, most)
        .map(({ one }) => one);
    }
    let best: { readonly what: string; readonly point: TunedPoint } | null = null;
    for (const { change, setting } of left) {
      const figures = await this.trials.measure(setting);
      const bar = best?.point.figures ?? (this.holds(this.current.figures) ? this.current.figures : null);
      if (this.holds(figures) && (bar === null || this.merit(figures) < this.merit(bar)))
        best = { what: change.what, point: { setting, figures } };
    }
    return best;
  }

  /** The cheapest combination of changes that holds. */
  private async combined(changes: readonly Change[]) {
    const { screened } = this.trials;
    const { setting } = this.current;
    const before = await this.trials.measure(setting, screened);
    const effects = [];
    for (const { layer, apply } of changes) {
      const after = await this.trials.measure(apply(setting), screened);
      effects.push({
        ...(layer === undefined ? {} : { layer }),
        cost: Math.log(this.cost(after) / this.cost(before)),
        error: (Math.max(TINY, after.sigma) / Math.max(TINY, before.sigma)) ** 2 - 1,
      });
    }
    const options = selections(effects);
    let best: { readonly what: string; readonly point: TunedPoint } | null = null;
    let [low, high] = [0, options.length - 1];
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const selected = options[middle]!;
      const made = selected.reduce((from, index) => changes[index]!.apply(from), setting);
      const figures = await this.trials.measure(made);
      const holds = this.holds(figures);
      const bar = best?.point.figures ?? this.current.figures;
      if (holds && this.cost(figures) < this.cost(bar))
        best = {
          what: described(selected.map((index) => changes[index]!)),
          point: { setting: made, figures },
        };
      if (holds) high = middle - 1;
      else low = middle + 1;
    }
    return best;
  }

  private cost(figures: Figures): number {
    return this.options.objective.cost(figures, this.reference.figures);
  }

  /** The smaller the better: cost, and what is left of the loss that is allowed. */
  private merit(figures: Figures): number {
    return Math.log(this.cost(figures)) + WORTH * Math.log(Math.max(this.enough, figures.sigma) ** 2);
  }

  /** Orders networks on few images: those that nearly hold by merit, the others behind them by their loss. */
  private rank(figures: Figures): number {
    const far = figures.lossBound > 2 * this.options.maxLoss || this.isLate(figures);
    return far ? 1e6 * (1 + figures.lossBound) : this.merit(figures);
  }

  /** Whether a network answers in time and loses no more than allowed, as far as the images tell. */
  private holds(figures: Figures): boolean {
    return !this.isLate(figures) && isWithin(figures, this.options.maxLoss);
  }

  private isLate({ latency }: Figures): boolean {
    return latency > (this.options.maxLatency ?? Number.POSITIVE_INFINITY);
  }
}

/** The bound is at most `maxLoss`, and the images themselves do not show more: the lower end of the interval of their loss. */
export function isWithin({ lossBound, discordant, images }: Figures, maxLoss: number): boolean {
  const shown = discordant === null ? 0 : pairedInterval(discordant, images).low;
  return lossBound <= maxLoss && shown <= maxLoss;
}

/** Points that no other beats in expected loss, energy and latency, the cheapest first. */
export function paretoFront(points: readonly TunedPoint[]): readonly TunedPoint[] {
  const axes = ({ figures }: TunedPoint) => [figures.expectedLoss, figures.energyMj, figures.latency];
  const beats = (a: TunedPoint, b: TunedPoint) => {
    const [own, other] = [axes(a), axes(b)];
    return own.every((value, i) => value <= other[i]!) && own.some((value, i) => value < other[i]!);
  };
  return points
    .filter((point) => !points.some((other) => beats(other, point)))
    .sort((a, b) => a.figures.energyMj - b.figures.energyMj || a.figures.latency - b.figures.latency);
}

/** How many changes, and the first of them. */
function described(made: readonly Change[]): string {
  const shown = made.slice(0, 2).map(({ what }) => what);
  const more = made.length - shown.length;
  return `${made.length} layer${made.length === 1 ? '' : 's'}: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** For a network's provenance. */
export function tuningProvenance(
  { objective, maxLoss }: Pick<TuneOptions, 'objective' | 'maxLoss'>,
  images: number,
  { setting, figures }: TunedPoint,
): string {
  const loss = Number((100 * figures.expectedLoss).toPrecision(3));
  return `least ${objective.name} at a loss of at most ${Number((100 * maxLoss).toPrecision(6))} points, expected ${loss} on ${images} validation images: ${describeSetting(setting)}`;
}

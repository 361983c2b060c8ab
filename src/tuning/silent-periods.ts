// The shortest silent periods that lose nothing. A neuron whose silent period is T - 1 has its whole input when it first
// fires, so its code is exact; far shorter ones do as well, as long as what arrives late is less than the digits still to
// come can mend. How long that is differs from layer to layer, and is found by trying.
//
//   1. the shortest period for all layers at once that loses nothing on a few images;
//   2. from the last layer to the first, one step less wherever that still loses nothing (a late layer disturbs the fewest);
//   3. all images: wherever integers differ, the first such layer gets a step more, until a whole pass is clean.
//
// What holds on the images of a search should hold on others. Integers are lost where late input exceeds what is left of the
// code, which is rare and ever rarer the more there is left. So the search is made with a threshold that is MARGIN above the
// network's: neurons then round worse and have less left, by MARGIN of an amplitude. Of 1,000 images of ResNet-20 a few lose
// integers at a period that just held on 1,000 others, and none at one that held with the margin.
import type { Dataset } from '../data/dataset.ts';
import { preprocess } from '../data/preprocessing.ts';
import { type CompiledAnn, compileQuantizedAnn } from '../engines/dense/quantized-ann.ts';
import type { Engine } from '../engines/engine.ts';
import { Ann2SnnError } from '../errors.ts';
import { latencyOf } from '../metrics/latency.ts';
import type { Progress } from '../progress.ts';
import type { LayerOverrides } from '../snn/conversion/check-conversion.ts';
import { imageShapeOf } from '../snn/network/inputs.ts';
import { type Network, neuronLayers } from '../snn/network/network.ts';
import { type FloatTensor, floatTensor } from '../tensor/tensor.ts';

/** Images on which periods are tried before all are looked at. */
const SCREENED = 8;
/** By how much of theta the search is stricter than the network, and the threshold up to which any is exact. */
const MARGIN = 1 / 32;
const EXACT_UP_TO = 3 / 4;
/** Images whose integers are held at once. */
const CHUNK = 32;

export interface SilentSearchOptions {
  readonly engine: Engine;
  /** Fraction of integers that may differ from the quantized ANN's; 0 by default. */
  readonly differing?: number;
  readonly progress?: Progress;
}

/** What a search found, and what it buys. */
export interface SilentSearch {
  readonly layers: ReadonlyMap<string, LayerOverrides>;
  /** Images on which it was found. */
  readonly images: number;
  /** Integers compared, and how many of them differ. */
  readonly integers: number;
  readonly differing: number;
  /** Steps with these periods, with the longest of them in every layer, and with T - 1 in every layer. */
  readonly latency: number;
  readonly uniform: { readonly Ts: number; readonly latency: number };
  readonly exactLatency: number;
}

/**
 * Finds the smallest silent period of each layer at which the integers of all layers stay those of the quantized ANN.
 * @param build the network with the periods of its layers replaced
 * @throws Ann2SnnError `invalid-option` where the network has no integers to keep.
 */
export async function findSilentPeriods(
  build: (layers: ReadonlyMap<string, LayerOverrides>) => Network,
  dataset: Dataset,
  options: SilentSearchOptions,
): Promise<SilentSearch> {
  const { differing = 0 } = options;
  if (!(differing >= 0 && differing < 1)) {
    throw new Ann2SnnError('invalid-option', {
      where: 'integers that may differ',
      message: `expected a fraction from 0 to below 1, found ${differing}`,
    });
  }
  const network = build(new Map());
  if (network.arithmetic !== 'integer') {
    throw new Ann2SnnError('invalid-option', {
      where: 'silent period "auto"',
      message: `expected an integer network, whose integers can be compared; ${network.whyFloat}`,
    });
  }
  const ann = await compileQuantizedAnn(network);
  try {
    return await new Search(build, network, ann, dataset, options).run();
  } finally {
    await ann.release();
  }
}

/** Whole periods make a code exact, unless the threshold leaves more than the last digit can mend. */
function neverHolds(longest: number, differing: number, integers: number): Ann2SnnError {
  return new Ann2SnnError('invalid-option', {
    where: 'silent period "auto"',
    message: `expected integers to stay as they are with a silent period of ${longest}, the longest; ${differing} of ${integers} differ`,
  });
}

/** Live state of one search. */
class Search {
  private readonly build: (layers: ReadonlyMap<string, LayerOverrides>) => Network;
  private readonly network: Network;
  private readonly ann: CompiledAnn;
  private readonly dataset: Dataset;
  private readonly options: SilentSearchOptions;
  private readonly names: readonly string[];
  private readonly longest: number;

  constructor(
    build: Search['build'],
    network: Network,
    ann: CompiledAnn,
    dataset: Dataset,
    options: SilentSearchOptions,
  ) {
    this.build = build;
    this.network = network;
    this.ann = ann;
    this.dataset = dataset;
    this.options = options;
    this.names = neuronLayers(network).map((node) => node.name);
    this.longest = network.coding.T - 1;
  }

  async run(): Promise<SilentSearch> {
    const few = await this.expected(0, SCREENED);
    const uniform = await this.shortestUniform(few);
    const lowered = await this.lowered(
      this.names.map(() => uniform),
      few,
    );
    const strict = await this.confirmed(lowered, this.margin);
    const found = this.margin === 0 ? strict : await this.confirmed(strict.periods, 0);
    const longest = Math.max(0, ...found.periods);
    const steps = (all: readonly number[]) => latencyOf(this.with(all)).steps;
    return {
      layers: this.overrides(found.periods),
      images: this.dataset.count,
      integers: found.integers,
      differing: found.differing,
      latency: steps(found.periods),
      uniform: { Ts: longest, latency: steps(this.names.map(() => longest)) },
      exactLatency: steps(this.names.map(() => this.longest)),
    };
  }

  private async shortestUniform(few: Expected): Promise<number> {
    for (let Ts = 0; Ts < this.longest; Ts++) {
      if (
        await this.holds(
          this.names.map(() => Ts),
          few,
        )
      )
        return Ts;
    }
    return this.longest;
  }

  private async lowered(start: readonly number[], few: Expected): Promise<number[]> {
    let periods = [...start];
    for (let layer = this.names.length - 1; layer >= 0; layer--) {
      while (periods[layer]! > 0) {
        const shorter = periods.with(layer, periods[layer]! - 1);
        if (!(await this.holds(shorter, few))) break;
        periods = shorter;
      }
    }
    return periods;
  }

  /** Runs all images at a threshold that is `margin` higher, lengthening what fails, until a whole pass holds. */
  private async confirmed(start: readonly number[], margin: number) {
    let periods = [...start];
    for (;;) {
      const before = periods;
      let integers = 0;
      let differing = 0;
      for (let from = 0; from < this.dataset.count; from += CHUNK) {
        const chunk = await this.expected(from, Math.min(from + CHUNK, this.dataset.count));
        integers += chunk.size;
        for (;;) {
          const counts = await this.differences(periods, chunk, { margin });
          const wrong = counts.reduce((sum, count) => sum + count, 0);
          if (differing + wrong <= this.allowed * integers) {
            differing += wrong;
            break;
          }
          const first = counts.findIndex((count, layer) => count > 0 && periods[layer]! < this.longest);
          if (first < 0) throw neverHolds(this.longest, wrong, chunk.size);
          periods = periods.with(first, periods[first]! + 1);
        }
        this.options.progress?.(Math.min(from + CHUNK, this.dataset.count), this.dataset.count);
      }
      if (periods === before) return { periods, integers, differing };
    }
  }

  private get allowed(): number {
    return this.options.differing ?? 0;
  }

  /** None where some integers may differ anyway. */
  private get margin(): number {
    return this.allowed > 0 ? 0 : Math.max(0, Math.min(MARGIN, EXACT_UP_TO - this.network.coding.phi));
  }

  private async holds(periods: readonly number[], expected: Expected): Promise<boolean> {
    const counts = await this.differences(periods, expected, { margin: this.margin, early: true });
    return counts.reduce((sum, count) => sum + count, 0) <= this.allowed * expected.size;
  }

  /** How many integers of each layer differ; with `early` it stops at the first batch in which more do than may. */
  private async differences(
    periods: readonly number[],
    { images, integers, size }: Expected,
    { margin, early = false }: { readonly margin: number; readonly early?: boolean },
  ): Promise<number[]> {
    const network = this.with(periods, margin);
    const compiled = await this.options.engine.compile(network);
    const batch = this.options.engine.batch(network);
    const counts = this.names.map(() => 0);
    const count = images.shape[0]!;
    const pixels = images.data.length / count;
    try {
      for (let from = 0; from < count; from += batch) {
        const to = Math.min(from + batch, count);
        const part = floatTensor(
          [to - from, ...images.shape.slice(1)],
          images.data.subarray(from * pixels, to * pixels),
        );
        const trace = await compiled.run(part, { states: true });
        this.names.forEach((name, layer) => {
          const decoded = trace.layers.get(name)!.decoded!;
          const offset = (from * integers[layer]!.length) / count;
          for (let i = 0; i < decoded.length; i++) {
            if (decoded[i] !== integers[layer]![offset + i]) counts[layer]!++;
          }
        });
        const wrong = counts.reduce((sum, n) => sum + n, 0);
        if (early && wrong > this.allowed * size) break;
      }
    } finally {
      await compiled.release();
    }
    return counts;
  }

  /** What the quantized ANN computes for some images. */
  private async expected(from: number, to: number): Promise<Expected> {
    const last = Math.min(to, this.dataset.count);
    const raw = await this.dataset.read(from, last);
    const images = preprocess(raw, this.network.preprocessing, imageShapeOf(this.network));
    const run = await this.ann.run(images);
    const integers = this.names.map((name) => run.get(name)!);
    return { images, integers, size: integers.reduce((sum, { length }) => sum + length, 0) };
  }

  private with(periods: readonly number[], margin = 0): Network {
    const phi = this.network.coding.phi + margin;
    return this.build(new Map(this.names.map((name, layer) => [name, { Ts: periods[layer]!, phi }])));
  }

  private overrides(periods: readonly number[]): ReadonlyMap<string, LayerOverrides> {
    return new Map(this.names.map((name, layer) => [name, { Ts: periods[layer]! }]));
  }
}

/** Some images and the quantized ANN's integers of every layer. */
interface Expected {
  readonly images: FloatTensor;
  readonly integers: readonly Float32Array[];
  /** Number of integers in all. */
  readonly size: number;
}

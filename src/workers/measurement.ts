// One thread's share of an evaluation: a compiled network, the ANN beside it, and shards of images run through both.
import { setImmediate } from 'node:timers/promises';
import type { Dataset } from '../data/dataset.ts';
import { preprocess } from '../data/preprocessing.ts';
import type { CompiledNetwork, Engine, Trace } from '../engines/engine.ts';
import { addAccuracy, argmax, type ScoredReadout, scoredReadout } from '../metrics/accuracy.ts';
import { addDiagnosis } from '../metrics/diagnosis.ts';
import { addOutput } from '../metrics/output-errors.ts';
import { addTrace } from '../metrics/tally.ts';
import type { LoadedModel } from '../onnx/load.ts';
import { imageShapeOf } from '../snn/network/inputs.ts';
import type { Network } from '../snn/network/network.ts';
import type { FloatTensor } from '../tensor/tensor.ts';
import {
  liveOriginal,
  type Original,
  type RecordedOriginal,
  recordedOriginal,
  type Values,
} from './original.ts';
import { emptySums, type ShardSums } from './shard-sums.ts';
import type { Shard } from './shards.ts';
import { type MeasuredLatency, steppedLatency, whyNotStepped } from './stepped-latency.ts';

/** What is measured. */
export interface Subject {
  readonly network: Network;
  readonly dataset: Pick<Dataset, 'path' | 'count' | 'labels' | 'read'>;
  readonly engine: Engine;
  readonly ann: LoadedModel | undefined;
  /** The ANN's answers to these images, in the place of `ann`. */
  readonly recorded?: RecordedOriginal;
}

/** Between batches: whether to stop, and what has been done. */
export interface Watch {
  stopped(): boolean;
  measured(images: number): void;
}

/** Live state of one thread: sessions that are open until `release`. */
export class Measurement {
  private readonly subject: Subject;
  private readonly watch: Watch;
  private readonly batch: number;
  private readonly scores: ScoredReadout | null;
  private readonly original: Original | null;
  private compiled: Promise<CompiledNetwork> | undefined;

  /** Opens nothing before the first shard asks for it. */
  constructor(subject: Subject, watch: Watch) {
    const { network, engine } = subject;
    this.subject = subject;
    this.watch = watch;
    this.batch = engine.batch(network);
    this.scores = scoredReadout(network);
    this.original = originalOf(subject);
  }

  /** Runs the images of a shard batch by batch, or those up to the batch after which it is stopped. */
  async measure(shard: Shard): Promise<ShardSums> {
    const sums = emptySums(this.subject.network.coding.T);
    for (let { from } = shard; from < shard.to; from += this.batch) {
      // Ctrl-C and a progress line wait for a turn of the event loop, which no engine has to give.
      await setImmediate();
      // Whatever stops a run, its first batch gives it something to report.
      if (from > 0 && this.watch.stopped()) break;
      const to = Math.min(from + this.batch, shard.to);
      await this.addBatch(sums, from, to, shard.diagnosed);
      this.watch.measured(to - from);
    }
    return sums;
  }

  async latency(): Promise<MeasuredLatency> {
    const { network, dataset } = this.subject;
    const whyNotMeasured = this.watch.stopped() ? 'interrupted' : whyNotStepped(network);
    if (whyNotMeasured !== null) return { measured: null, whyNotMeasured };
    const images = await this.images(0, Math.min(2, dataset.count));
    return steppedLatency(network, await this.open(), images);
  }

  async release(): Promise<void> {
    const [compiled] = await Promise.allSettled([this.compiled]);
    if (compiled.status === 'fulfilled') await compiled.value?.release();
    await this.original?.release();
  }

  private open(): Promise<CompiledNetwork> {
    this.compiled ??= this.subject.engine.compile(this.subject.network);
    return this.compiled;
  }

  private async addBatch(sums: ShardSums, from: number, to: number, diagnosed: boolean): Promise<void> {
    const compiled = await this.open();
    const { original } = this;
    const { network } = this.subject;
    const images = await this.images(from, to);
    const expected: Values =
      original === null ? new Map() : await timed(sums, 'ann', () => original.run(images, from, diagnosed));
    const trace = await timed(sums, 'snn', () => compiled.run(images, { states: diagnosed }));
    addTrace(sums.tally, trace);
    if (diagnosed) {
      addDiagnosis(sums.diagnosis, network, trace, expected);
      sums.diagnosed += to - from;
    }
    for (const [readout, value] of original?.decodedValues ?? [])
      addOutput(sums.outputs, network, readout, trace.logits.get(readout.name)!, expected.get(value)!);
    if (this.scores !== null) this.addAnswers(sums, this.scores, from, to, trace, expected);
  }

  private async images(from: number, to: number): Promise<FloatTensor> {
    const { network, dataset } = this.subject;
    const raw = await dataset.read(from, to);
    return preprocess(raw, network.preprocessing, imageShapeOf(network), dataset.path);
  }

  private addAnswers(
    sums: ShardSums,
    { name, classes }: ScoredReadout,
    from: number,
    to: number,
    trace: Trace,
    expected: Values,
  ): void {
    const { T } = this.subject.network.coding;
    const logits = trace.logits.get(name)!;
    const size = (to - from) * classes;
    const last = logits.subarray((T - 1) * size);
    const ann = expected.get(name);
    const labels = this.subject.dataset.labels?.subarray(from, to);
    if (labels !== undefined) {
      for (let t = 0; t < T; t++)
        addAccuracy(sums.perStep[t]!, logits.subarray(t * size, (t + 1) * size), labels);
      if (ann !== undefined) addAccuracy(sums.ann, ann, labels);
    }
    if (ann === undefined) return;
    for (let image = 0; image < to - from; image++) {
      const answer = argmax(last, image * classes, classes);
      const expectedAnswer = argmax(ann, image * classes, classes);
      // -1 stands for scores that are no numbers: nobody agrees on those.
      if (answer >= 0 && answer === expectedAnswer) sums.agreeing++;
      else if (labels !== undefined && expectedAnswer === labels[image]) sums.discordant.onlyAnn++;
      else if (labels !== undefined && answer === labels[image]) sums.discordant.onlySnn++;
    }
  }
}

function originalOf({ network, ann, recorded }: Subject): Original | null {
  if (ann !== undefined) return liveOriginal(network, ann);
  return recorded === undefined ? null : recordedOriginal(network, recorded);
}

async function timed<R>({ seconds }: ShardSums, part: 'ann' | 'snn', work: () => Promise<R>): Promise<R> {
  const began = performance.now();
  const result = await work();
  seconds[part] += (performance.now() - began) / 1000;
  return result;
}

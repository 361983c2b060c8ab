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
import { collectOutputs, fixedBatchOf } from '../runtime/activations.ts';
import { openOriginal } from '../runtime/original.ts';
import type { Session } from '../runtime/session.ts';
import { imageShapeOf } from '../snn/network/inputs.ts';
import type { Network, ReadoutNode } from '../snn/network/network.ts';
import type { FloatTensor } from '../tensor/tensor.ts';
import { decodedValuesOf, layerValuesOf } from './original-values.ts';
import { emptySums, type ShardSums } from './shard-sums.ts';
import type { Shard } from './shards.ts';
import { type MeasuredLatency, steppedLatency, whyNotStepped } from './stepped-latency.ts';

/** What is measured. */
export interface Subject {
  readonly network: Network;
  readonly dataset: Pick<Dataset, 'count' | 'labels' | 'read'>;
  readonly engine: Engine;
  readonly ann: LoadedModel | undefined;
}

/** Between batches: whether to stop, and what has been done. */
export interface Watch {
  stopped(): boolean;
  measured(images: number): void;
}

type Values = ReadonlyMap<string, Float32Array>;

/** Live state of one thread: sessions that are open until `release`. */
export class Measurement {
  private readonly subject: Subject;
  private readonly watch: Watch;
  private readonly batch: number;
  private readonly scores: ScoredReadout | null;
  private readonly layerValues: readonly string[];
  /** Where each output's decoded value stands in the file: in front of a head that the readout leaves out. */
  private readonly decodedValues: ReadonlyMap<ReadoutNode, string>;
  private compiled: Promise<CompiledNetwork> | undefined;
  private session: Promise<Session> | undefined;

  /** Opens nothing before the first shard asks for it. */
  constructor(subject: Subject, watch: Watch) {
    const { network, engine, ann } = subject;
    this.subject = subject;
    this.watch = watch;
    this.batch = engine.batch(network);
    this.scores = scoredReadout(network);
    this.layerValues = ann === undefined ? [] : layerValuesOf(network, ann.model);
    this.decodedValues = ann === undefined ? new Map() : decodedValuesOf(network, ann.model);
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
    const opened = await Promise.allSettled([this.session, this.compiled]);
    for (const one of opened) if (one.status === 'fulfilled') await one.value?.release();
  }

  private open(): Promise<CompiledNetwork> {
    this.compiled ??= this.subject.engine.compile(this.subject.network);
    return this.compiled;
  }

  private async addBatch(sums: ShardSums, from: number, to: number, diagnosed: boolean): Promise<void> {
    const compiled = await this.open();
    const { network, ann } = this.subject;
    if (ann !== undefined)
      this.session ??= openOriginal(ann, [...this.layerValues, ...this.decodedValues.values()]);
    const session = await this.session;
    const images = await this.images(from, to);
    const expected = await timed(sums, 'ann', () => this.runAnn(session, images, diagnosed));
    const trace = await timed(sums, 'snn', () => compiled.run(images, { states: diagnosed }));
    addTrace(sums.tally, trace);
    if (diagnosed) {
      addDiagnosis(sums.diagnosis, network, trace, expected);
      sums.diagnosed += to - from;
    }
    for (const [readout, value] of this.decodedValues)
      addOutput(sums.outputs, network, readout, trace.logits.get(readout.name)!, expected.get(value)!);
    if (this.scores !== null) this.addAnswers(sums, this.scores, from, to, trace, expected);
  }

  private async images(from: number, to: number): Promise<FloatTensor> {
    const { network, dataset } = this.subject;
    return preprocess(await dataset.read(from, to), network.preprocessing, imageShapeOf(network));
  }

  private async runAnn(
    session: Session | undefined,
    images: FloatTensor,
    diagnosed: boolean,
  ): Promise<Values> {
    if (session === undefined) return new Map();
    const scores = this.scores === null ? [] : [this.scores.name];
    const layers = diagnosed ? this.layerValues : [];
    const names = [...new Set([...scores, ...this.decodedValues.values(), ...layers])];
    return collectOutputs(session, images, fixedBatchOf(this.subject.ann!.model), names);
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
    for (let offset = 0; offset < size; offset += classes) {
      const answer = argmax(last, offset, classes);
      // -1 stands for scores that are no numbers: nobody agrees on those.
      if (answer >= 0 && answer === argmax(ann, offset, classes)) sums.agreeing++;
    }
  }
}

async function timed<R>({ seconds }: ShardSums, part: 'ann' | 'snn', work: () => Promise<R>): Promise<R> {
  const began = performance.now();
  const result = await work();
  seconds[part] += (performance.now() - began) / 1000;
  return result;
}

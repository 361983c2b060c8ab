// Network + data -> Report: run the SNN and the ANN beside it, and add up; report/build-report.ts computes the figures.
import { basename } from 'node:path';
import type { Dataset } from './data/dataset.ts';
import { checkLabels } from './data/dataset.ts';
import { preprocess } from './data/preprocessing.ts';
import type { CompiledNetwork, Engine, Trace } from './engines/engine.ts';
import { runStepped } from './engines/reference/stepped.ts';
import { Ann2SnnError } from './errors.ts';
import {
  type AccuracyCount,
  addAccuracy,
  argmax,
  emptyAccuracy,
  type ScoredReadout,
  scoredReadout,
} from './metrics/accuracy.ts';
import { addDiagnosis, type DiagnosisSums } from './metrics/diagnosis.ts';
import { addHead, type HeadsSums } from './metrics/heads.ts';
import { TOLERATED_ERROR } from './metrics/losses.ts';
import { addTrace, emptyTally, type SpikeTally } from './metrics/tally.ts';
import { isFourBit } from './onnx/four-bit.ts';
import type { LoadedModel } from './onnx/load.ts';
import type { OnnxModel } from './onnx/model.ts';
import type { Progress } from './progress.ts';
import { buildReport } from './report/build-report.ts';
import type { Report } from './report/report.ts';
import { collectOutputs, fixedBatchOf } from './runtime/activations.ts';
import { openOriginal } from './runtime/original.ts';
import { relativeDifference } from './runtime/relative-difference.ts';
import { imageShapeOf } from './snn/network/inputs.ts';
import { type Network, neuronLayers, type ReadoutNode, readouts } from './snn/network/network.ts';
import { type FloatTensor, floatTensor, sizeOf } from './tensor/tensor.ts';

export interface EvaluateOptions {
  readonly engine: Engine;
  /** The original file, to compare with; without it the ANN's figures are null. */
  readonly ann?: LoadedModel;
  readonly progress?: Progress;
  /** Images on which layers are diagnosed: 64 by default. */
  readonly diagnosed?: number;
}

const DIAGNOSED_IMAGES = 64;

/** Above this many products the stepped run in plain TypeScript would take longer than anyone waits. */
const STEPPED_PRODUCTS = 2e9;

/**
 * Evaluates a network on a data set.
 * @throws Ann2SnnError `invalid-data` where the data does not fit the network.
 */
export async function evaluate(
  network: Network,
  dataset: Dataset,
  options: EvaluateOptions,
): Promise<Report> {
  const run = new Evaluation(network, dataset, options);
  return run.report();
}

/** Live state of one evaluation. */
class Evaluation {
  private readonly network: Network;
  private readonly dataset: Dataset;
  private readonly options: EvaluateOptions;
  private readonly tally: SpikeTally = emptyTally();
  private readonly diagnosis: DiagnosisSums = new Map();
  /** Where each output's decoded value stands in the file: in front of a head that the readout leaves out. */
  private readonly headValues: ReadonlyMap<ReadoutNode, string>;
  private readonly heads: HeadsSums = new Map();
  private readonly scores: ScoredReadout | null;
  private readonly perStep: AccuracyCount[];
  private readonly annAccuracy = emptyAccuracy();
  private readonly seconds = { ann: 0, snn: 0 };
  private agreeing = 0;
  private diagnosed = 0;

  constructor(network: Network, dataset: Dataset, options: EvaluateOptions) {
    this.network = network;
    this.dataset = dataset;
    this.options = options;
    this.scores = scoredReadout(network);
    checkOriginal(network, options.ann);
    this.perStep = Array.from({ length: network.coding.T }, emptyAccuracy);
    this.headValues = options.ann === undefined ? new Map() : headValuesOf(network, options.ann.model);
    if (this.scores !== null) checkLabels(dataset, this.scores.classes);
  }

  async report(): Promise<Report> {
    const began = performance.now();
    this.options.progress?.(0, this.dataset.count);
    const compiled = await this.options.engine.compile(this.network);
    const { ann } = this.options;
    const annValues = this.availableAnnValues();
    const session =
      ann === undefined ? null : await openOriginal(ann, [...annValues, ...this.headValues.values()]);
    const batch = this.options.engine.batch(this.network);
    const toDiagnose = this.options.diagnosed ?? DIAGNOSED_IMAGES;
    try {
      for (let from = 0; from < this.dataset.count; ) {
        const diagnosing = this.diagnosed < toDiagnose;
        const wanted = diagnosing ? Math.min(batch, toDiagnose - this.diagnosed) : batch;
        const to = Math.min(from + wanted, this.dataset.count);
        const images = await this.images(from, to);
        const annOutputs = await this.timed('ann', async () => {
          if (session === null) return new Map<string, Float32Array>();
          return this.runAnn(session, images, diagnosing ? annValues : []);
        });
        const trace = await this.timed('snn', () => compiled.run(images, { states: diagnosing }));
        addTrace(this.tally, trace);
        if (diagnosing) {
          addDiagnosis(this.diagnosis, this.network, trace, annOutputs);
          this.diagnosed += to - from;
        }
        this.compareHeads(trace, annOutputs);
        if (this.scores !== null) this.compareClasses(this.scores, from, to, trace, annOutputs);
        from = to;
        this.options.progress?.(to, this.dataset.count);
      }
      return await this.summary(compiled, began);
    } finally {
      await session?.release();
      await compiled.release();
    }
  }

  private async images(from: number, to: number): Promise<FloatTensor> {
    const raw = await this.dataset.read(from, to);
    return preprocess(raw, this.network.preprocessing, imageShapeOf(this.network));
  }

  private async timed<R>(part: 'ann' | 'snn', work: () => Promise<R>): Promise<R> {
    const began = performance.now();
    const result = await work();
    this.seconds[part] += (performance.now() - began) / 1000;
    return result;
  }

  /** The values of the ANN that layers carry and that the file knows under their names. */
  private availableAnnValues(): string[] {
    const { ann } = this.options;
    if (ann === undefined) return [];
    const inFile = new Set(ann.model.nodes.flatMap((node) => node.outputs));
    const wanted = new Set(neuronLayers(this.network).map((node) => node.annValue));
    return [...wanted].filter((value) => inFile.has(value) && !isFourBit(ann.model, value));
  }

  private runAnn(
    session: Awaited<ReturnType<typeof openOriginal>>,
    images: FloatTensor,
    values: readonly string[],
  ): Promise<ReadonlyMap<string, Float32Array>> {
    const { model } = this.options.ann!;
    const scores = this.scores === null ? [] : [this.scores.name];
    const names = [...new Set([...scores, ...this.headValues.values(), ...values])];
    return collectOutputs(session, images, fixedBatchOf(model), names);
  }

  private compareHeads(trace: Trace, annOutputs: ReadonlyMap<string, Float32Array>): void {
    for (const [readout, value] of this.headValues) {
      addHead(this.heads, this.network, readout, trace.logits.get(readout.name)!, annOutputs.get(value)!);
    }
  }

  private compareClasses(
    { name, classes }: ScoredReadout,
    from: number,
    to: number,
    trace: Trace,
    annOutputs: ReadonlyMap<string, Float32Array>,
  ): void {
    const { T } = this.network.coding;
    const logits = trace.logits.get(name)!;
    const size = (to - from) * classes;
    const last = logits.subarray((T - 1) * size);
    const ann = this.options.ann === undefined ? undefined : annOutputs.get(name);
    const labels = this.dataset.labels?.subarray(from, to);
    if (labels !== undefined) {
      for (let t = 0; t < T; t++)
        addAccuracy(this.perStep[t]!, logits.subarray(t * size, (t + 1) * size), labels);
      if (ann !== undefined) addAccuracy(this.annAccuracy, ann, labels);
    }
    if (ann === undefined) return;
    for (let offset = 0; offset < size; offset += classes) {
      const answer = argmax(last, offset, classes);
      // -1 stands for scores that are no numbers: nobody agrees on those.
      if (answer >= 0 && answer === argmax(ann, offset, classes)) this.agreeing++;
    }
  }

  private async summary(compiled: CompiledNetwork, began: number): Promise<Report> {
    const { tally, diagnosis, diagnosed, heads, perStep, annAccuracy, scores } = this;
    const hasAnn = this.options.ann !== undefined && scores !== null;
    const hasLabels = this.dataset.labels !== null && scores !== null;
    const measuredLatency = await this.measuredLatency(compiled);
    const total = (performance.now() - began) / 1000;
    return buildReport(
      this.network,
      {
        tally,
        diagnosis,
        diagnosedImages: diagnosed,
        heads,
        perStep: hasLabels ? perStep : null,
        ann: hasAnn && hasLabels ? annAccuracy : null,
        agreeing: hasAnn ? this.agreeing : null,
      },
      {
        engine: this.options.engine.name,
        data: { file: basename(this.dataset.path), sha256: this.dataset.sha256 },
        seconds: { ...this.seconds, total },
        measuredLatency,
      },
    );
  }

  /** Steps two images through the pipeline: how long they take, and whether their answers are the engine's. */
  private async measuredLatency(
    compiled: CompiledNetwork,
  ): Promise<Pick<Report['latency'], 'measured' | 'whyNotMeasured'>> {
    const products = 2 * this.network.coding.T * this.network.annOperations.macs;
    if (products > STEPPED_PRODUCTS) {
      return {
        measured: null,
        whyNotMeasured: 'the stepped run of a network of this size would take too long',
      };
    }
    const images = await this.images(0, Math.min(2, this.dataset.count));
    const size = sizeOf(images.shape.slice(1));
    const pair = floatTensor([2, ...images.shape.slice(1)]);
    pair.data.set(images.data.subarray(0, size));
    pair.data.set(images.data.subarray(images.data.length - size), size);
    const { latencySteps, intervalSteps, trace } = runStepped(this.network, pair);
    return {
      measured: {
        steps: latencySteps,
        interval: intervalSteps!,
        sameAnswers: this.sameAnswers(trace, await compiled.run(pair)),
      },
      whyNotMeasured: null,
    };
  }

  /** Whether two runs of two images choose the same classes; without scores, whether they decode nearly the same. */
  private sameAnswers(stepped: Trace, expected: Trace): boolean {
    const last = (logits: Float32Array) =>
      logits.subarray(logits.length - logits.length / this.network.coding.T);
    const { scores } = this;
    if (scores === null) {
      return [...expected.logits].every(
        ([name, logits]) =>
          relativeDifference(last(logits), last(stepped.logits.get(name)!)) < TOLERATED_ERROR,
      );
    }
    const [own, others] = [stepped, expected].map(({ logits }) => last(logits.get(scores.name)!));
    return [0, scores.classes].every(
      (offset) => argmax(own!, offset, scores.classes) === argmax(others!, offset, scores.classes),
    );
  }
}

/** The value of the file that each output decodes: the output, or what its last Softmax reads. */
function headValuesOf(network: Network, model: OnnxModel): ReadonlyMap<ReadoutNode, string> {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  return new Map(
    readouts(network).flatMap((readout) => {
      if (readout.head === 'none') return [[readout, readout.name] as const];
      // Whatever stands behind the head does nothing: passes have taken it out.
      let node = producers.get(readout.name);
      while (node !== undefined && !/^(Log)?Softmax$/.test(node.opType))
        node = producers.get(node.inputs[0]!);
      return node === undefined ? [] : [[readout, node.inputs[0]!] as const];
    }),
  );
}

/** Figures of another file than the network's own would look like what the conversion cost. */
function checkOriginal(network: Network, ann: LoadedModel | undefined): void {
  const { file, sha256 } = network.provenance.model;
  if (ann === undefined || ann.sha256 === sha256) return;
  throw new Ann2SnnError('invalid-option', {
    where: ann.path,
    message: `expected the file that the network was converted from (${file}, SHA-256 ${sha256}), found another (SHA-256 ${ann.sha256})`,
  });
}

// Network + data -> Report: run the SNN (and the ANN beside it), add up, and compute every metric from the sums.
import type { Dataset } from './data/dataset.ts';
import { checkLabels } from './data/dataset.ts';
import { preprocess } from './data/preprocessing.ts';
import { compute45nm, energyMj } from './energy/compute-45nm.ts';
import type { Engine } from './engines/engine.ts';
import { runStepped } from './engines/reference/stepped.ts';
import { Ann2SnnError } from './errors.ts';
import { type AccuracyCount, addAccuracy, argmax, emptyAccuracy, scoredReadout } from './metrics/accuracy.ts';
import { addDiagnosis, type DiagnosisSums, diagnosisOf } from './metrics/diagnosis.ts';
import { fanOuts } from './metrics/fan-out.ts';
import { latencyOf } from './metrics/latency.ts';
import { snnOperations, synapticOperations } from './metrics/operations.ts';
import { addTrace, emptyTally, type SpikeTally, totalSpikes } from './metrics/tally.ts';
import type { LoadedModel } from './onnx/load.ts';
import type { Progress } from './progress.ts';
import type { LayerReport, Report } from './report/report.ts';
import { runBatches } from './runtime/activations.ts';
import { openOriginal } from './runtime/equivalence.ts';
import { encoderOf, type Network, neuronLayers, spikingLayers } from './snn/network.ts';
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

/** Why the ANN's figures are missing. */
const NO_ANN = 'the ONNX file was not given (--ann MODEL.onnx)';
const NO_LABELS = 'the data set has no labels';

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
  private readonly scores: ReturnType<typeof scoredReadout>;
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
    checkLabels(dataset, this.scores.classes);
  }

  async report(): Promise<Report> {
    const began = performance.now();
    const compiled = await this.options.engine.compile(this.network);
    const { ann } = this.options;
    const annValues = this.availableAnnValues();
    const session = ann === undefined ? null : await openOriginal(ann, annValues);
    const batch = this.options.engine.batch(this.network);
    try {
      for (let from = 0; from < this.dataset.count; ) {
        const diagnosing = this.diagnosed < (this.options.diagnosed ?? DIAGNOSED_IMAGES);
        const to = Math.min(from + batch, this.dataset.count);
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
        this.compare(from, to, trace.logits.get(this.scores.name)!, annOutputs);
        from = to;
        this.options.progress?.(to, this.dataset.count);
      }
      return await this.summary(began);
    } finally {
      await session?.release();
      await compiled.release();
    }
  }

  private async images(from: number, to: number): Promise<FloatTensor> {
    const raw = await this.dataset.read(from, to);
    return preprocess(raw, this.network.preprocessing, encoderOf(this.network).shape);
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
    return [...wanted].filter((value) => inFile.has(value));
  }

  private async runAnn(
    session: Awaited<ReturnType<typeof openOriginal>>,
    images: FloatTensor,
    values: readonly string[],
  ): Promise<ReadonlyMap<string, Float32Array>> {
    const model = this.options.ann!.model;
    const fixed = model.inputs[0]?.shape?.[0];
    const names = [...new Set([model.outputs[0]!.name, ...values])];
    const collected = new Map<string, Float32Array>();
    const fixedBatch = typeof fixed === 'number' ? fixed : null;
    await runBatches(session, images, fixedBatch, names, (outputs, first) => {
      for (const [name, value] of outputs) {
        const size = sizeOf(value.shape.slice(1));
        if (!collected.has(name)) collected.set(name, new Float32Array(images.shape[0]! * size));
        collected.get(name)!.set(value.data, first * size);
      }
    });
    return collected;
  }

  private compare(
    from: number,
    to: number,
    logits: Float32Array,
    annOutputs: ReadonlyMap<string, Float32Array>,
  ): void {
    const { T } = this.network.coding;
    const size = (to - from) * this.scores.classes;
    const last = logits.subarray((T - 1) * size);
    const ann =
      this.options.ann === undefined ? undefined : annOutputs.get(this.options.ann.model.outputs[0]!.name);
    const labels = this.dataset.labels?.subarray(from, to);
    if (labels !== undefined) {
      for (let t = 0; t < T; t++)
        addAccuracy(this.perStep[t]!, logits.subarray(t * size, (t + 1) * size), labels);
      if (ann !== undefined) addAccuracy(this.annAccuracy, ann, labels);
    }
    if (ann === undefined) return;
    for (let offset = 0; offset < size; offset += this.scores.classes) {
      if (argmax(last, offset, this.scores.classes) === argmax(ann, offset, this.scores.classes))
        this.agreeing++;
    }
  }

  private async summary(began: number): Promise<Report> {
    const { network, tally } = this;
    const fanOut = fanOuts(network);
    const synOps = synapticOperations(network, tally, fanOut);
    const operations = snnOperations(network, tally, synOps);
    const annCost = network.annOperations;
    const hasAnn = this.options.ann !== undefined;
    const hasLabels = this.dataset.labels !== null;
    const final = this.perStep.at(-1)!;
    const rate = (count: number, of: number) => (of === 0 ? null : count / of);
    const snnAccuracy = hasLabels ? rate(final.top1, final.images) : null;
    const annAccuracy = hasAnn && hasLabels ? rate(this.annAccuracy.top1, this.annAccuracy.images) : null;
    const layers = spikingLayers(network).map((layer) => this.layer(layer, synOps.get(layer.name)!));
    const ofNeurons = layers.filter((layer) => layer.kind !== 'encoder');
    const spikes = ofNeurons.reduce((sum, layer) => sum + layer.spikes, 0);
    const neurons = ofNeurons.reduce((sum, layer) => sum + layer.neurons, 0);
    const rules = [
      rule('true fan-out against effective MACs', operations.syops.fanOut, annCost.effectiveMacs),
      rule('syops-counter convention on both sides', operations.syops.syopsCounter, annCost.syopsCounter),
    ];
    const [first] = rules;
    return {
      images: tally.images,
      network: { model: network.provenance.model.file, amplitudes: network.provenance.amplitudes },
      ann: {
        accuracy: annAccuracy,
        top5: annAccuracy === null ? null : rate(this.annAccuracy.top5, this.annAccuracy.images),
        why: hasAnn ? (hasLabels ? null : NO_LABELS) : NO_ANN,
      },
      snn: {
        accuracy: snnAccuracy,
        top5: hasLabels ? rate(final.top5, final.images) : null,
        agreement: hasAnn ? this.agreeing / tally.images : null,
        accuracyPerStep: hasLabels ? this.perStep.map((count) => count.top1 / count.images) : null,
      },
      conversionLoss: annAccuracy === null || snnAccuracy === null ? null : annAccuracy - snnAccuracy,
      coding: network.coding,
      latency: { ...latencyOf(network), ...(await this.measuredLatency()) },
      spikes: { perNeuron: neurons === 0 ? 0 : spikes / neurons, total: spikes },
      operations: {
        ...operations,
        annMacs: annCost.macs,
        annEffectiveMacs: annCost.effectiveMacs,
        annSyopsCounter: annCost.syopsCounter,
      },
      energy: {
        snnMj: first!.snnMj,
        annMj: first!.annMj,
        ratio: first!.ratio,
        model: `${compute45nm.name}, ${first!.rule}`,
        rules,
        constants: { macPj: compute45nm.macPj, acPj: compute45nm.acPj, source: compute45nm.source },
      },
      layers,
      diagnosedImages: this.diagnosed,
      engine: this.options.engine.name,
      seconds: { ...this.seconds, total: (performance.now() - began) / 1000 },
    };
  }

  private layer(node: ReturnType<typeof spikingLayers>[number], synapticOperations: number): LayerReport {
    const neurons = sizeOf(node.shape);
    const { perStep } = this.tally.layers.get(node.name)!;
    const spikes = totalSpikes(this.tally, node.name) / this.tally.images;
    const found = node.kind === 'neuron' ? diagnosisOf(this.diagnosis, node.name) : null;
    const thetas = typeof node.theta === 'number' ? [node.theta] : node.theta;
    return {
      name: node.name,
      kind: node.kind === 'encoder' ? 'encoder' : node.neuron,
      neurons,
      theta: thetas.reduce((a, b) => a + b, 0) / thetas.length,
      Ts: node.kind === 'neuron' ? node.Ts : 0,
      phi: node.kind === 'neuron' ? node.phi : 0.5,
      start: node.start,
      spikes,
      spikesPerNeuron: spikes / neurons,
      ratePerStep: Array.from(perStep, (count) => count / neurons / this.tally.images),
      synapticOperations,
      residualP999: found?.residualP999 ?? null,
      saturated: found?.saturated ?? null,
      decodedError: found?.decodedError ?? null,
    };
  }

  /** Steps two images through the pipeline and watches the clock. */
  private async measuredLatency(): Promise<Pick<Report['latency'], 'measured' | 'whyNotMeasured'>> {
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
    const { latencySteps, intervalSteps } = runStepped(this.network, pair);
    return { measured: { steps: latencySteps, interval: intervalSteps! }, whyNotMeasured: null };
  }
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

function rule(name: string, acs: number, macs: number) {
  const snnMj = energyMj(compute45nm, { acs, macs: 0 });
  const annMj = energyMj(compute45nm, { acs: 0, macs });
  return { rule: name, snnMj, annMj, ratio: annMj === 0 ? 0 : snnMj / annMj };
}

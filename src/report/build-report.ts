// The sums of an evaluation -> Report: every figure is computed here, once, from spike counts and counts of answers.
import { compute45nm, compute45nmInt, compute45nmInt8 } from '../energy/compute-45nm.ts';
import { energyMj } from '../energy/energy-model.ts';
import { type AccuracyCount, scoredReadout } from '../metrics/accuracy.ts';
import { type DiagnosisSums, diagnosisOf, type LayerDiagnosis } from '../metrics/diagnosis.ts';
import { fanOuts } from '../metrics/fan-out.ts';
import { latencyOf } from '../metrics/latency.ts';
import { largestLosses } from '../metrics/losses.ts';
import { snnOperations, synapticOperations } from '../metrics/operations.ts';
import { type OutputsSums, outputErrors } from '../metrics/output-errors.ts';
import { type SpikeTally, totalSpikes } from '../metrics/tally.ts';
import { bitsFor, currentBounds, membraneBound } from '../snn/network/current-bounds.ts';
import { type EncoderNode, type Network, type NeuronNode, spikingLayers } from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { adviceOn, keepingUp } from './advice.ts';
import type { LayerReport, Report } from './report.ts';

/** What an evaluation added up. */
export interface EvaluationSums {
  readonly tally: SpikeTally;
  readonly diagnosis: DiagnosisSums;
  readonly diagnosedImages: number;
  /** Errors of the outputs; empty without the ANN. */
  readonly outputs: OutputsSums;
  /** Right answers after each readout step, 1 to T; null without labels or scores. */
  readonly perStep: readonly AccuracyCount[] | null;
  /** Right answers of the ANN; null without it, without labels or scores. */
  readonly ann: AccuracyCount | null;
  /** Images on which SNN and ANN choose the same class; null without the ANN or scores. */
  readonly agreeing: number | null;
}

/** What the evaluation knows besides its sums. */
export interface EvaluationFacts {
  readonly engine: string;
  readonly enginePlan: Report['enginePlan'];
  readonly data: Report['data'];
  readonly interrupted: Report['interrupted'];
  readonly memory: Report['memory'];
  readonly workers: Report['workers'];
  readonly seconds: Report['seconds'];
  readonly measuredLatency: Pick<Report['latency'], 'measured' | 'whyNotMeasured'>;
}

/** Why the ANN's figures are missing. */
const NO_ANN = 'the ONNX file was not given (--ann MODEL.onnx)';
const NO_LABELS = 'the data set has no labels';
const NO_SCORES = 'no output is a vector of class scores';

/** Computes the report of a network from the sums over all images. */
export function buildReport(network: Network, sums: EvaluationSums, facts: EvaluationFacts): Report {
  const { tally } = sums;
  const synOps = synapticOperations(network, tally, fanOuts(network));
  const operations = snnOperations(network, tally, synOps);
  const { macs, effectiveMacs, syopsCounter } = network.annOperations;
  const bounds = network.arithmetic === 'integer' ? currentBounds(network) : null;
  const layers = spikingLayers(network).map((layer) =>
    layerReport(network, sums, layer, synOps.get(layer.name)!, bounds),
  );
  const ofNeurons = layers.filter((layer) => layer.kind !== 'encoder');
  const spikes = ofNeurons.reduce((sum, layer) => sum + layer.spikes, 0);
  const neurons = ofNeurons.reduce((sum, layer) => sum + layer.neurons, 0);
  const scores = scoredReadout(network)?.name ?? null;
  const outputs = outputErrors(network, sums.outputs);
  const accuracy = accuracies(sums, scores !== null);
  return {
    images: tally.images,
    interrupted: facts.interrupted,
    network: { ...network.provenance, preprocessing: network.preprocessing },
    data: facts.data,
    ...accuracy,
    outputs,
    arithmetic: network.arithmetic,
    whyFloat: network.whyFloat,
    coding: network.coding,
    latency: { ...latencyOf(network), ...facts.measuredLatency },
    spikes: { perNeuron: neurons === 0 ? 0 : spikes / neurons, total: spikes },
    operations: {
      ...operations,
      annMacs: macs,
      annEffectiveMacs: effectiveMacs,
      annSyopsCounter: syopsCounter,
    },
    energy: energyOf(network, [
      {
        rule: 'true fan-out against effective MACs',
        acs: operations.syops.fanOut,
        snnMacs: operations.macs.fanOut,
        macs: effectiveMacs,
      },
      {
        rule: 'syops-counter convention on both sides',
        acs: operations.syops.syopsCounter,
        snnMacs: operations.macs.syopsCounter,
        macs: syopsCounter,
      },
    ]),
    layers,
    diagnosis: adviceOn(network, largestLosses(network, sums.diagnosis), {
      agreement: accuracy.snn.agreement,
      outputs,
      scores,
    }),
    diagnosedImages: sums.diagnosedImages,
    engine: facts.engine,
    enginePlan: facts.enginePlan,
    memory: facts.memory,
    workers: facts.workers,
    seconds: facts.seconds,
  };
}

function accuracies(
  { tally, perStep, ann, agreeing }: EvaluationSums,
  scored: boolean,
): Pick<Report, 'ann' | 'snn' | 'conversionLoss'> {
  const share = (count: number) => count / tally.images;
  const final = perStep?.at(-1);
  const why = !scored ? NO_SCORES : agreeing === null ? NO_ANN : perStep === null ? NO_LABELS : null;
  return {
    ann: { accuracy: ann && share(ann.top1), top5: ann && share(ann.top5), why },
    snn: {
      accuracy: final === undefined ? null : share(final.top1),
      top5: final === undefined ? null : share(final.top5),
      agreement: agreeing === null ? null : share(agreeing),
      accuracyPerStep: perStep?.map((count) => share(count.top1)) ?? null,
    },
    conversionLoss: ann === null || final === undefined ? null : share(ann.top1) - share(final.top1),
  };
}

/** An integer network is set against the quantized ANN that holds as many levels: T steps of beta = 2 say T bits. */
function energyOf(
  network: Network,
  rules: readonly {
    readonly rule: string;
    readonly acs: number;
    readonly snnMacs: number;
    readonly macs: number;
  }[],
): Report['energy'] {
  const integer = network.arithmetic === 'integer';
  const bits = network.coding.T;
  const own = integer ? compute45nmInt8 : compute45nm;
  const model = integer ? compute45nmInt(bits) : compute45nm;
  const ann = integer ? `bit-matched quantized ANN (${bits}-bit activations, 8-bit weights)` : 'float32 ANN';
  const { name, macPj, acPj, source } = model;
  const both = rules.map(({ rule, acs, snnMacs, macs }) => {
    // An image that enters as it is has eight bits, however few the layers behind it have.
    const snnMj = energyMj({ ...model, macPj: own.macPj }, { acs, macs: snnMacs });
    const annMj = energyMj(model, { acs: 0, macs });
    return { rule, snnMj, annMj, ratio: annMj === 0 ? null : snnMj / annMj };
  });
  const { rule, ...first } = both[0]!;
  return { ...first, model: `${name}, ${rule}`, ann, rules: both, constants: { macPj, acPj, source } };
}

function kindOf(node: EncoderNode | NeuronNode): string {
  if (node.kind === 'neuron') return node.neuron;
  return node.source === undefined ? 'encoder' : 're-encoder';
}

function layerReport(
  network: Network,
  { tally, diagnosis }: EvaluationSums,
  node: EncoderNode | NeuronNode,
  synapticOperations: number,
  bounds: ReadonlyMap<string, number> | null,
): LayerReport {
  const neurons = sizeOf(node.shape);
  const { perStep } = tally.layers.get(node.name)!;
  const spikes = totalSpikes(tally, node.name) / tally.images;
  const found = node.kind === 'neuron' ? diagnosisOf(diagnosis, node.name) : null;
  const thetas = typeof node.theta === 'number' ? [node.theta] : node.theta;
  return {
    name: node.name,
    kind: kindOf(node),
    neurons,
    theta: thetas.reduce((a, b) => a + b, 0) / thetas.length,
    Ts: node.kind === 'neuron' ? node.Ts : 0,
    phi: node.kind === 'neuron' ? node.phi : 0.5,
    start: node.start,
    spikes,
    spikesPerNeuron: spikes / neurons,
    ratePerStep: Array.from(perStep, (count) => count / neurons / tally.images),
    synapticOperations,
    residualP999: found?.residualP999 ?? null,
    saturated: found?.saturated ?? null,
    decodedError: found?.decodedError ?? null,
    advice: node.kind === 'neuron' && found !== null ? keepingUp(network, node, found.residualP999) : null,
    membrane: node.kind === 'neuron' && bounds !== null ? membraneOf(network, node, found, bounds) : null,
  };
}

/** How large the membranes of an integer layer became, how large they could, and what a chip needs for either. */
function membraneOf(
  network: Network,
  node: NeuronNode,
  found: LayerDiagnosis | null,
  bounds: ReadonlyMap<string, number>,
): LayerReport['membrane'] {
  const bound = membraneBound(network, node, bounds);
  const seen = found?.membrane ?? null;
  return { seen, bound, bitsSeen: seen === null ? null : bitsFor(seen), bits: bitsFor(bound) };
}

// The whole toolkit on one screen: from the bytes of an ONNX file to a measured spiking network.
//
//   file --load--> model --import--> Graph --passes--> CanonicalGraph --rewrites--> CanonicalGraph --plan--> SpikingPlan
//                    |                                      |                                                    |
//                    +------------ equivalence -------------+                                                    |
//                                                                                                                |
//   data set --preprocess--> images ------------ calibrate (on the plan's graph) ------> amplitudes ---------> convert --> Network
//
//   Network --engine--> Trace --tally--> metrics --> Report        (evaluate.ts)
import { basename } from 'node:path';
import { observeActivations } from './calibration/calibrate.ts';
import { amplitudesOf, type Calibration, calibrationOf, measuredLayer } from './calibration/calibration.ts';
import type { Histogram } from './calibration/histogram.ts';
import type { Dataset } from './data/dataset.ts';
import {
  defaultScale,
  PREPROCESSING_DEFAULTS,
  type Preprocessing,
  preprocess,
} from './data/preprocessing.ts';
import { Ann2SnnError, throwIfAny } from './errors.ts';
import type { Fate } from './graph/fate.ts';
import type { CanonicalGraph, Graph } from './graph/graph.ts';
import { importGraph } from './graph/import.ts';
import { annOperations } from './metrics/ann-operations.ts';
import { type LoadedModel, loadOnnx } from './onnx/load.ts';
import { isQuantizedType } from './ops/quantization.ts';
import { type Unit, unitProduct } from './ops/unit.ts';
import { fileFates } from './passes/file-fates.ts';
import { normalise } from './passes/normalise.ts';
import type { Progress } from './progress.ts';
import { fixedBatchOf } from './runtime/activations.ts';
import { checkEquivalence } from './runtime/equivalence.ts';
import type { OutputDifference } from './runtime/relative-difference.ts';
import type { LayerOverrides } from './snn/conversion/check-conversion.ts';
import { convert } from './snn/conversion/convert.ts';
import { bitsOf, quantizedAmplitudes } from './snn/conversion/quantized-amplitudes.ts';
import type { Coding } from './snn/network/coding.ts';
import type { AnnOperations, Network } from './snn/network/network.ts';
import { composeLinear } from './snn/plan/compose-linear.ts';
import type { LinearMode } from './snn/plan/linear-modes.ts';
import { planSpiking } from './snn/plan/plan.ts';
import { observedValues, plannedInputs, type SpikingPlan } from './snn/plan/planned.ts';
import { quantizeWeights, type WeightBits } from './snn/plan/quantize-weights.ts';
import { type BiasShifts, shiftBiases } from './snn/plan/shift-biases.ts';
import { keepSpikingQuantizers } from './snn/plan/spiking-quantizers.ts';
import { noise } from './tensor/noise.ts';
import { packedShape } from './tensor/packed.ts';
import { TOOL } from './tool.ts';
import type { Scales } from './tuning/adjust-amplitudes.ts';

/** The papers' percentile of |activation|. */
export const DEFAULT_PERCENTILE = 99.99;

/** A model read, understood and planned; nothing measured yet. */
export interface PreparedModel {
  readonly file: LoadedModel;
  /** The graph as normalised, with every quantizer; `plan.graph` holds those alone whose tensors become spikes. */
  readonly graph: CanonicalGraph;
  readonly plan: SpikingPlan;
  /** What becomes of every node of the file, in the file's order. */
  readonly fates: readonly Fate[];
  /** What one image costs the ANN. */
  readonly operations: AnnOperations;
  /** Batch size that the file fixes, or null. */
  readonly fixedBatch: number | null;
}

export interface PrepareOptions {
  /** Quantizes the weights of a float network. */
  readonly weightBits?: WeightBits;
  /** Nodes of the file to keep analog: computed on decoded values, once an image. */
  readonly analog?: readonly string[];
  /** What becomes of a weighted map that is fed by currents; `respike` unless given. */
  readonly linear?: LinearMode;
}

/** Images of the calibration set that the equivalence check compares. */
const CHECKED_IMAGES = 16;
/** Noise images that stand in for them. */
const NOISE_IMAGES = 4;

/**
 * Loads an ONNX file, normalises it and plans its neurons.
 * @param source the file's path, or the file as loaded
 * @throws Ann2SnnError naming the file or every node that cannot be converted.
 */
export async function prepare(
  source: string | LoadedModel,
  options: PrepareOptions = {},
): Promise<PreparedModel> {
  const file = typeof source === 'string' ? await loadOnnx(source) : source;
  const { graph: imported, fates: constants } = importGraph(file.model);
  const { graph, changes } = normalise(imported);
  const { weightBits, linear = 'respike' } = options;
  const analog = new Set(options.analog ?? []);
  const kept = keepSpikingQuantizers(graph, analog);
  const weighted = weightBits === undefined ? kept.graph : quantizeWeights(kept.graph, weightBits);
  const composed = linear === 'compose' ? composeLinear(weighted, analog) : { graph: weighted, changes: [] };
  const plan = planSpiking(composed.graph, {
    outputNames: file.model.outputs.map((output) => output.name),
    integers: integerValues(imported),
    analog,
    linear,
  });
  const fates = fileFates(
    file.model.nodes,
    [...constants, ...plan.fates, ...kept.fates],
    [...changes, ...composed.changes],
  );
  // A composed graph is checked against the file as well: composing is arithmetic on weights.
  const checked = linear === 'compose' && kept.fates.length === 0 ? composed.graph : graph;
  return {
    file,
    graph: checked,
    plan,
    fates,
    operations: annOperations(weighted),
    fixedBatch: fixedBatchOf(file.model),
  };
}

/** The running values that the file holds as quantized integers. */
function integerValues({ facts }: Graph): ReadonlySet<string> {
  return new Set(
    [...facts].flatMap(([id, { dtype, value }]) =>
      value === undefined && isQuantizedType(dtype) ? [id] : [],
    ),
  );
}

/** The first images of a data set as the model wants them. */
export async function firstImages(
  model: PreparedModel,
  dataset: Dataset,
  preprocessing: Preprocessing,
  count: number,
) {
  const raw = await dataset.read(0, Math.min(count, dataset.count));
  const shape = packedShape(plannedInputs(model.plan).map((input) => input.shape));
  return preprocess(raw, preprocessing, shape, dataset.path);
}

/** Checks, on real images, that the normalised graph computes what the file computes (runtime/equivalence.ts). */
export async function verify(
  model: PreparedModel,
  dataset: Dataset,
  preprocessing: Preprocessing,
): Promise<readonly OutputDifference[]> {
  const images = await firstImages(model, dataset, preprocessing, CHECKED_IMAGES);
  return checkEquivalence(model.file, model.graph, images, model.fixedBatch);
}

/**
 * The same check where there are no images, on seeded noise as large as the calibration's input.
 */
export function verifyOnNoise(
  model: PreparedModel,
  calibration: Calibration,
): Promise<readonly OutputDifference[]> {
  const reach = Math.max(
    ...plannedInputs(model.plan).map(({ name, quantizer: grid }) => {
      if (grid !== undefined) return grid.scale[0]! * Math.max(grid.high, -grid.low);
      const input = calibration.layers[name];
      return input !== undefined && 'max' in input && input.max > 0 ? input.max : 1;
    }),
  );
  const images = noise(
    [NOISE_IMAGES, ...packedShape(plannedInputs(model.plan).map(({ shape }) => shape))],
    reach,
  );
  return checkEquivalence(model.file, model.graph, images, model.fixedBatch);
}

/** Preprocessing with what was not given filled in for the data set's element type. */
export function preprocessingFor(
  dataset: Pick<Dataset, 'dtype'>,
  given: Partial<Preprocessing>,
): Preprocessing {
  const {
    scale = defaultScale(dataset.dtype),
    mean,
    std,
    channels,
  } = { ...PREPROCESSING_DEFAULTS, ...given };
  // One order of fields, so that the same network is written as the same bytes however it was calibrated.
  return { scale, mean, std, channels };
}

/**
 * Measures, over a data set, every tensor that will be carried by spikes.
 * @param percentiles kept besides the usual ones
 */
export async function calibrate(
  model: PreparedModel,
  dataset: Dataset,
  preprocessing: Preprocessing,
  options: { readonly percentiles?: readonly number[]; readonly progress?: Progress } = {},
): Promise<Calibration> {
  return calibrationFrom(
    model,
    dataset,
    preprocessing,
    await observe(model, dataset, preprocessing, options.progress),
    options.percentiles,
  );
}

/** Distributions over a data set of every tensor that will be carried by spikes, by layer. */
export function observe(
  model: PreparedModel,
  dataset: Dataset,
  preprocessing: Preprocessing,
  progress?: Progress,
): Promise<ReadonlyMap<string, Histogram>> {
  return observeActivations(model.plan.graph, observedValues(model.plan), dataset, preprocessing, progress);
}

/** The calibration that these distributions make. @param percentiles kept besides the usual ones */
export function calibrationFrom(
  model: PreparedModel,
  dataset: Dataset,
  preprocessing: Preprocessing,
  histograms: ReadonlyMap<string, Histogram>,
  percentiles: readonly number[] = [],
): Calibration {
  return calibrationOf({
    model: { file: basename(model.file.path), sha256: model.file.sha256 },
    data: { file: basename(dataset.path), sha256: dataset.sha256, images: dataset.count },
    preprocessing: { ...preprocessing, mean: [...preprocessing.mean], std: [...preprocessing.std] },
    layers: Object.fromEntries(
      [...histograms].map(([layer, histogram]) => [layer, measuredLayer(histogram, percentiles)]),
    ),
  });
}

/**
 * The calibration of a model whose quantizers give every amplitude: nothing but the preprocessing.
 * @throws Ann2SnnError `invalid-calibration` naming every layer that has no quantizer, where others have one.
 */
export function quantizersOnly(model: PreparedModel, preprocessing: Preprocessing): Calibration {
  const { plan } = model;
  const unmeasured = [
    ...plannedInputs(plan).flatMap(({ name, quantizer }) => (quantizer === undefined ? [name] : [])),
    ...observedValues(plan).map(({ layer }) => layer),
  ];
  if (unmeasured.length > 0) {
    const message =
      bitsOf(plan) === null
        ? `expected calibration images to measure ${unmeasured.length} amplitudes on, as the activations are not quantized; found none`
        : `expected a quantizer for every amplitude that is not measured, found none at ${unmeasured.length} layers: ${unmeasured.join(', ')}`;
    throw new Ann2SnnError(
      'invalid-calibration',
      { where: basename(model.file.path), message },
      { help: 'give calibration images: --calibration IMAGES' },
    );
  }
  return calibrationOf({
    model: null,
    data: null,
    preprocessing: { ...preprocessing, mean: [...preprocessing.mean], std: [...preprocessing.std] },
    layers: {},
  });
}

export interface ConvertModelOptions {
  readonly percentile?: number;
  readonly layers?: ReadonlyMap<string, LayerOverrides>;
  /** Factors of measured amplitudes and how many rounds found them (tuning/adjust-amplitudes.ts). */
  readonly adjusted?: { readonly scales: Scales; readonly rounds: number };
  /** What tuning found besides `layers` (tuning/tune.ts). */
  readonly tuned?: {
    /** Factors of measured amplitudes, by layer: one number or one for each channel. */
    readonly scales: ReadonlyMap<string, Unit>;
    readonly biases: BiasShifts;
    /** For the network's provenance: what was searched for, and what was changed. */
    readonly provenance: string;
  };
  /** Whether neurons of an integer network use what is known of their later input; false unless given. */
  readonly lookAhead?: boolean;
}

/** The layers whose amplitude is measured; no adjustment touches what a quantizer gives. */
export function adjustableLayers({ plan }: PreparedModel): ReadonlySet<string> {
  const measured = new Set<string>(observedValues(plan).map(({ layer }) => layer));
  return new Set(
    plan.nodes.flatMap((node) => (node.kind === 'neuron' && measured.has(node.output) ? [node.output] : [])),
  );
}

/** Multiplies the amplitudes of some layers. */
function scaled(
  model: PreparedModel,
  amplitudes: Map<string, Unit>,
  scales: ReadonlyMap<string, Unit>,
): void {
  const adjustable = adjustableLayers(model);
  throwIfAny(
    'invalid-option',
    [...scales.keys()]
      .filter((layer) => !adjustable.has(layer))
      .map((layer) => ({
        where: `layer "${layer}"`,
        message: 'expected a layer with a measured amplitude to adjust, found none of that name',
      })),
  );
  for (const [layer, scale] of scales) {
    amplitudes.set(layer, unitProduct(amplitudes.get(layer)!, scale));
  }
}

/** Converts a prepared and calibrated model (CSS Algorithm 2); the amplitude rule is percentile 99.99 unless given. */
export function convertModel(
  model: PreparedModel,
  calibration: Calibration,
  coding: Coding,
  options: ConvertModelOptions = {},
): Network {
  const { percentile = DEFAULT_PERCENTILE } = options;
  if (calibration.model !== null && calibration.model.sha256 !== model.file.sha256) {
    throw new Ann2SnnError('invalid-calibration', {
      where: 'calibration',
      message: `expected the calibration of ${basename(model.file.path)}, found that of another file (${calibration.model.file})`,
    });
  }
  const { plan } = model;
  const quantized = quantizedAmplitudes(plan, coding);
  const layers = observedValues(plan).map(({ layer }) => layer);
  const inputs = plannedInputs(plan).flatMap(({ name }) => (quantized.has(name) ? [] : [name]));
  const amplitudes = new Map<string, Unit>([
    ...quantized,
    ...amplitudesOf(calibration, { inputs, layers }, coding, percentile),
  ]);
  const { scales = new Map(), rounds = 0 } = options.adjusted ?? {};
  scaled(model, amplitudes, scales);
  const { tuned } = options;
  if (tuned !== undefined) scaled(model, amplitudes, tuned.scales);
  return convert(shiftBiases(plan, tuned?.biases ?? new Map()), {
    coding,
    amplitudes,
    preprocessing: calibration.preprocessing,
    annOperations: model.operations,
    provenance: {
      model: { file: basename(model.file.path), sha256: model.file.sha256 },
      calibration: { images: calibration.data?.images ?? 0, sha256: calibration.data?.sha256 ?? null },
      amplitudes: [
        ...(quantized.size > 0 ? ['quantizers'] : []),
        ...(quantized.size > 0 && layers.length === 0 && inputs.length === 0
          ? []
          : [calibration.data === null ? 'given' : `percentile ${percentile}`]),
      ]
        .join(' and ')
        .concat(rounds === 0 ? '' : `, adjusted ${rounds === 1 ? 'once' : `${rounds} times`}`),
      ...(tuned === undefined ? {} : { tuning: tuned.provenance }),
      tool: TOOL,
    },
    ...(options.layers === undefined ? {} : { layers: options.layers }),
    lookAhead: options.lookAhead ?? false,
  });
}

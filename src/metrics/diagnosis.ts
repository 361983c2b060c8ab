// Where a conversion loses: per layer, what was left in the membranes, how often the code was full, and how far
// the decoded value is from the ANN's. Measured on a subset of the images.
import {
  addHistogram,
  emptyHistogram,
  type Histogram,
  observe,
  percentile,
} from '../calibration/histogram.ts';
import { kappa } from '../encoders/kappa.ts';
import type { Trace } from '../engines/engine.ts';
import { unitAt } from '../ops/unit.ts';
import { type Network, neuronLayers, thetaOfChannel } from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';

/** Running sums of one layer. */
interface LayerSums {
  readonly residuals: Histogram;
  /** Sum of |residual|, in units of theta. */
  absoluteResiduals: number;
  /** The largest |h| of an integer network's membranes. */
  membrane: number;
  values: number;
  saturated: number;
  squaredError: number;
  squaredAnn: number;
  compared: boolean;
  /** Squared error that arose in this layer, by what made it. */
  readonly own: Record<OwnCause, number>;
}

/**
 * How a layer loses by itself. What its membranes keep is the difference between what they added up and what was emitted:
 * - `saturation`: the code was full and could not follow further
 * - `residual`: more than half a spike is left although the code had room: the layer fired too early, or not in time
 * - `rounding`: at most half a spike is left, which no code of this amplitude resolves
 */
export type OwnCause = 'saturation' | 'residual' | 'rounding';

export type DiagnosisSums = Map<string, LayerSums>;

export interface LayerDiagnosis {
  /** 99.9th percentile of |residual| at the end of the window, in units of theta. At most 1/2 when neurons keep up. */
  readonly residualP999: number;
  /** Fraction of values whose code was full: |decoded| > (K - 1/2) theta. */
  readonly saturated: number;
  /** Root of sum (decoded - ANN)^2 / sum ANN^2; null where the ANN's value was not available. */
  readonly decodedError: number | null;
  /** Relative RMS of the error that arose in this layer, by cause; null with `decodedError`. */
  readonly own: Readonly<Record<OwnCause, number>> | null;
  /** The largest |h| at a firing step, a whole number in units of the source's current; 0 in a float32 network. */
  readonly membrane: number;
}

/**
 * Adds one batch, whose trace must hold states.
 * @param ann the ANN's activations of the same images, by value name
 */
export function addDiagnosis(
  sums: DiagnosisSums,
  network: Network,
  trace: Trace,
  ann: ReadonlyMap<string, Float32Array>,
): void {
  const full = kappa(network.coding.T, network.coding.beta) - 0.5;
  for (const node of neuronLayers(network)) {
    const { decoded, residual, membranes = [] } = trace.layers.get(node.name)!;
    if (decoded === undefined || residual === undefined) continue;
    const layer = sums.get(node.name) ?? emptySums();
    sums.set(node.name, layer);
    observe(layer.residuals, residual);
    for (const value of residual) layer.absoluteResiduals += Math.abs(value);
    layer.membrane = Math.max(layer.membrane, ...membranes);
    layer.values += decoded.length;
    for (const value of decoded) if (Math.abs(value) > full) layer.saturated++;
    const expected = ann.get(node.annValue);
    if (expected === undefined) continue;
    layer.compared = true;
    const { annGrid: grid } = node;
    const area = sizeOf(node.shape.slice(1));
    const channels = node.shape[0]!;
    for (let i = 0; i < decoded.length; i++) {
      const channel = Math.floor(i / area) % channels;
      const theta = thetaOfChannel(node, channel);
      const value =
        grid === undefined ? expected[i]! : unitAt(grid.scale, channel) * (expected[i]! - grid.zeroPoint);
      const error = decoded[i]! * theta - value;
      layer.squaredError += error * error;
      layer.squaredAnn += value * value;
      layer.own[ownCause(decoded[i]!, residual[i]!, full)] += (residual[i]! * theta) ** 2;
    }
  }
}

/** The figures of one layer, or null when it was not observed. */
export function diagnosisOf(sums: DiagnosisSums, layer: string): LayerDiagnosis | null {
  const found = sums.get(layer);
  if (found === undefined || found.values === 0) return null;
  const comparable = found.compared && found.squaredAnn > 0;
  const relative = (squared: number) => Math.sqrt(squared / found.squaredAnn);
  return {
    residualP999: percentile(found.residuals, 99.9),
    saturated: found.saturated / found.values,
    membrane: found.membrane,
    decodedError: comparable ? relative(found.squaredError) : null,
    own: comparable
      ? {
          saturation: relative(found.own.saturation),
          residual: relative(found.own.residual),
          rounding: relative(found.own.rounding),
        }
      : null,
  };
}

/** What is left in the membranes of all neurons at the end of their windows, |residual| in units of theta. */
export interface Residuals {
  readonly mean: number;
  readonly median: number;
  /** 99.9th percentile. */
  readonly p999: number;
  /** The layer whose 99.9th percentile is the largest. */
  readonly worst: { readonly layer: string; readonly p999: number };
}

/** The residuals of all layers together, every neuron counting once; null where none was observed. */
export function residualsOf(sums: DiagnosisSums): Residuals | null {
  const all = emptyHistogram();
  let absolute = 0;
  let worst = { layer: '', p999: -1 };
  for (const [layer, { residuals, absoluteResiduals }] of sums) {
    addHistogram(all, residuals);
    absolute += absoluteResiduals;
    const p999 = percentile(residuals, 99.9);
    if (p999 > worst.p999) worst = { layer, p999 };
  }
  if (all.count === 0) return null;
  return { mean: absolute / all.count, median: percentile(all, 50), p999: percentile(all, 99.9), worst };
}

/** Half a spike, and what float32 adds to it. */
const HALF = 0.5 + 1e-3;

function ownCause(decoded: number, residual: number, full: number): OwnCause {
  if (Math.abs(residual) <= HALF) return 'rounding';
  return Math.abs(decoded) > full && decoded > 0 === residual > 0 ? 'saturation' : 'residual';
}

function emptySums(): LayerSums {
  return {
    residuals: emptyHistogram(),
    absoluteResiduals: 0,
    membrane: 0,
    values: 0,
    saturated: 0,
    squaredError: 0,
    squaredAnn: 0,
    compared: false,
    own: { saturation: 0, residual: 0, rounding: 0 },
  };
}

// What evaluate measured, as data. Formatting (text.ts) only reads it. docs/report.md describes every field.
import type { Preprocessing } from '../data/preprocessing.ts';
import type { EnginePlan } from '../engines/engine-plan.ts';
import type { Loss } from '../metrics/losses.ts';
import type { OutputError } from '../metrics/output-errors.ts';
import type { Network, Provenance } from '../snn/network/network.ts';

export interface LayerReport {
  readonly name: string;
  /** `encoder` of an input, `re-encoder` of a value computed on the way, or the neuron's name. */
  readonly kind: string;
  readonly neurons: number;
  /** Spike amplitude in the ANN's units: the layer's, or the mean over channels. */
  readonly theta: number;
  readonly Ts: number;
  readonly phi: number;
  /** First step of its firing window. */
  readonly start: number;
  /** Spikes per image. */
  readonly spikes: number;
  readonly spikesPerNeuron: number;
  /** Fraction of neurons that spike, for each of the T steps. */
  readonly ratePerStep: readonly number[];
  /** Accumulates caused per image by its spikes, true fan-out. */
  readonly synapticOperations: number;
  /** 99.9th percentile of |residual| in units of theta; null for encoders. */
  readonly residualP999: number | null;
  /** Fraction of values whose code was full; null for encoders. */
  readonly saturated: number | null;
  /** Relative RMS difference of the decoded value from the ANN's; null without the ANN. */
  readonly decodedError: number | null;
  /** What to try where its neurons do not keep up: residual above 1; null elsewhere. */
  readonly advice: string | null;
  /** Integer networks: |h| of its membranes, in whole units of their currents; null for encoders and in float32. */
  readonly membrane: {
    /** The largest at a firing step of the diagnosed images; null where none was diagnosed. */
    readonly seen: number | null;
    /** The largest that any image could cause. */
    readonly bound: number;
    /** Bits of a signed register for what was seen, and for any image. */
    readonly bitsSeen: number | null;
    readonly bits: number;
  } | null;
}

/** Everything that one evaluation measured. Accuracies and losses are fractions; operations are per image. */
export interface Report {
  readonly images: number;
  /** Where the run was stopped before the last image: how many were measured, of how many; else null. */
  readonly interrupted: { readonly measured: number; readonly of: number } | null;
  /** Where the network came from, and how pixels become its input: x' = (x / scale - mean) / std. */
  readonly network: Provenance & { readonly preprocessing: Preprocessing };
  readonly data: { readonly file: string; readonly sha256: string };
  readonly ann: {
    readonly accuracy: number | null;
    readonly top5: number | null;
    readonly why: string | null;
  };
  readonly snn: {
    readonly accuracy: number | null;
    readonly top5: number | null;
    /** Fraction of images on which SNN and ANN choose the same class. */
    readonly agreement: number | null;
    /** Accuracy of the answer after each readout step, 1 to T. */
    readonly accuracyPerStep: readonly number[] | null;
  };
  /** Every output's error against the ANN, in the order of the ONNX file. */
  readonly outputs: readonly OutputError[];
  /** ann.accuracy - snn.accuracy */
  readonly conversionLoss: number | null;
  /** Whether weights and currents are whole numbers, and if not, why. */
  readonly arithmetic: Network['arithmetic'];
  readonly whyFloat: string | null;
  readonly coding: {
    readonly name: string;
    readonly T: number;
    readonly beta: number;
    readonly Ts: number;
    readonly phi: number;
    readonly encoder: string;
  };
  readonly latency: {
    readonly steps: number;
    readonly tsaLayers: number;
    readonly interval: number;
    /** The same measured by stepping two pipelined images; null with the reason where that was left out. */
    readonly measured: {
      readonly steps: number;
      readonly interval: number;
      /** Whether the stepped run chooses the classes that the engine chooses; without scores, decodes outputs within 5 %. */
      readonly sameAnswers: boolean;
    } | null;
    readonly whyNotMeasured: string | null;
  };
  /** Of the layers but the encoders of the inputs. */
  readonly spikes: { readonly perNeuron: number; readonly total: number };
  readonly operations: {
    readonly opf: number;
    readonly opfWithEncoder: number;
    readonly syops: { readonly fanOut: number; readonly syopsCounter: number };
    /** Products of the network itself, because not everything is spikes; 0 where all is. */
    readonly macs: { readonly fanOut: number; readonly syopsCounter: number };
    readonly neuronUpdates: number;
    readonly biasAdds: number;
    readonly delayLineAccesses: number;
    readonly annMacs: number;
    readonly annEffectiveMacs: number;
    readonly annSyopsCounter: number;
  };
  readonly energy: {
    readonly snnMj: number;
    readonly annMj: number;
    /** snnMj / annMj; null where the ANN has nothing to multiply. */
    readonly ratio: number | null;
    readonly model: string;
    /** What `annMj` is the energy of. */
    readonly ann: string;
    /** Both sides by the same rule, for each rule. The first one is what stands above. */
    readonly rules: readonly {
      readonly rule: string;
      readonly snnMj: number;
      readonly annMj: number;
      readonly ratio: number | null;
    }[];
    readonly constants: { readonly macPj: number; readonly acPj: number; readonly source: string };
  };
  readonly layers: readonly LayerReport[];
  /** Where most is lost, the largest jump of the error first; empty where nothing worth naming is. */
  readonly diagnosis: readonly (Loss & {
    /** What to try. */
    readonly advice: string;
  })[];
  /** Images on which residuals, saturation and decoded errors were measured. */
  readonly diagnosedImages: number;
  readonly engine: string;
  /** What the engine decided before the run; null for one that decides nothing. */
  readonly enginePlan: EnginePlan | null;
  /** Estimated resident bytes of one worker, and how many all workers together may take: half of the machine's. */
  readonly memory: { readonly perWorker: number; readonly allowed: number };
  /** Threads that shared the images, and how many were asked for. */
  readonly workers: { readonly used: number; readonly asked: number };
  /** `ann` and `snn` are added up over the workers. */
  readonly seconds: { readonly ann: number; readonly snn: number; readonly total: number };
}

// The public API: explicit names only.
export type { Calibration, MeasuredLayer } from './calibration/calibration.ts';
export { parseCalibration } from './calibration/calibration.ts';
export type { AmplitudeSource, Conversion, ConversionJob } from './conversion-job.ts';
export { convertFile } from './conversion-job.ts';
export type { Dataset, DatasetOptions } from './data/dataset.ts';
export { openDataset } from './data/dataset.ts';
export { readImages } from './data/images.ts';
export type { Preprocessing } from './data/preprocessing.ts';
export { preprocess } from './data/preprocessing.ts';
export type { Encoder } from './encoders/encoder.ts';
export { encoders } from './encoders/index.ts';
export { compute45nm, compute45nmInt8 } from './energy/compute-45nm.ts';
export type { EnergyModel } from './energy/energy-model.ts';
export { energyMj } from './energy/energy-model.ts';
export { planEngine } from './engines/auto/choose-plan.ts';
export { autoWith } from './engines/auto/index.ts';
export { loadPlan, savePlan } from './engines/auto/plan-file.ts';
export type { CompiledNetwork, Engine, LayerTrace, RunOptions, Trace } from './engines/engine.ts';
export type { EnginePlan } from './engines/engine-plan.ts';
export { engineNamed, engines } from './engines/index.ts';
export type { SteppedRun } from './engines/reference/stepped.ts';
export { runStepped } from './engines/reference/stepped.ts';
export type { ErrorCode, Problem } from './errors.ts';
export { Ann2SnnError } from './errors.ts';
export type { EvaluateOptions } from './evaluate.ts';
export { evaluate } from './evaluate.ts';
export { readWhole, writeWhole } from './files.ts';
export type { Fate, FateKind } from './graph/fate.ts';
export { fanOuts } from './metrics/fan-out.ts';
export type { Latency } from './metrics/latency.ts';
export { latencyOf } from './metrics/latency.ts';
export { withSpikeRates } from './metrics/spike-rates.ts';
export { neurons } from './neurons/index.ts';
export type { Neuron } from './neurons/neuron.ts';
export type { NirGraph, NirNode } from './nir/graph.ts';
export { readNir } from './nir/read-nir.ts';
export type { NirOperations } from './nir/simulation/operations.ts';
export { writeNir } from './nir/write-nir.ts';
export type { PreparedModel } from './pipeline.ts';
export {
  adjustableLayers,
  calibrate,
  convertModel,
  prepare,
  preprocessingFor,
  quantizersOnly,
  verify,
  verifyOnNoise,
} from './pipeline.ts';
export type { Prediction } from './predict.ts';
export { decode, decodedOutputs, predict, predictionsOf } from './predict.ts';
export type { Inspection } from './report/inspection.ts';
export { inspectModel } from './report/inspection.ts';
export type { LayerReport, Report } from './report/report.ts';
export { reportText } from './report/text.ts';
export type { ComparedEncoder, CompareOptions } from './signals/compare.ts';
export { compareSignalEncoders } from './signals/compare.ts';
export type { EncodeOptions, SignalEncoding } from './signals/encoding.ts';
export { decodeSignal, encodeSignal } from './signals/encoding.ts';
export { signalEncoderNamed, signalEncoders } from './signals/index.ts';
export type { EncodingMetrics, MeasuredEncoding } from './signals/measure.ts';
export { measureEncoding } from './signals/measure.ts';
export type { OptimiseOptions } from './signals/optimise.ts';
export { optimiseSignalEncoder } from './signals/optimise.ts';
export type { Signal } from './signals/signal.ts';
export { signalOf, signalTensor } from './signals/signal.ts';
export type { SignalEncoder } from './signals/signal-encoder.ts';
export { readSignal, writeSignal } from './signals/signal-file.ts';
export { encodingArrays, spikeTensor, upAndDownTrains, writeSpikes } from './signals/spike-file.ts';
export { syntheticVibration } from './signals/synthetic-vibration.ts';
export { codingFor } from './snn/conversion/coding-for.ts';
export type { Coding } from './snn/network/coding.ts';
export { codingOf, codings } from './snn/network/coding.ts';
export type { Network, NeuronNode, SnnNode } from './snn/network/network.ts';
export { neuronLayers, readouts, spikingLayers } from './snn/network/network.ts';
export { readNetwork, writeNetwork } from './snn/network/network-file.ts';
export { loadNetwork, saveNetwork } from './snn/network/network-store.ts';
export type { FloatTensor, Shape, Tensor } from './tensor/tensor.ts';
export { VERSION } from './tool.ts';
export type { Presentation } from './transfer/observation.ts';
export type { MeasuredStage, Transfer, TransferOptions } from './transfer/transfer.ts';
export { transferToEvents } from './transfer/transfer.ts';
export type { TransferJob, TransferResult } from './transfer-job.ts';
export { transferFile } from './transfer-job.ts';
export type { Adjustment, AdjustOptions } from './tuning/adjust-amplitudes.ts';
export { adjustAmplitudes } from './tuning/adjust-amplitudes.ts';
export type { SilentSearch, SilentSearchOptions } from './tuning/silent-periods.ts';
export { findSilentPeriods } from './tuning/silent-periods.ts';

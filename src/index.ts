// The public API: explicit names only.
export type { Calibration, MeasuredLayer } from './calibration/calibration.ts';
export { parseCalibration } from './calibration/calibration.ts';
export type { BaselineCoding } from './codings/baseline-coding.ts';
export { baselineCodings } from './codings/index.ts';
export type { CompareCodingsOptions } from './compare.ts';
export { compareCodings } from './compare.ts';
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
export type { Exporter, ExportOptions, Fidelity } from './export/exporter.ts';
export { exporterNamed, exporters } from './export/index.ts';
export { readWhole, writeWhole } from './files.ts';
export type { Fate, FateKind } from './graph/fate.ts';
export { fanOuts } from './metrics/fan-out.ts';
export type { Latency } from './metrics/latency.ts';
export { latencyOf } from './metrics/latency.ts';
export { withSpikeRates } from './metrics/spike-rates.ts';
export type { TradeOffCurve, TradeOffPoint } from './metrics/trade-off.ts';
export { neurons } from './neurons/index.ts';
export type { Neuron } from './neurons/neuron.ts';
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
export type { Comparison } from './report/comparison.ts';
export { comparisonText } from './report/comparison.ts';
export { pageHtml } from './report/html/page.ts';
export type { Inspection } from './report/inspection.ts';
export { inspectModel } from './report/inspection.ts';
export type { PageData } from './report/page-data.ts';
export type { LayerReport, Report } from './report/report.ts';
export { reportText } from './report/text.ts';
export type { ReportOptions } from './report-job.ts';
export { measurePage } from './report-job.ts';
export type { ReportSubject } from './report-subject.ts';
export { subjectOf } from './report-subject.ts';
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
export type { Ablation, AblationOptions, AblationRow } from './sweep/ablation.ts';
export { runAblation } from './sweep/ablation.ts';
export type { MeasureOptions } from './sweep/bench.ts';
export type { SweepAxes } from './sweep/grid.ts';
export type { Fronts } from './sweep/pareto.ts';
export type { RowFigures } from './sweep/rows.ts';
export type { Sweep, SweepOptions, SweepRow, SweepRun } from './sweep/sweep.ts';
export { runSweep } from './sweep/sweep.ts';
export { tradeOffCurves } from './sweep/trade-off-curves.ts';
export type { FloatTensor, Shape, Tensor } from './tensor/tensor.ts';
export { VERSION } from './tool.ts';
export type { DataSource, Tuned, TuneJob } from './tune-job.ts';
export { tuneFile } from './tune-job.ts';
export type { Adjustment, AdjustOptions } from './tuning/adjust-amplitudes.ts';
export { adjustAmplitudes } from './tuning/adjust-amplitudes.ts';
export type { SilentSearch, SilentSearchOptions } from './tuning/silent-periods.ts';
export { findSilentPeriods } from './tuning/silent-periods.ts';

import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import * as api from '../src/index.ts';

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');

it('exports these values and no others', () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "Ann2SnnError",
      "VERSION",
      "adjustAmplitudes",
      "adjustableLayers",
      "autoWith",
      "calibrate",
      "codingFor",
      "codingOf",
      "codings",
      "compareSignalEncoders",
      "compute45nm",
      "compute45nmInt8",
      "convertFile",
      "convertModel",
      "decode",
      "decodeSignal",
      "decodedOutputs",
      "encodeSignal",
      "encoders",
      "encodingArrays",
      "energyMj",
      "engineNamed",
      "engines",
      "evaluate",
      "exporterNamed",
      "exporters",
      "fanOuts",
      "findSilentPeriods",
      "inspectModel",
      "latencyOf",
      "loadNetwork",
      "loadPlan",
      "measureEncoding",
      "neuronLayers",
      "neurons",
      "openDataset",
      "optimiseSignalEncoder",
      "parseCalibration",
      "planEngine",
      "predict",
      "predictionsOf",
      "prepare",
      "preprocess",
      "preprocessingFor",
      "quantizersOnly",
      "readImages",
      "readNetwork",
      "readSignal",
      "readWhole",
      "readouts",
      "reportText",
      "runStepped",
      "saveNetwork",
      "savePlan",
      "signalEncoderNamed",
      "signalEncoders",
      "signalOf",
      "signalTensor",
      "spikeTensor",
      "spikingLayers",
      "syntheticVibration",
      "upAndDownTrains",
      "verify",
      "verifyOnNoise",
      "withSpikeRates",
      "writeNetwork",
      "writeSignal",
      "writeSpikes",
      "writeWhole",
    ]
  `);
});

it('exports these types and no others', async () => {
  const source = await read('../src/index.ts');
  const types = [...source.matchAll(/^export type \{([^}]*)\}/gm)].flatMap(([, names]) =>
    names!.split(',').flatMap((name) => name.trim() || []),
  );
  expect(types.sort()).toMatchInlineSnapshot(`
    [
      "AdjustOptions",
      "Adjustment",
      "AmplitudeSource",
      "Calibration",
      "Coding",
      "CompareOptions",
      "ComparedEncoder",
      "CompiledNetwork",
      "Conversion",
      "ConversionJob",
      "Dataset",
      "DatasetOptions",
      "EncodeOptions",
      "Encoder",
      "EncodingMetrics",
      "EnergyModel",
      "Engine",
      "EnginePlan",
      "ErrorCode",
      "EvaluateOptions",
      "ExportOptions",
      "Exporter",
      "Fate",
      "FateKind",
      "Fidelity",
      "FloatTensor",
      "Inspection",
      "Latency",
      "LayerReport",
      "LayerTrace",
      "MeasuredEncoding",
      "MeasuredLayer",
      "Network",
      "Neuron",
      "NeuronNode",
      "OptimiseOptions",
      "Prediction",
      "PreparedModel",
      "Preprocessing",
      "Problem",
      "Report",
      "RunOptions",
      "Shape",
      "Signal",
      "SignalEncoder",
      "SignalEncoding",
      "SilentSearch",
      "SilentSearchOptions",
      "SnnNode",
      "SteppedRun",
      "Tensor",
      "Trace",
    ]
  `);
});

it('names everything it exports: no star, no default', async () => {
  expect(await read('../src/index.ts')).not.toMatch(/export (\*|default)/);
});

it('says the version of package.json', async () => {
  const manifest = JSON.parse(await read('../package.json')) as { version: string };
  expect(api.VERSION).toBe(manifest.version);
});

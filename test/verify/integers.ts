// Integers of converted networks compared over data sets: with the quantized ANN, and that with ONNX Runtime.
import { type Dataset, openDataset } from '../../src/data/dataset.ts';
import { preprocess } from '../../src/data/preprocessing.ts';
import { dense } from '../../src/engines/dense/index.ts';
import { compileQuantizedAnn } from '../../src/engines/dense/quantized-ann.ts';
import { runQuantizedAnn } from '../../src/engines/reference/quantized-ann.ts';
import { graphToOnnx } from '../../src/graph/to-onnx.ts';
import {
  convertModel,
  type PreparedModel,
  prepare,
  preprocessingFor,
  quantizersOnly,
} from '../../src/pipeline.ts';
import { openSession } from '../../src/runtime/session.ts';
import { codingFor } from '../../src/snn/conversion/coding-for.ts';
import { inputEncoders, type Network, neuronLayers } from '../../src/snn/network/network.ts';
import { plannedInputs } from '../../src/snn/plan/planned.ts';
import { type FloatTensor, floatTensor } from '../../src/tensor/tensor.ts';
import { shared } from '../shared.ts';

/** torchvision's normalisation, and that of CIFAR's own statistics. */
export const TORCHVISION = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
export const CIFAR = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };

/** A quantized model with the data that it is for. */
export interface QuantizedModel {
  readonly model: PreparedModel;
  readonly dataset: Dataset;
  network(overrides: Parameters<typeof codingFor>[2]): Network;
}

/** Prepares a quantized model of the shared folder. */
export async function quantizedModel(
  model: string,
  data: string,
  normalisation: typeof TORCHVISION,
): Promise<QuantizedModel> {
  const prepared = await prepare(shared(`models/${model}`));
  const dataset = await openDataset(shared(`data/${data}`));
  const calibration = quantizersOnly(prepared, preprocessingFor(dataset, normalisation));
  return {
    model: prepared,
    dataset,
    network: (overrides) => convertModel(prepared, calibration, codingFor(prepared.plan, 'sws', overrides)),
  };
}

/** Integers compared, how many differ, and by how much at most. */
export interface Differences {
  readonly integers: number;
  readonly differing: number;
  readonly worst: number;
}

/** The decoded integers of every neuron layer (dense engine) against the quantized ANN's. */
export async function decodedDifferences(
  network: Network,
  dataset: Dataset,
  count: number,
): Promise<Differences & { readonly spikesPerNeuron: number }> {
  const compiled = await dense.compile(network);
  const quantizedAnn = await compileQuantizedAnn(network);
  const sums = { integers: 0, differing: 0, worst: 0 };
  let spikes = 0;
  try {
    for await (const images of batches(network, dataset, count, dense.batch(network))) {
      const ann = await quantizedAnn.run(images);
      const trace = await compiled.run(images, { states: true });
      for (const { name } of neuronLayers(network)) {
        const layer = trace.layers.get(name)!;
        add(sums, ann.get(name)!, layer.decoded!);
        spikes += layer.perStep.reduce((a, b) => a + b, 0);
      }
    }
  } finally {
    await compiled.release();
    await quantizedAnn.release();
  }
  return { ...sums, spikesPerNeuron: spikes / sums.integers };
}

/**
 * The quantized ANN against ONNX Runtime, which computes the planned graph in float32: each layer is fed ONNX Runtime's
 * own integers.
 */
export async function annDifferences(
  { model, dataset }: QuantizedModel,
  network: Network,
  count: number,
): Promise<Differences> {
  const { plan } = model;
  const layers = plan.nodes.flatMap((node) =>
    node.kind === 'neuron' ? [{ name: node.output as string, value: node.output }] : [],
  );
  const spiking = [
    { name: plannedInputs(plan)[0]!.name as string, value: plannedInputs(plan)[0]!.output },
    ...layers,
  ];
  const session = await openSession(
    graphToOnnx(plan.graph, { freeBatch: true, expose: spiking.map(({ value }) => value) }),
    { where: 'planned graph', optimization: 'disabled' },
  );
  const thetas = new Map(
    network.nodes.flatMap((node) => ('theta' in node ? [[node.name, node.theta as number]] : [])),
  );
  const sums = { integers: 0, differing: 0, worst: 0 };
  try {
    for await (const images of batches(network, dataset, count, 8)) {
      const outputs = await session.run(new Map([[session.inputNames[0]!, images]]));
      const given = new Map(
        spiking.map(({ name, value }) => {
          const theta = thetas.get(name)!;
          return [name, Float64Array.from(outputs.get(value)!.data, (v) => Math.round(v / theta))] as const;
        }),
      );
      const found = runQuantizedAnn(network, images, given).integers;
      for (const { name } of spiking) add(sums, found.get(name)!, given.get(name)!);
    }
  } finally {
    await session.release();
  }
  return sums;
}

async function* batches(
  network: Network,
  dataset: Dataset,
  count: number,
  size: number,
): AsyncGenerator<FloatTensor> {
  const { shape } = inputEncoders(network)[0]!;
  for (let from = 0; from < count; from += size) {
    const raw = await dataset.read(from, Math.min(from + size, count));
    const images = preprocess(raw, network.preprocessing, shape);
    yield floatTensor(images.shape, images.data);
  }
}

function add(
  sums: { integers: number; differing: number; worst: number },
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): void {
  sums.integers += a.length;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    sums.differing++;
    sums.worst = Math.max(sums.worst, Math.abs(a[i]! - b[i]!));
  }
}

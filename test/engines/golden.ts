// The results of an independent implementation: networks, given amplitudes, logits at every step, spikes.
import { readFileSync } from 'node:fs';
import { annOperations } from '../../src/metrics/ann-operations.ts';
import { prepare } from '../../src/pipeline.ts';
import { convert } from '../../src/snn/conversion/convert.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { plannedInputs } from '../../src/snn/plan/planned.ts';
import type { FloatTensor, Tensor } from '../../src/tensor/tensor.ts';
import { shared } from '../shared.ts';
import { readNpz } from '../tensor/read-npz.ts';

interface GoldenDescription {
  readonly model: string;
  readonly T: number;
  readonly beta: number;
  readonly Ts: number;
  readonly phi: number;
  readonly theta: number | Readonly<Record<string, number>>;
  /** Spike totals over the images, by layer. */
  readonly spikes?: Readonly<Record<string, number>>;
}

export interface Golden {
  readonly description: GoldenDescription;
  readonly network: Network;
  readonly images: FloatTensor;
  readonly arrays: ReadonlyMap<string, Tensor>;
}

const FOLDERS: Readonly<Record<string, string>> = {
  'resnet20.onnx': 'models/cifar10/',
  'lenet5-avg.onnx': 'models/mnist/',
  'lenet5-max.onnx': 'models/mnist/',
};

/** Loads one case and converts its model with the amplitudes given there. */
export async function loadGolden(name: string): Promise<Golden> {
  const description = JSON.parse(
    readFileSync(shared(`data/golden/${name}.json`), 'utf8'),
  ) as GoldenDescription;
  const arrays = readNpz(readFileSync(shared(`data/golden/${name}.npz`)), name);
  const folder = FOLDERS[description.model] ?? 'data/golden/';
  const model = await prepare(shared(`${folder}${description.model}`));
  const { T, beta, Ts, phi, theta } = description;
  const neurons = model.plan.nodes.flatMap((node) => (node.kind === 'neuron' ? [node.output] : []));
  const amplitudes = new Map<string, number>(
    typeof theta === 'number'
      ? [plannedInputs(model.plan)[0]!.name, ...neurons].map((layer) => [layer, theta])
      : Object.entries(theta).map(([layer, value]) => [
          layer === 'input' ? plannedInputs(model.plan)[0]!.name : layer,
          value,
        ]),
  );
  const network = convert(model.plan, {
    coding: { name: 'golden', T, beta, Ts, phi, encoder: 'css' },
    amplitudes,
    preprocessing: { scale: 1, mean: [0], std: [1], channels: 'as-is' },
    annOperations: annOperations(model.graph),
    provenance: {
      model: { file: description.model, sha256: '' },
      calibration: { images: 0, sha256: null },
      amplitudes: 'given',
      tool: 'test',
    },
  });
  return { description, network, images: arrays.get('x') as FloatTensor, arrays };
}

// One image through a network, with what hardware is debugged by: spikes, membranes and accumulated outputs of layers at
// every step. The reference engine decides the spikes; currents and states follow from these and are computed again here.

import type { Trace } from './engines/engine.ts';
import { reference } from './engines/reference/index.ts';
import { applyLinear, encoderOver, type Running, silence } from './engines/reference/parts.ts';
import { argmax, scoredReadout } from './metrics/accuracy.ts';
import { byName } from './registry.ts';
import { inputsOf } from './snn/network/inputs.ts';
import {
  isSpiking,
  membraneType,
  type Network,
  type NeuronNode,
  spikingLayers,
} from './snn/network/network.ts';
import { type FloatTensor, sizeOf, type Tensor, tensor } from './tensor/tensor.ts';

/** What one layer did with one image. */
export interface LayerRecord {
  readonly name: string;
  /** -1, 0 or +1 at each step of its output window: int8 [T, ...shape]. */
  readonly spikes: Tensor;
  /**
   * h_k of each source at each step of the window: [T + Ts, ...potentialShape]. float32 in units of theta; in an integer
   * network whole numbers in float64, in units of the source's `scale`. Empty for encoders.
   */
  readonly potentials: readonly Tensor[];
  /** g after each firing step, the window's last T: [T, ...shape], in units of theta. Neurons only. */
  readonly output?: Tensor;
}

/** A run of one image. */
export interface Recording {
  readonly layers: readonly LayerRecord[];
  /** The class with the highest score after the last step; null without class scores. */
  readonly answer: number | null;
}

/**
 * Runs one image and records layers.
 * @param image [1, ...input shape], normalised as the ANN expects it
 * @param names layers to record, encoders or neurons; all of them unless given
 * @throws Ann2SnnError `unknown-name`, with the nearest layer
 */
export async function recordImage(
  network: Network,
  image: FloatTensor,
  names?: readonly string[],
): Promise<Recording> {
  const layers = spikingLayers(network);
  const chosen = names === undefined ? layers : names.map((name) => byName('layer', layers, name));
  const compiled = await reference.compile(network);
  const { layers: traces, logits } = await compiled.run(image, { spikes: true });
  await compiled.release();
  const spikesOf = (name: string) => traces.get(name)!.spikes!;
  const values = currentsAndSpikes(network, image, spikesOf);
  const { T } = network.coding;
  const records = chosen.map((node) => ({
    name: node.name,
    spikes: tensor('int8', [T, ...node.shape], spikesOf(node.name)),
    potentials: node.kind === 'neuron' ? potentialsOf(network, node, values) : [],
    ...(node.kind === 'neuron' ? { output: outputOf(network, node, spikesOf(node.name)) } : {}),
  }));
  return { layers: records, answer: answerOf(network, logits) };
}

function answerOf(network: Network, logits: Trace['logits']): number | null {
  const scores = scoredReadout(network);
  if (scores === null) return null;
  const { name, classes } = scores;
  return argmax(logits.get(name)!, (network.coding.T - 1) * classes, classes);
}

/** The running values of one image over their windows, [T, ...shape]. */
function currentsAndSpikes(
  network: Network,
  image: FloatTensor,
  spikesOf: (name: string) => Int8Array,
): ReadonlyMap<string, Running> {
  const { T } = network.coding;
  const values = new Map<string, Running>();
  for (const node of network.nodes) {
    if (node.kind === 'linear') {
      const made = applyLinear(network, node, (value) => values.get(value)!);
      values.set(node.output, made);
    } else if (node.kind === 'neuron' || node.kind === 'encoder') {
      const out = silence(network, [T, ...node.shape]);
      if (isSpiking(node)) out.data.set(spikesOf(node.name));
      else if (node.kind === 'encoder') {
        const size = sizeOf(node.shape);
        const encoder = encoderOver(network, node, inputsOf(network, image).get(node.name)!.data);
        for (let t = 0; t < T; t++) encoder.step(out.data.subarray(t * size, (t + 1) * size));
      }
      values.set(node.output, out);
    }
  }
  return values;
}

/** h_k = beta h_k + z_k over the window (docs/format.md, section 6), from before it where the source runs ahead. */
function potentialsOf(network: Network, node: NeuronNode, values: ReadonlyMap<string, Running>): Tensor[] {
  const { T } = network.coding;
  const round = roundingOf(network);
  const beta = round(network.coding.beta);
  const size = sizeOf(node.potentialShape);
  return node.sources.map(({ value, aheadSteps = 0 }) => {
    const z = values.get(value)!.data;
    const out = tensor(membraneType(network), [T + node.Ts, ...node.potentialShape]);
    const h = silence(network, [size]).data;
    for (let m = 1; m <= T + node.Ts + aheadSteps; m++) {
      for (let i = 0; i < size; i++) {
        h[i] = round(beta * h[i]!) + (m <= T ? z[(m - 1) * size + i]! : 0);
      }
      if (m > aheadSteps) out.data.set(h, (m - aheadSteps - 1) * size);
    }
    return out;
  });
}

/** g = beta g + beta^Ts s over the firing steps. */
function outputOf(network: Network, node: NeuronNode, spikes: Int8Array): Tensor {
  const { T } = network.coding;
  const round = roundingOf(network);
  const [beta, amplitude] = [round(network.coding.beta), round(network.coding.beta ** node.Ts)];
  const out = tensor(membraneType(network), [T, ...node.shape]);
  const size = sizeOf(node.shape);
  for (let i = 0; i < spikes.length; i++) {
    const before = i < size ? 0 : out.data[i - size]!;
    out.data[i] = round(beta * before) + amplitude * spikes[i]!;
  }
  return out;
}

function roundingOf({ arithmetic }: Network): (value: number) => number {
  return arithmetic === 'integer' ? (value) => value : Math.fround;
}

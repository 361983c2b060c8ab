// A network whose layers all work at every step, as one ONNX model: a Scan over the steps with the whole network in its
// body. What reaches a layer is the sum of what its sources emit in this very step and of its drive, which is what image
// and biases alone would send it: that never changes and is computed once, in front of the Scan.
import type { ValueId } from '../graph/graph.ts';
import type { ValueInfo } from '../onnx/model.ts';
import { writeOnnxGraph } from '../onnx/write.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../ops/op.ts';
import { GraphBuilder, type ScanSpec } from '../snn/onnx/builder.ts';
import { plannedInputs } from '../snn/plan/planned.ts';
import { type Shape, tensor } from '../tensor/tensor.ts';
import type { BaselineCoding, CodingSettings } from './baseline-coding.ts';
import { countSpikes } from './counting.ts';
import { imageInput, OUTPUTS, type RunOptions, zerosFor } from './model-parts.ts';
import { offsetPotentials } from './offset-spikes.ts';
import { emitImage, emitLinear, thetaConstant } from './plan-emitter.ts';
import { SpikePaths } from './spike-paths.ts';
import { type CodingSubject, neuronsOf, scoresOf } from './subject.ts';

const drive = (value: string) => `coding:drive/${value}`;

/** Writes the model (opset 17) for T steps. */
export function synchronousModel(
  subject: CodingSubject,
  coding: Pick<BaselineCoding, 'neuron' | 'shares' | 'watched'>,
  { amplitudes, biases }: CodingSettings,
  T: number,
  options: RunOptions = {},
): Uint8Array {
  const { plan } = subject;
  const outer = new GraphBuilder('coding:');
  const inputs = plannedInputs(plan);
  const zeros = zerosFor(outer, imageInput(inputs[0]!.name));
  const spiking = neuronsOf(subject);
  const scores = scoresOf(subject)!;

  for (const node of plan.nodes) {
    if (node.kind === 'encoder') {
      emitImage(outer, imageInput(node.name), node, drive(node.output));
    } else if (node.kind === 'neuron') {
      outer.node('Identity', [zeros(node.shape)], {}, [drive(node.output)]);
    } else if (node.kind === 'linear') emitLinear(outer, plan, node, drive, true);
  }

  const neuron = coding.neuron(T);
  const shares = coding.shares?.(T);
  const stateNames = Object.keys(neuron.states ?? {});
  const thetas = new Map(
    spiking.map(({ output, shape }) => [
      output as string,
      thetaConstant(outer, output, amplitudes.get(output)!, shape),
    ]),
  );
  const biased = (layer: string, value: string) => {
    const bias = biases?.get(layer);
    if (bias === undefined) return drive(value);
    const rest = plan.graph.facts.get(value as ValueId)!.shape.slice(2);
    const constant = tensor('float32', [bias.length, ...rest.map(() => 1)], bias);
    return outer.node('Add', [drive(value), outer.constant(`coding:bias/${layer}`, constant)]);
  };
  const drives = new Map(spiking.map(({ output, input }) => [output as string, biased(output, input)]));
  const initial = (value: number, layer: string, shape: Shape) =>
    value === 0
      ? zeros(shape)
      : outer.node('Add', [zeros(shape), outer.node('Mul', [thetas.get(layer)!, outer.scalar(value)])]);
  const offsets =
    coding.watched === undefined
      ? undefined
      : offsetPotentials(outer, subject, { thetas, steps: coding.watched, zeros, neuron });
  const states: ScanSpec['states'] = [
    ...spiking.flatMap(({ output, shape }) => [
      {
        name: `coding:v/${output}`,
        initial: offsets?.get(output) ?? initial(neuron.initial, output, shape),
        shape,
      },
      ...stateNames.map((name) => ({
        name: `coding:${name}/${output}`,
        initial: initial(neuron.states![name]!, output, shape),
        shape,
      })),
    ]),
    ...(options.sums ?? []).map((layer) => {
      const { shape } = spiking.find(({ output }) => output === layer)!;
      return { name: `coding:sum/${layer}`, initial: zeros(shape), shape, final: OUTPUTS.sums(layer) };
    }),
    { name: 'coding:sum', initial: zeros(scores.shape), shape: scores.shape },
  ];
  const perStep: Readonly<Record<string, readonly number[]>> = {
    // A Scan has something to walk along, if only this.
    step: Array.from({ length: T }, (_, t) => t + 1),
    ...(shares === undefined ? {} : { share: shares }),
    ...neuron.sequences,
  };
  outer.scan({
    name: 'coding:network',
    states,
    sequences: Object.entries(perStep).map(([name, values]) => ({
      name: `coding:at/${name}`,
      value: outer.constant(`coding:values/${name}`, tensor('float32', [T], values)),
      shape: null,
    })),
    outputs: [
      { stacked: OUTPUTS.logits, shape: scores.shape, perImage: true },
      { stacked: OUTPUTS.counts, shape: [2], perImage: true },
      ...(options.spikes
        ? spiking.map(({ output, shape }) => ({ stacked: OUTPUTS.spikes(output), shape, perImage: true }))
        : []),
    ],
    body: (b) => {
      const next: string[] = [];
      const counts: string[] = [];
      const trains: string[] = [];
      const sums = new Map<string, string>();
      const paths = new SpikePaths(b, plan, zeros);
      const arriving = (value: string, constantly: string) =>
        paths.addedTo(
          shares === undefined ? constantly : b.node('Mul', [constantly, 'coding:at/share']),
          value,
        );
      for (const node of plan.nodes) {
        if (node.kind === 'linear') paths.linear(node);
        else if (node.kind === 'neuron') {
          const { output, shape } = node;
          const made = neuron.step(b, {
            v: b.node('Add', [`coding:v/${output}`, arriving(node.input, drives.get(output)!)]),
            theta: thetas.get(output)!,
            states: Object.fromEntries(stateNames.map((name) => [name, `coding:${name}/${output}`])),
            at: Object.fromEntries(Object.keys(perStep).map((name) => [name, `coding:at/${name}`])),
          });
          paths.spikes(output, made.value);
          if (options.sums?.includes(output)) {
            sums.set(output, b.node('Add', [`coding:sum/${output}`, made.value]));
          }
          next.push(made.v, ...stateNames.map((name) => made.states![name]!));
          counts.push(
            countSpikes(b, output, { spikes: made.spikes, shape, fanOut: subject.fanOut.get(output)! }),
          );
          if (options.spikes) trains.push(b.node('Identity', [made.spikes]));
        }
      }
      const sum = b.node('Add', ['coding:sum', arriving(scores.input, drive(scores.input))]);
      next.push(...(options.sums ?? []).map((layer) => sums.get(layer)!));
      return {
        states: [...next, sum],
        outputs: [b.node('Identity', [sum]), b.node('Sum', counts), ...trains],
      };
    },
  });
  const outputs: ValueInfo[] = [
    { name: OUTPUTS.logits, dtype: 'float32', shape: [T, 'N', ...scores.shape] },
    { name: OUTPUTS.counts, dtype: 'float32', shape: [T, 'N', 2] },
    ...(options.spikes
      ? spiking.map(
          ({ output, shape }): ValueInfo => ({
            name: OUTPUTS.spikes(output),
            dtype: 'float32',
            shape: [T, 'N', ...shape],
          }),
        )
      : []),
    ...(options.sums ?? []).map((layer): ValueInfo => {
      const { shape } = spiking.find(({ output }) => output === layer)!;
      return { name: OUTPUTS.sums(layer), dtype: 'float32', shape: ['N', ...shape] };
    }),
  ];
  return writeOnnxGraph(
    {
      name: 'synchronous',
      inputs: inputs.map(({ name, shape }) => ({
        name: imageInput(name),
        dtype: 'float32',
        shape: ['N', ...shape],
      })),
      outputs,
      nodes: outer.nodes,
      initializers: outer.initializers,
    },
    { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' },
  );
}

// A network whose layers fire one after the other, as one ONNX model: each layer is a Scan over its own window, which
// begins with all of its input in the membrane. What spikes carry adds up to a value, and the linear maps behind take the
// sum: that is what integrating the single spikes comes to, since nothing between layers depends on when they arrive.
import { writeOnnxGraph } from '../onnx/write.ts';
import { opNamed } from '../ops/index.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../ops/op.ts';
import { GraphBuilder } from '../snn/onnx/builder.ts';
import { type PlannedNeuron, plannedInputs } from '../snn/plan/planned.ts';
import { tensor } from '../tensor/tensor.ts';
import type { BaselineNeuron, LayerAmplitudes } from './baseline-coding.ts';
import { countSpikes } from './counting.ts';
import { imageInput, OUTPUTS, type RunOptions, zerosFor } from './model-parts.ts';
import { emitImage, emitLinear, thetaConstant } from './plan-emitter.ts';
import { type CodingSubject, neuronsOf, scoresOf } from './subject.ts';

/** Writes the model (opset 17) for windows of that many steps. */
export function layerWiseModel(
  subject: CodingSubject,
  neuron: BaselineNeuron,
  amplitudes: LayerAmplitudes,
  steps: number,
  options: RunOptions = {},
): Uint8Array {
  const { plan } = subject;
  const graph = new GraphBuilder('coding:');
  const inputs = plannedInputs(plan);
  const zeros = zerosFor(graph, imageInput(inputs[0]!.name));
  const scores = scoresOf(subject)!;
  const sequences = Object.entries({
    step: Array.from({ length: steps }, (_, t) => t + 1),
    ...neuron.sequences,
  });
  const counts: string[] = [];
  for (const node of plan.nodes) {
    if (node.kind === 'encoder') emitImage(graph, imageInput(node.name), node, node.output);
    else if (node.kind === 'linear') emitLinear(graph, plan, node, (value) => value, true);
    else if (node.kind === 'neuron') {
      const theta = thetaConstant(graph, node.output, amplitudes.get(node.output)!, node.shape);
      counts.push(layer(graph, node, theta));
    }
  }

  function layer(b: GraphBuilder, node: PlannedNeuron, theta: string): string {
    const { output, shape } = node;
    const drive = pooled(b, node);
    const raised =
      neuron.initial === 0 ? drive : b.node('Add', [drive, b.node('Mul', [theta, b.scalar(neuron.initial)])]);
    const names = Object.keys(neuron.states ?? {});
    const spent = `coding:spent/${output}`;
    b.scan({
      name: `coding:${output}`,
      states: [
        { name: 'coding:v', initial: raised, shape },
        ...names.map((name) => ({ name: `coding:${name}`, initial: zeros(shape), shape })),
        { name: 'coding:value', initial: zeros(shape), shape, final: output },
        { name: 'coding:spent', initial: zeros(shape), shape, final: spent },
      ],
      sequences: sequences.map(([name, values]) => ({
        name: `coding:at/${name}`,
        value: b.constant(`coding:values/${name}`, tensor('float32', [values.length], values)),
        shape: null,
      })),
      outputs: options.spikes ? [{ stacked: OUTPUTS.spikes(output), shape, perImage: true }] : [],
      body: (body) => {
        const made = neuron.step(body, {
          v: 'coding:v',
          theta,
          states: Object.fromEntries(names.map((name) => [name, `coding:${name}`])),
          at: Object.fromEntries(sequences.map(([name]) => [name, `coding:at/${name}`])),
        });
        return {
          states: [
            made.v,
            ...names.map((name) => made.states![name]!),
            body.node('Add', ['coding:value', made.value]),
            body.node('Add', ['coding:spent', made.spikes]),
          ],
          outputs: options.spikes ? [body.node('Identity', [made.spikes])] : [],
        };
      },
    });
    return countSpikes(b, output, { spikes: spent, shape, fanOut: subject.fanOut.get(output)! });
  }

  graph.node('Identity', [scores.input], {}, [OUTPUTS.logits]);
  graph.node('Sum', counts, {}, [OUTPUTS.counts]);
  return writeOnnxGraph(
    {
      name: 'layer-wise',
      inputs: inputs.map(({ name, shape }) => ({
        name: imageInput(name),
        dtype: 'float32',
        shape: ['N', ...shape],
      })),
      outputs: [
        { name: OUTPUTS.logits, dtype: 'float32', shape: ['N', ...scores.shape] },
        { name: OUTPUTS.counts, dtype: 'float32', shape: ['N', 2] },
        ...(options.spikes
          ? neuronsOf(subject).map(({ output, shape }) => ({
              name: OUTPUTS.spikes(output),
              dtype: 'float32' as const,
              shape: [steps, 'N', ...shape],
            }))
          : []),
      ],
      nodes: graph.nodes,
      initializers: graph.initializers,
    },
    { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION, producer: 'ann2snn' },
  );
}

/** What a layer fires on: its input, or the maximum over the windows of a pool, once all of it has arrived. */
function pooled(b: GraphBuilder, { input, pool }: PlannedNeuron): string {
  if (pool === undefined) return input;
  return b.node('MaxPool', [input], opNamed('MaxPool')!.encode(pool).attributes);
}

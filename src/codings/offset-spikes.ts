// Offset-spike calibration: each layer is watched for some steps, and where a neuron fired a spike too many or too few by
// then, its initial potential is shifted so that it will not. The input of a layer is that of the layers before it, which
// have been shifted already: so many steps more for each layer.

import { intAttribute as int } from '../ops/attributes.ts';
import type { GraphBuilder } from '../snn/onnx/builder.ts';
import { type Shape, tensor } from '../tensor/tensor.ts';
import type { BaselineNeuron } from './baseline-coding.ts';
import { atLeast } from './firing.ts';
import { imageInput } from './model-parts.ts';
import { emitImage, emitLinear } from './plan-emitter.ts';
import type { CodingSubject } from './subject.ts';

/** Thresholds that stand for a potential which was never seen: a neuron that fired at every step gets as many. */
const FAR = 1000;

const train = (value: string) => `coding:train/${value}`;

/**
 * Adds the watching of every layer in front of a run, all steps at once along the batch.
 * @returns the initial potentials of each layer, [N, ...shape], by its name
 */
export function offsetPotentials(
  graph: GraphBuilder,
  subject: CodingSubject,
  given: {
    readonly thetas: ReadonlyMap<string, string>;
    readonly steps: number;
    readonly zeros: (shape: Shape) => string;
    readonly neuron: BaselineNeuron;
  },
): ReadonlyMap<string, string> {
  const { plan } = subject;
  const { thetas, steps, zeros, neuron } = given;
  const potentials = new Map<string, string>();
  for (const node of plan.nodes) {
    if (node.kind === 'encoder') {
      const image = `coding:once/${node.output}`;
      emitImage(graph, imageInput(node.name), node, image);
      const copies = Array.from({ length: steps }, () => image);
      graph.node('Concat', copies, { axis: int(0) }, [train(node.output)]);
    }
    if (node.kind === 'linear') emitLinear(graph, plan, node, train, true);
    if (node.kind !== 'neuron') continue;
    const { output, shape } = node;
    const theta = thetas.get(output)!;
    const window = graph.node('Reshape', [train(node.input), graph.indices([steps, -1, ...shape])]);
    const half = graph.node('Add', [zeros(shape), graph.node('Mul', [theta, graph.scalar(neuron.initial)])]);
    const end = (name: string) => `coding:watched/${output}/${name}`;
    const far = graph.node('Mul', [theta, graph.scalar(FAR)]);
    const minus = graph.node('Neg', [far]);
    const everywhere = (value: string) => graph.node('Add', [zeros(shape), value]);
    graph.scan({
      name: `coding:watching ${output}`,
      states: [
        { name: 'coding:v', initial: half, shape, final: end('v') },
        { name: 'coding:fired', initial: zeros(shape), shape, final: end('fired') },
        { name: 'coding:low', initial: everywhere(far), shape, final: end('low') },
        { name: 'coding:high', initial: everywhere(minus), shape, final: end('high') },
      ],
      sequences: [{ name: 'coding:z', value: window, shape }],
      outputs: [],
      body: (b) => {
        const before = b.node('Add', ['coding:v', 'coding:z']);
        const spikes = atLeast(b, before, theta);
        const fires = b.node('GreaterOrEqual', [before, theta]);
        const v = b.node('Sub', [before, b.node('Mul', [spikes, theta])]);
        const low = b.node('Min', ['coding:low', b.node('Where', [fires, before, far])]);
        const high = b.node('Max', ['coding:high', b.node('Where', [fires, minus, v])]);
        return { states: [v, b.node('Add', ['coding:fired', spikes]), low, high], outputs: [] };
      },
    });
    potentials.set(output, shifted(graph, theta, half, end));
    graph.scan({
      name: `coding:sending ${output}`,
      states: [{ name: 'coding:v', initial: potentials.get(output)!, shape }],
      sequences: [{ name: 'coding:z', value: window, shape }],
      outputs: [{ stacked: `coding:sent/${output}`, shape, perImage: true }],
      body: (b) => {
        const before = b.node('Add', ['coding:v', 'coding:z']);
        const value = b.node('Mul', [atLeast(b, before, theta), theta]);
        return { states: [b.node('Sub', [before, value])], outputs: [b.node('Identity', [value])] };
      },
    });
    graph.node('Reshape', [`coding:sent/${output}`, graph.indices([-1, ...shape])], {}, [train(output)]);
  }
  return potentials;
}

/**
 * A neuron below 0 at the end that has fired loses at least theta, enough for one of its spikes not to be; one at theta or
 * above gains at least theta, enough for one more.
 */
function shifted(b: GraphBuilder, theta: string, initial: string, end: (name: string) => string): string {
  const zero = b.constant('coding:zero', tensor('float32', [], [0]));
  const times = (factor: number) => b.node('Mul', [theta, b.scalar(factor)]);
  const tooMany = b.node('And', [b.node('Less', [end('v'), zero]), b.node('Greater', [end('fired'), zero])]);
  const tooFew = b.node('GreaterOrEqual', [end('v'), theta]);
  const less = b.node('Max', [theta, b.node('Sub', [end('low'), times(0.999)])]);
  const more = b.node('Max', [theta, b.node('Sub', [times(1.001), end('high')])]);
  const lowered = b.node('Where', [tooMany, b.node('Sub', [initial, less]), initial]);
  return b.node('Where', [tooFew, b.node('Add', [initial, more]), lowered]);
}

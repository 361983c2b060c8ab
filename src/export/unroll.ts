// Scans written out, for runtimes that have none: the nodes of the body once for every step.
import type { GraphSpec, NodeSpec } from '../onnx/write.ts';
import { intAttribute as int } from '../ops/attributes.ts';
import { indexTensor, type Tensor, tensor } from '../tensor/tensor.ts';
import { placed, withoutUnread } from './initializers.ts';

/**
 * Before -> after: Scan over `steps` steps -> its body `steps` times, and its outputs stacked by Concat. No two bodies may
 * compute a value of the same name.
 */
export function unrolled(graph: GraphSpec, steps: number): GraphSpec {
  const unroller = new Unroller(graph, steps);
  const nodes = graph.nodes.flatMap((node) => (node.opType === 'Scan' ? unroller.unroll(node) : [node]));
  return withoutUnread({ ...graph, nodes, initializers: unroller.initializers });
}

class Unroller {
  readonly initializers: Map<string, Tensor>;
  private readonly steps: number;
  /** What nodes of the graph read, or it puts out. */
  private readonly read: ReadonlySet<string>;

  constructor({ nodes, outputs, initializers }: GraphSpec, steps: number) {
    this.initializers = new Map(initializers);
    this.steps = steps;
    this.read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name)]);
  }

  unroll(scan: NodeSpec): NodeSpec[] {
    const { body, sequences } = scanOf(scan);
    const states = body.inputs.length - sequences;
    const constants = [...body.initializers].map(
      ([name, value]) => [name, this.constant(name, value, body.name)] as const,
    );
    const nodes: NodeSpec[] = [];
    const stacks = body.outputs.slice(states).map((): string[] => []);
    let carried = scan.inputs.slice(0, states);
    for (let step = 0; step < this.steps; step++) {
      const names = new Map(constants);
      body.inputs.forEach(({ name }, i) => {
        names.set(name, i < states ? carried[i]! : this.element(scan.inputs[i]!, step, nodes));
      });
      const of = (name: string) => names.get(name) ?? name;
      for (const node of body.nodes) {
        const inputs = node.inputs.map(of);
        for (const name of node.outputs) names.set(name, atStep(name, step));
        nodes.push({ ...node, name: atStep(node.name, step), inputs, outputs: node.outputs.map(of) });
      }
      const put = body.outputs.map(({ name }) => of(name));
      carried = put.slice(0, states);
      stacks.forEach((stack, i) => {
        const one = atStep(`${scan.outputs[states + i]!}/one`, step);
        nodes.push(nodeOf('Unsqueeze', [put[states + i]!, this.constant('snn/[0]', indexTensor([0]))], one));
        stack.push(one);
      });
    }
    carried.forEach((value, i) => {
      const final = scan.outputs[i]!;
      if (this.read.has(final)) nodes.push(nodeOf('Identity', [value], final));
    });
    stacks.forEach((stack, i) => {
      nodes.push({ ...nodeOf('Concat', stack, scan.outputs[states + i]!), attributes: alongFront });
    });
    return nodes;
  }

  /** What a sequence has at a step: a constant of its own, or read by Gather. */
  private element(sequence: string, step: number, nodes: NodeSpec[]): string {
    const whole = this.initializers.get(sequence);
    if (whole !== undefined) {
      const value = whole.data[step]!;
      return this.constant(`snn/${value} ${whole.dtype}`, tensor(whole.dtype, [], [value]));
    }
    const position = this.constant(`snn/position ${step}`, tensor('int64', [], [step]));
    const element = atStep(`${sequence}/element`, step);
    nodes.push({ ...nodeOf('Gather', [sequence, position], element), attributes: alongFront });
    return element;
  }

  private constant(name: string, value: Tensor, prefix = 'snn'): string {
    return placed(this.initializers, prefix, { name, value });
  }
}

const alongFront = new Map([['axis', int(0)]]);

const atStep = (name: string, step: number) => `snn/step ${step + 1}/${name}`;

function nodeOf(opType: string, inputs: readonly string[], output: string): NodeSpec {
  return { name: output, opType, domain: '', inputs, outputs: [output], attributes: new Map() };
}

function scanOf({ name, attributes }: NodeSpec): { readonly body: GraphSpec; readonly sequences: number } {
  const body = attributes.get('body');
  const sequences = attributes.get('num_scan_inputs');
  if (body?.type !== 'graph' || sequences?.type !== 'int') throw new Error(`Scan "${name}" is none`);
  return { body: body.value, sequences: sequences.value };
}

// Whether a network as read hangs together: nothing of a file is trusted before this.
import { Ann2SnnError, messageOf, type Problem } from '../../errors.ts';
import { neuronNamed } from '../../neurons/index.ts';
import { opNamed } from '../../ops/index.ts';
import { EMITTED_OPSET, type Fact } from '../../ops/op.ts';
import { isFloat, type Shape, sameShape, showShape } from '../../tensor/tensor.ts';
import { codingProblems } from './coding.ts';
import {
  type AnalogSnnNode,
  type LinearSnnNode,
  type MembraneInput,
  mostAhead,
  type Network,
  type NeuronNode,
  opensAt,
  operandFacts,
  type ReadoutNode,
  runningSources,
  type SnnNode,
  type Source,
} from './network.ts';

/** Kinds of node whose names must differ from each other. */
function nameSpace(node: SnnNode): string {
  return node.kind === 'encoder' ? 'neuron' : node.kind;
}

interface Known {
  readonly shape: Shape;
  readonly start: number;
  /** Whether it is one value an image rather than one at every step. */
  readonly analog: boolean;
}

function known(node: Exclude<SnnNode, { kind: 'readout' }>): Known {
  const { shape, start, kind } = node;
  return { shape, start, analog: kind === 'decoder' || kind === 'analog' };
}

/** Everything that is wrong with a network as read: every source must exist, every shape follow, every window start in time. */
export function problemsOf(network: Network, where: string): Problem[] {
  const problems: Problem[] = [];
  const values = new Map<string, Known>();
  // Spiking layers, linear nodes and readouts each have names of their own: a readout may be called like its layer.
  const names = new Set<string>();
  for (const problem of codingProblems(network.coding)) {
    problems.push({ where: `${where}: coding: ${problem.where}`, message: problem.message });
  }
  if (network.arithmetic === 'integer' && network.coding.beta !== 2) {
    problems.push({ where, message: `expected beta 2 of an integer network, found ${network.coding.beta}` });
  }
  for (const node of network.nodes) {
    try {
      const name = `${nameSpace(node)} ${node.name}`;
      if (names.has(name)) throw new Error('expected names that differ, found this one twice');
      const isInput = node.kind === 'encoder' && node.source === undefined;
      if (node === network.nodes[0] && !isInput) {
        throw new Error('expected the first node to be the encoder of an input');
      }
      checkNode(network, node, values);
    } catch (error) {
      problems.push({ where: `${where}: node "${node.name}"`, message: reasonOf(error) });
      if (node.kind !== 'readout') values.set(node.output, known(node));
    }
    names.add(`${nameSpace(node)} ${node.name}`);
  }
  if (!network.nodes.some((node) => node.kind === 'readout')) {
    problems.push({ where, message: 'expected a readout' });
  }
  return problems;
}

/** Operators state what they expect; attributes that are not theirs at all make them stumble. */
function reasonOf(error: unknown): string {
  if (error instanceof Ann2SnnError) return error.problems.map((problem) => problem.message).join('; ');
  return error instanceof TypeError ? 'its attributes do not fit its operator' : messageOf(error);
}

/** Throws an Error that says what is wrong with one node, and records its output. */
function checkNode(network: Network, node: SnnNode, values: Map<string, Known>): void {
  const sources: readonly Source[] = node.kind === 'encoder' ? runningSources(node) : node.sources;
  const starts = sources.flatMap((source) => {
    if ('constant' in source) {
      if (!network.constants.has(source.constant))
        throw new Error(`no tensor is called "${source.constant}"`);
      return [];
    }
    const found = values.get(source.value);
    if (found === undefined) throw new Error(`no earlier node produces "${source.value}"`);
    const wantsAnalog = node.kind === 'analog' || node.kind === 'encoder';
    if (found.analog !== wantsAnalog) {
      throw new Error(
        `expected "${source.value}" to be ${wantsAnalog ? 'an analog value' : 'spikes or currents'}, found the other`,
      );
    }
    const { aheadSteps = 0 } = source as MembraneInput;
    return [found.start + source.delaySteps + aheadSteps];
  });
  const opens = opensAt(node, network.coding.T);
  if (node.kind === 'encoder' && node.source === undefined && opens !== 0)
    throw new Error(`expected it to start at step 0, found ${opens}`);
  if (starts.some((start) => start !== opens)) {
    throw new Error(`expected all sources to arrive at step ${opens}, found ${starts.join(', ')}`);
  }
  if (node.kind === 'linear') checkLinear(network, node, values);
  if (node.kind === 'analog') checkShape(network, node, values);
  if (node.kind === 'decoder') expectShape(values.get(node.sources[0]!.value)!.shape, node.shape);
  if (node.kind === 'encoder' && node.source !== undefined) {
    expectShape(values.get(node.source.value)!.shape, node.shape);
  }
  if (node.kind === 'neuron') checkNeuron(network, node, values);
  if (node.kind === 'readout') checkMembrane(network, node, node.shape, values);
  else {
    if (values.has(node.output)) throw new Error(`"${node.output}" is produced twice`);
    values.set(node.output, known(node));
  }
}

function checkLinear(network: Network, node: LinearSnnNode, values: ReadonlyMap<string, Known>): void {
  const running = node.sources.filter((source) => 'value' in source).length;
  const multiplies = opNamed(node.op)!.absorbsUnits !== undefined;
  const leads = node.sources[0] !== undefined && 'value' in node.sources[0];
  if (running === 0 || (multiplies && !(running === 1 && leads))) {
    throw new Error(`expected ${multiplies ? 'one running source, the first' : 'a running source'}`);
  }
  const { role } = opNamed(node.op)!;
  if (network.arithmetic === 'integer' && role !== 'weighted' && role !== 'layout') {
    throw new Error(`expected weights or a rearrangement, found ${node.op}: the network is integer`);
  }
  for (const source of node.sources) {
    if (network.arithmetic === 'float32' || 'value' in source) continue;
    const { dtype } = network.constants.get(source.constant)!;
    if (isFloat(dtype)) throw new Error(`expected "${source.constant}" to be whole numbers, found ${dtype}`);
  }
  checkShape(network, node, values);
}

/** Throws unless the attributes are those that the operator reads when they are written as ONNX. */
function checkAttributes(
  { op: name, attributes }: LinearSnnNode | AnalogSnnNode,
  operands: readonly Fact[],
): void {
  const op = opNamed(name)!;
  // What is no operator of its own in ONNX has attributes that nothing reads.
  if (op.expand !== undefined) return;
  const { attributes: written, parameters = [] } = op.encode(attributes);
  const facts = [
    ...operands,
    ...parameters.map((value): Fact => ({ dtype: value.dtype, shape: value.shape, value })),
  ];
  const node = {
    name,
    opType: name,
    domain: '',
    inputs: facts.map((_, i) => String(i)),
    outputs: [''],
    attributes: new Map(Object.entries(written)),
  };
  const read = op.parse(node, facts, EMITTED_OPSET).attributes;
  const differing = differingFields(read as Fields, attributes as Fields);
  if (differing.length > 0) {
    throw new Error(`expected the attributes of ${name}, found others in ${differing.join(', ')}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function differingFields(a: Fields, b: Fields): string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}

/** The operator's own look at its operands. */
function checkShape(
  network: Network,
  node: LinearSnnNode | AnalogSnnNode,
  values: ReadonlyMap<string, Known>,
): void {
  const operands = operandFacts(network, node, (value) => values.get(value)!.shape);
  checkAttributes(node, operands);
  const [result] = opNamed(node.op)!.infer(node.attributes, operands, node.name);
  expectShape(result!.shape.slice(1), node.shape);
}

function checkNeuron(
  network: Network,
  node: Extract<SnnNode, { kind: 'neuron' }>,
  values: ReadonlyMap<string, Known>,
): void {
  const [wrong] = codingProblems({ ...network.coding, Ts: node.Ts, phi: node.phi });
  if (wrong !== undefined) throw new Error(`${wrong.where}: ${wrong.message}`);
  checkMembrane(network, node, node.potentialShape, values);
  const potential: Fact = { dtype: 'float32', shape: [1, ...node.potentialShape] };
  const neurons =
    node.pool === undefined ? potential : opNamed('MaxPool')!.infer(node.pool, [potential], node.name)[0]!;
  expectShape(neurons.shape.slice(1), node.shape);
  const channels = node.shape[0]!;
  if (typeof node.theta !== 'number' && node.theta.length !== channels) {
    throw new Error(`expected ${channels} amplitudes, found ${node.theta.length}`);
  }
  if (node.affine !== undefined) {
    for (const name of [node.affine.scale, node.affine.shift]) expectConstant(network, name, [[channels]]);
  }
  for (const name of Object.values(node.parameters ?? {})) {
    expectConstant(network, name, [[], [channels], ...(node.shape.length > 1 ? [node.shape] : [])]);
  }
  checkParameters(node);
}

/** Throws unless a layer has what its function depends on and nothing else; bounds may be missing. */
function checkParameters({ neuron, parameters = {} }: NeuronNode): void {
  const known = neuronNamed(neuron).parameters;
  const given = Object.keys(parameters);
  const missing = known.filter((name) => name !== 'low' && name !== 'high' && !given.includes(name));
  const foreign = given.filter((name) => !(known as readonly string[]).includes(name));
  if (missing.length > 0) throw new Error(`expected ${neuron} to have the parameters ${missing.join(', ')}`);
  if (foreign.length > 0) {
    const expected = known.length === 0 ? 'no parameters' : `parameters among ${known.join(', ')}`;
    throw new Error(`expected ${expected} of ${neuron}, found ${foreign.join(', ')}`);
  }
}

/** The currents that a neuron layer or a readout sums: of one shape, and with a scale each where they are whole numbers. */
function checkMembrane(
  network: Network,
  node: NeuronNode | ReadoutNode,
  shape: Shape,
  values: ReadonlyMap<string, Known>,
): void {
  for (const { value } of node.sources) expectShape(values.get(value)!.shape, shape);
  const scales = node.sources.flatMap(({ scale }) => scale ?? []);
  if (network.arithmetic === 'float32') {
    if (node.kind === 'neuron' && (node.forecast !== undefined || mostAhead(node) > 0)) {
      throw new Error('expected no forecast and no source that runs ahead: the network is float32');
    }
    const sources = node.kind === 'neuron' && node.product === true ? 2 : 1;
    if (node.sources.length !== sources || scales.length > 0 || node.bias !== undefined) {
      const expected = sources === 1 ? 'one source' : 'two sources';
      throw new Error(`expected ${expected} without a scale, and no bias: the network is float32`);
    }
    return;
  }
  if (node.kind === 'neuron' && node.product === true) {
    throw new Error('expected sums only, found a product: the network is integer');
  }
  if (scales.length < node.sources.length)
    throw new Error('expected a scale for every source: the network is integer');
  for (const name of [...scales, ...(node.bias === undefined ? [] : [node.bias])]) {
    expectConstant(network, name, [[], [shape[0]!], shape], ['float64']);
  }
}

/** Throws unless a constant exists with one of the shapes and element types. */
function expectConstant(
  network: Network,
  name: string,
  shapes: readonly Shape[],
  types: readonly string[] = ['float32', 'float64'],
): void {
  const constant = network.constants.get(name);
  if (constant === undefined) throw new Error(`no tensor is called "${name}"`);
  if (types.includes(constant.dtype) && shapes.some((shape) => sameShape(constant.shape, shape))) return;
  throw new Error(
    `expected "${name}" to be ${types.join(' or ')} of shape ${shapes.map(showShape).join(' or ')}, found ${constant.dtype} ${showShape(constant.shape)}`,
  );
}

function expectShape(found: Shape, declared: Shape): void {
  if (!sameShape(found, declared)) {
    throw new Error(`expected shape ${showShape(found)} from its sources, found ${showShape(declared)}`);
  }
}

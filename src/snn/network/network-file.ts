// The .snn file: safetensors layout, constants as tensors, everything else as one JSON string in the metadata.
// docs/format.md describes every field. Loading needs neither the ONNX file nor the calibration set.
import { z } from 'zod';
import { preprocessingSchema } from '../../data/preprocessing-schema.ts';
import { encoders } from '../../encoders/index.ts';
import { Ann2SnnError, messageOf, type Problem, throwIfAny } from '../../errors.ts';
import { neurons } from '../../neurons/index.ts';
import { linearOps, opNamed } from '../../ops/index.ts';
import type { Fact } from '../../ops/op.ts';
import { checkedBy } from '../../schema.ts';
import { readSafetensors, writeSafetensors } from '../../tensor/safetensors.ts';
import { isFloat, type Shape, sameShape, showShape } from '../../tensor/tensor.ts';
import { codingProblems } from './coding.ts';
import {
  type LinearSnnNode,
  type Network,
  type NeuronNode,
  operandFacts,
  type ReadoutNode,
  type SnnNode,
  type Source,
} from './network.ts';

/** Version of the format; a reader refuses what it does not know. */
export const NETWORK_FORMAT = 'ann2snn-network/2';

const names = <T extends string>(list: readonly { readonly name: T }[]) =>
  z.enum(list.map((item) => item.name) as [T, ...T[]]);
const index = z.number().int().nonnegative();
const shape = z.array(z.number().int().positive());
const positive = z.number().positive();
const edge = z.object({ value: z.string(), delaySteps: index });
const membraneInputs = z.array(edge.extend({ scale: z.string().optional() })).nonempty();
const attribute = z.union([z.number(), z.boolean(), z.string(), z.array(z.number())]);
const attributes = z.record(z.string(), attribute);
const common = { name: z.string(), shape, start: index };
const nodeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('encoder'),
    ...common,
    output: z.string(),
    encoder: names(encoders),
    theta: positive,
    grid: z.object({ scale: positive, low: z.number().int(), high: z.number().int() }).optional(),
  }),
  z.object({
    kind: z.literal('linear'),
    ...common,
    output: z.string(),
    op: names(linearOps),
    attributes,
    sources: z.array(z.union([edge, z.object({ constant: z.string() })])),
  }),
  z.object({
    kind: z.literal('neuron'),
    ...common,
    output: z.string(),
    neuron: names(neurons),
    sources: membraneInputs,
    bias: z.string().optional(),
    potentialShape: shape,
    theta: z.union([positive, z.array(positive)]),
    Ts: index,
    phi: z.number().min(0.5).max(1),
    pool: attributes.optional(),
    affine: z.object({ scale: z.string(), shift: z.string() }).optional(),
    bounds: z.object({ low: z.string().optional(), high: z.string().optional() }).optional(),
    annValue: z.string(),
    annGrid: z
      .object({ scale: z.union([positive, z.array(positive)]), zeroPoint: z.number().int() })
      .optional(),
  }),
  z.object({
    kind: z.literal('readout'),
    ...common,
    sources: membraneInputs,
    bias: z.string().optional(),
    head: z.enum(['none', 'Softmax', 'LogSoftmax']),
  }),
]);

const networkSchema = z.object({
  format: z.literal(NETWORK_FORMAT),
  coding: z.object({
    name: z.string(),
    T: z.number(),
    beta: z.number(),
    Ts: z.number(),
    phi: z.number(),
    encoder: names(encoders),
  }),
  arithmetic: z.enum(['float32', 'integer']),
  whyFloat: z.string().nullable(),
  preprocessing: preprocessingSchema,
  nodes: z.array(nodeSchema).nonempty(),
  annOperations: z.object({ macs: index, effectiveMacs: index, syopsCounter: index }),
  provenance: z.object({
    model: z.object({ file: z.string(), sha256: z.string() }),
    calibration: z.object({ images: index, sha256: z.string().nullable() }),
    amplitudes: z.string(),
    tool: z.string(),
  }),
});

/** The key of the network's JSON in the safetensors metadata. */
const METADATA_KEY = 'network';

/** Writes a network; the same network gives the same bytes. */
export function writeNetwork(network: Network): Uint8Array {
  const { constants, ...rest } = network;
  // Through the schema, which puts fields into one order, however the network was made.
  const json = JSON.stringify(networkSchema.parse({ format: NETWORK_FORMAT, ...rest }));
  return writeSafetensors({ tensors: constants, metadata: { [METADATA_KEY]: json } });
}

/**
 * Reads a network and checks that it hangs together: every source exists, every shape follows from the nodes
 * before it, every window starts when its sources do.
 * @throws Ann2SnnError `invalid-network` naming every field or node that is wrong.
 */
export function readNetwork(bytes: Uint8Array, where: string): Network {
  const { tensors, metadata } = readSafetensors(bytes, where);
  const json = parseJson(metadata[METADATA_KEY], where);
  const { format: _, ...content } = checkedBy(networkSchema, json, {
    code: 'invalid-network',
    where,
    root: 'network',
  });
  // Attributes are checked by the operators themselves when shapes are inferred below.
  const network = { ...content, constants: tensors } as unknown as Network;
  throwIfAny('invalid-network', problemsOf(network, where));
  return network;
}

function parseJson(text: string | undefined, where: string): unknown {
  if (text === undefined) {
    throw new Ann2SnnError('invalid-network', { where, message: 'expected a network, found tensors only' });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Ann2SnnError('invalid-network', { where, message: 'expected the network to be JSON' });
  }
}

/** Kinds of node whose names must differ from each other. */
function nameSpace(node: SnnNode): string {
  return node.kind === 'encoder' ? 'neuron' : node.kind;
}

interface Known {
  readonly shape: Shape;
  readonly start: number;
}

function problemsOf(network: Network, where: string): Problem[] {
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
      if ((node.kind === 'encoder') !== (node === network.nodes[0])) {
        throw new Error('expected the first node, and no other, to be an encoder');
      }
      checkNode(network, node, values);
    } catch (error) {
      problems.push({ where: `${where}: node "${node.name}"`, message: reasonOf(error) });
      if (node.kind !== 'readout') values.set(node.output, node);
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
  const sources: readonly Source[] = node.kind === 'encoder' ? [] : node.sources;
  const starts = sources.flatMap((source) => {
    if ('constant' in source) {
      if (!network.constants.has(source.constant))
        throw new Error(`no tensor is called "${source.constant}"`);
      return [];
    }
    const known = values.get(source.value);
    if (known === undefined) throw new Error(`no earlier node produces "${source.value}"`);
    return [known.start + source.delaySteps];
  });
  const opens = node.kind === 'neuron' ? node.start - node.Ts : node.start;
  if (node.kind === 'encoder' && opens !== 0)
    throw new Error(`expected it to start at step 0, found ${opens}`);
  if (starts.some((start) => start !== opens)) {
    throw new Error(`expected all sources to arrive at step ${opens}, found ${starts.join(', ')}`);
  }
  if (node.kind === 'linear') checkLinear(network, node, values);
  if (node.kind === 'neuron') checkNeuron(network, node, values);
  if (node.kind === 'readout') checkMembrane(network, node, node.shape, values);
  else {
    if (values.has(node.output)) throw new Error(`"${node.output}" is produced twice`);
    values.set(node.output, node);
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
  const operands = operandFacts(network, node, (value) => values.get(value)!.shape);
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
  for (const name of [node.bounds?.low, node.bounds?.high]) {
    if (name !== undefined) expectConstant(network, name, [[], [channels]]);
  }
  if (node.bounds !== undefined && node.neuron !== 'tsa-clip') {
    throw new Error(`expected bounds of tsa-clip only, found them at ${node.neuron}`);
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
    if (node.sources.length > 1 || scales.length > 0 || node.bias !== undefined) {
      throw new Error('expected one source without a scale, and no bias: the network is float32');
    }
    return;
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

// What turns the image into events, as nodes of NIR in front of the first weights.
import type { NirGraph, NirNode } from '../nir/graph.ts';
import { isWeighted, type Program, type Stage } from '../nir/simulation/program.ts';
import { floatTensor, type Shape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { freeName, type Insertion, insertBehind, withNode } from './graph-edit.ts';

/** Amplitude and sign of the mapping layer's events. */
export interface InputCode {
  /** What one event stands for, in the unit of the input: the largest |x| of the calibration set. */
  readonly theta: number;
  /** Whether events have signs, two populations then. */
  readonly signed: boolean;
}

/** The code that holds all of these values: |x| <= theta fires at most once a step. */
export function inputCode(values: Float32Array): InputCode {
  let theta = 0;
  let signed = false;
  for (const x of values) {
    theta = Math.max(theta, Math.abs(x));
    signed ||= x < 0;
  }
  return { theta: theta === 0 ? 1 : theta, signed };
}

/**
 * The naive switch: one of NIR's IF neurons with threshold 1 for each element of the input, nothing else changed. It fires
 * where v > 1 and forgets the rest, so that of a steady x in (1/2, 1] every second step has an event.
 */
export function withPlainEncoder(graph: NirGraph, program: Program, dt: number): NirGraph {
  const { shape, name: input } = program.input;
  const name = freeName(graph, `${input}_events`);
  const node: NirNode = {
    type: 'IF',
    r: full(shape, 1 / dt),
    v_threshold: full(shape, 1),
    v_reset: full(shape, 0),
  };
  return insertBehind(graph, input, {
    nodes: new Map([[name, node]]),
    edges: [],
    entries: [name],
    exits: [name],
  });
}

/**
 * The mapping layer: v += x; s = 1 where v > theta/2 (and -1 where v < -theta/2, for signed input), v -= theta s. So
 * |x T - theta sum s| <= theta/2 at every T, without chance. In NIR: an I, whose potential is v, a Threshold at theta/2, and
 * a Scale of -theta from there back into the I, which subtracts at the next step. The first weights take in theta.
 */
export function withMappingLayer(
  graph: NirGraph,
  program: Program,
  { theta, signed }: InputCode,
  dt: number,
): NirGraph {
  const { shape, name: input } = program.input;
  const free = (what: string) => freeName(graph, `${input}_${what}`);
  const scale = (factor: number): NirNode => ({ type: 'Scale', scale: full(shape, factor) });
  const threshold: NirNode = { type: 'Threshold', threshold: full(shape, theta / 2) };
  const [membrane, events, reset] = [free('membrane'), free('events'), free('reset')];
  const positive: Insertion = {
    nodes: new Map([
      [membrane, { type: 'I', r: full(shape, 1 / dt) }],
      [events, threshold],
      [reset, scale(-theta)],
    ]),
    edges: [
      [membrane, events],
      [events, reset],
      [reset, membrane],
    ],
    entries: [membrane],
    exits: [events],
  };
  const [mirrored, negative, sign] = [free('mirrored'), free('negative_events'), free('negative')];
  const insertion: Insertion = !signed
    ? positive
    : {
        ...positive,
        nodes: new Map([...positive.nodes, [mirrored, scale(-1)], [negative, threshold], [sign, scale(-1)]]),
        edges: [
          ...positive.edges,
          [membrane, mirrored],
          [mirrored, negative],
          [negative, sign],
          [sign, reset],
        ],
        exits: [events, sign],
      };
  return insertBehind(withAmplitude(graph, program, theta), input, insertion);
}

/** The graph with theta in the weights that the input meets first, or in a Scale where it does not meet weights alone. */
function withAmplitude(graph: NirGraph, program: Program, theta: number): NirGraph {
  const first = firstWeights(program);
  if (first !== null) {
    return first.reduce((changed, { name, node }) => {
      const { weight } = node as { readonly weight: Tensor };
      return withNode(changed, name, { ...node, weight: scaled(weight, theta) } as NirNode);
    }, graph);
  }
  const name = freeName(graph, `${program.input.name}_amplitude`);
  const node: NirNode = { type: 'Scale', scale: full(program.input.shape, theta) };
  return insertBehind(graph, program.input.name, {
    nodes: new Map([[name, node]]),
    edges: [],
    entries: [name],
    exits: [name],
  });
}

/** The weighted nodes that all paths from the input meet first, and that nothing else enters; null where it is not so. */
function firstWeights({ stages, input }: Program): readonly Stage[] | null {
  const found = new Set<Stage>();
  const walk = (stage: Stage): boolean =>
    stage.consumers.every((name) => {
      const consumer = stages.get(name)!;
      if (consumer.reads !== 'held' || consumer.map === null || consumer.node.type === 'Output') return false;
      if (!isWeighted(consumer.node)) return walk(consumer);
      found.add(consumer);
      return true;
    });
  return walk(input) ? [...found] : null;
}

function full(shape: Shape, value: number): Tensor {
  return floatTensor(shape, new Float32Array(sizeOf(shape)).fill(value));
}

function scaled(weight: Tensor, factor: number): Tensor {
  return floatTensor(
    weight.shape,
    Float32Array.from(weight.data, (w) => w * factor),
  );
}

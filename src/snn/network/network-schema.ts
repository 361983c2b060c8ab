// The fields of a network as they are written (docs/format.md describes each).
import { z } from 'zod';
import { preprocessingSchema } from '../../data/preprocessing-schema.ts';
import { encoders } from '../../encoders/index.ts';
import { neurons } from '../../neurons/index.ts';
import { PARAMETER_EXPONENTS, type ParameterName } from '../../neurons/neuron.ts';
import { canonicalOps, linearOps } from '../../ops/index.ts';

/** Version of the format; a reader refuses what it does not know. */
export const NETWORK_FORMAT = 'ann2snn-network/2';

const names = <T extends string>(list: readonly { readonly name: T }[]) =>
  z.enum(list.map((item) => item.name) as [T, ...T[]]);
const parameterNames = z.enum(Object.keys(PARAMETER_EXPONENTS) as [ParameterName, ...ParameterName[]]);
const index = z.number().int().nonnegative();
const shape = z.array(z.number().int().positive());
const positive = z.number().positive();
const edge = z.object({ value: z.string(), delaySteps: index });
const source = z.union([edge, z.object({ constant: z.string() })]);
const membraneInput = edge.extend({ scale: z.string().optional() });
const membraneInputs = z.array(membraneInput).nonempty();
const attribute = z.union([z.number(), z.boolean(), z.string(), z.array(z.number())]);
const attributes = z.record(z.string(), attribute);
const common = { name: z.string(), shape, start: index };
/** One node. */
export const nodeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('encoder'),
    ...common,
    output: z.string(),
    encoder: names(encoders),
    source: edge.optional(),
    theta: positive,
    grid: z.object({ scale: positive, low: z.number().int(), high: z.number().int() }).optional(),
    spikesPerNeuron: z.number().nonnegative().optional(),
  }),
  z.object({
    kind: z.literal('linear'),
    ...common,
    output: z.string(),
    op: names(linearOps),
    attributes,
    sources: z.array(source),
    analog: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal('neuron'),
    ...common,
    output: z.string(),
    neuron: names(neurons),
    sources: z.array(membraneInput.extend({ aheadSteps: index.optional() })).nonempty(),
    product: z.literal(true).optional(),
    bias: z.string().optional(),
    potentialShape: shape,
    theta: z.union([positive, z.array(positive)]),
    Ts: index,
    phi: z.number().min(0.5).max(1),
    lastPhi: z.number().min(0.5).max(1).optional(),
    negativeSpikes: z.literal(false).optional(),
    forecast: z.array(z.number().gt(0).max(0.5)).nonempty().optional(),
    pool: attributes.optional(),
    affine: z.object({ scale: z.string(), shift: z.string() }).optional(),
    parameters: z.partialRecord(parameterNames, z.string()).optional(),
    annValue: z.string(),
    annGrid: z
      .object({ scale: z.union([positive, z.array(positive)]), zeroPoint: z.number().int() })
      .optional(),
    spikesPerNeuron: z.number().nonnegative().optional(),
  }),
  z.object({
    kind: z.literal('decoder'),
    ...common,
    output: z.string(),
    sources: z.array(edge).length(1),
  }),
  z.object({
    kind: z.literal('analog'),
    ...common,
    output: z.string(),
    op: names(canonicalOps),
    attributes,
    sources: z.array(source),
  }),
  z.object({
    kind: z.literal('readout'),
    ...common,
    sources: membraneInputs,
    bias: z.string().optional(),
    head: z.enum(['none', 'Softmax', 'LogSoftmax']),
  }),
]);

/** A network but for its constants. */
export const networkSchema = z.object({
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
    tuning: z.string().optional(),
    tool: z.string(),
  }),
});

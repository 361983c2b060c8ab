// The kinds of nodes that NIR has and the datasets of each, under NIR's own names: what the types, the writer and the reader
// of NIR graphs follow from.

/**
 * What a dataset of a node holds:
 * - `array`: numbers of any shape
 * - `dims`: a shape, one whole number for each axis
 * - `pair`: whole numbers for height and width; one number in a file stands for both
 * - `single`: one whole number
 * - `padding-pair`, `padding-single`: the same, or "same" or "valid"
 */
export type FieldKind = 'array' | 'dims' | 'pair' | 'single' | 'padding-pair' | 'padding-single';

/** The datasets of each kind; OPTIONAL_FIELDS may be absent from a file. */
export const NODE_FIELDS = {
  Input: { shape: 'dims' },
  Output: { shape: 'dims' },
  Affine: { weight: 'array', bias: 'array' },
  Linear: { weight: 'array' },
  Scale: { scale: 'array' },
  Conv1d: {
    input_shape: 'single',
    weight: 'array',
    stride: 'single',
    padding: 'padding-single',
    dilation: 'single',
    groups: 'single',
    bias: 'array',
  },
  Conv2d: {
    input_shape: 'pair',
    weight: 'array',
    stride: 'pair',
    padding: 'padding-pair',
    dilation: 'pair',
    groups: 'single',
    bias: 'array',
  },
  SumPool2d: { kernel_size: 'pair', stride: 'pair', padding: 'pair' },
  AvgPool2d: { kernel_size: 'pair', stride: 'pair', padding: 'pair' },
  Flatten: { input_type: 'dims', start_dim: 'single', end_dim: 'single' },
  Threshold: { threshold: 'array' },
  Delay: { delay: 'array' },
  I: { r: 'array' },
  LI: { tau: 'array', r: 'array', v_leak: 'array' },
  IF: { r: 'array', v_threshold: 'array', v_reset: 'array' },
  LIF: { tau: 'array', r: 'array', v_leak: 'array', v_threshold: 'array', v_reset: 'array' },
  CubaLI: { tau_syn: 'array', tau_mem: 'array', r: 'array', v_leak: 'array', w_in: 'array' },
  CubaLIF: {
    tau_syn: 'array',
    tau_mem: 'array',
    r: 'array',
    v_leak: 'array',
    v_threshold: 'array',
    v_reset: 'array',
    w_in: 'array',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldKind>>>>;

export type NodeKind = keyof typeof NODE_FIELDS;

/** Datasets that writers leave out: `v_reset` is then 0, and the shape of a convolution's input follows from the graph. */
export const OPTIONAL_FIELDS = ['v_reset', 'input_shape'] as const;
export type OptionalField = (typeof OPTIONAL_FIELDS)[number];

export function isNodeKind(name: string): name is NodeKind {
  return Object.hasOwn(NODE_FIELDS, name);
}

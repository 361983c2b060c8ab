// Why an operator is refused: the reason a person can act on, for the operators that CNN exports do contain.
import type { OnnxNode } from '../onnx/model.ts';
import { domainOf, opNamed } from './index.ts';

const STATISTICS = 'normalises by statistics of the running data, which no spiking neuron tracks';
const NO_NEURON = 'no neuron of this version tracks this activation';
const PRODUCT =
  'multiplies running tensors in a way that no operator here does; export it as MatMul, Mul and Transpose';
const CONTROL_FLOW = 'control flow and recurrence have no feed-forward window';
const CHOOSES =
  'chooses indices by comparing running values; leave it out of the export and apply it to the outputs';
const REGIONS =
  'cuts out regions whose places are computed from the image; only fixed connections become synapses';
const RANDOM = 'draws random numbers; export the model in inference mode';
const SEQUENCE =
  'sequences and optional values have no fixed shape, and a network has one tensor at each edge';
const TEXT = 'works on text or records, not on images';
const TRAINING = 'belongs to training; export the model in inference mode';
const NORM = 'is a norm or a running product, which no spiking neuron tracks';
const SIGNAL = 'transforms a signal into its spectrum; transform the data before they enter the network';

/** By operator. */
export const REASONS: Readonly<Record<string, string>> = {
  GroupNormalization: STATISTICS,
  LpNormalization: STATISTICS,
  RMSNormalization: STATISTICS,
  ThresholdedRelu: NO_NEURON,
  Shrink: NO_NEURON,
  Hardmax: NO_NEURON,
  Swish: NO_NEURON,
  Attention: PRODUCT,
  MultiHeadAttention: PRODUCT,
  Einsum: PRODUCT,
  Det: PRODUCT,
  LSTM: CONTROL_FLOW,
  GRU: CONTROL_FLOW,
  RNN: CONTROL_FLOW,
  If: CONTROL_FLOW,
  Loop: CONTROL_FLOW,
  Scan: CONTROL_FLOW,
  TopK: CHOOSES,
  NonMaxSuppression: CHOOSES,
  NonZero: CHOOSES,
  ArgMax: CHOOSES,
  ArgMin: CHOOSES,
  Unique: CHOOSES,
  Compress: CHOOSES,
  RoiAlign: REGIONS,
  MaxRoiPool: REGIONS,
  GridSample: REGIONS,
  AffineGrid: REGIONS,
  DeformConv: REGIONS,
  CenterCropPad: REGIONS,
  MaxUnpool: REGIONS,
  RandomNormal: RANDOM,
  RandomNormalLike: RANDOM,
  RandomUniform: RANDOM,
  RandomUniformLike: RANDOM,
  Bernoulli: RANDOM,
  Multinomial: RANDOM,
  SequenceAt: SEQUENCE,
  SequenceConstruct: SEQUENCE,
  SequenceEmpty: SEQUENCE,
  SequenceErase: SEQUENCE,
  SequenceInsert: SEQUENCE,
  SequenceLength: SEQUENCE,
  SequenceMap: SEQUENCE,
  SplitToSequence: SEQUENCE,
  ConcatFromSequence: SEQUENCE,
  Optional: SEQUENCE,
  OptionalGetElement: SEQUENCE,
  OptionalHasElement: SEQUENCE,
  StringNormalizer: TEXT,
  StringConcat: TEXT,
  StringSplit: TEXT,
  RegexFullMatch: TEXT,
  TfIdfVectorizer: TEXT,
  ImageDecoder: TEXT,
  NegativeLogLikelihoodLoss: TRAINING,
  SoftmaxCrossEntropyLoss: TRAINING,
  Gradient: TRAINING,
  Adam: TRAINING,
  Adagrad: TRAINING,
  Momentum: TRAINING,
  ReduceL1: NORM,
  ReduceL2: NORM,
  ReduceLogSum: NORM,
  ReduceLogSumExp: NORM,
  ReduceProd: NORM,
  ReduceSumSquare: NORM,
  GlobalLpPool: NORM,
  LpPool: NORM,
  CumSum: NORM,
  DFT: SIGNAL,
  STFT: SIGNAL,
  MelWeightMatrix: SIGNAL,
};

/** The reason why no operator file reads this node. */
export function refusalOf(node: OnnxNode): string {
  if (opNamed(node.opType) !== undefined) {
    return `expected this operator in ${showDomain(domainOf(node.opType))}, found it in ${showDomain(node.domain)}`;
  }
  if (node.domain !== '') return `operators of the domain "${node.domain}" are not supported`;
  return REASONS[node.opType] ?? 'this operator is not supported';
}

function showDomain(domain: string): string {
  return domain === '' ? 'the standard domain' : `the domain "${domain}"`;
}

// Why an operator is refused: the reason a person can act on, for the operators that CNN exports do contain.
import type { OnnxNode } from '../onnx/model.ts';
import { domainOf, opNamed } from './index.ts';

const STATISTICS = 'normalises by statistics of the running data, which no spiking neuron tracks';
const NO_NEURON = 'no neuron of this version tracks this activation';
const PRODUCT = 'multiplies two running tensors; spikes carry sums, not products';
const CONTROL_FLOW = 'control flow and recurrence have no feed-forward window';

const REASONS: Readonly<Record<string, string>> = {
  LRN: STATISTICS,
  InstanceNormalization: STATISTICS,
  LayerNormalization: STATISTICS,
  GroupNormalization: STATISTICS,
  MeanVarianceNormalization: STATISTICS,
  LpNormalization: STATISTICS,
  LeakyRelu: NO_NEURON,
  PRelu: NO_NEURON,
  Selu: NO_NEURON,
  Elu: NO_NEURON,
  Celu: NO_NEURON,
  Gelu: NO_NEURON,
  Sigmoid: NO_NEURON,
  HardSigmoid: NO_NEURON,
  HardSwish: NO_NEURON,
  Tanh: NO_NEURON,
  Softplus: NO_NEURON,
  Softsign: NO_NEURON,
  Attention: PRODUCT,
  Einsum: PRODUCT,
  LSTM: CONTROL_FLOW,
  GRU: CONTROL_FLOW,
  RNN: CONTROL_FLOW,
  If: CONTROL_FLOW,
  Loop: CONTROL_FLOW,
  Scan: CONTROL_FLOW,
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

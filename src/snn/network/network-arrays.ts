// A network as named arrays: its constants under names that read, and what its nodes say in numbers.
import { firesAtThreshold, thresholdAt } from '../../neurons/tsa.ts';
import { type Tensor, tensor } from '../../tensor/tensor.ts';
import { readableName, UniqueNames } from './member-names.ts';
import { isSpiking, type MembraneInput, type Network, runningSources, type SnnNode } from './network.ts';

export interface NetworkArrays {
  /** Every constant's array, [the name in the network, the name of the array], in the order of the nodes. */
  readonly constants: readonly (readonly [string, string])[];
  /** What else there is, by name: it follows from the network, for readers that want numbers only. */
  readonly derived: ReadonlyMap<string, Tensor>;
}

const int32 = (values: readonly number[]) => tensor('int32', [values.length], values);

/**
 * Names of the arrays and what follows from the nodes; docs/format.md, section 12.3, describes each.
 * @param reserved names that no array may have
 */
export function networkArrays(network: Network, reserved: readonly string[]): NetworkArrays {
  const names = new UniqueNames();
  for (const name of reserved) names.take(name);
  const constants = new Map<string, string>();
  const derived = new Map<string, Tensor>([[names.take('connections'), connectionsOf(network)]]);
  for (const node of network.nodes) {
    const base = readableName(node.name, 'op' in node ? node.op : '');
    const prefix = node.kind === 'readout' ? `${base}.readout` : base;
    for (const [role, constant] of constantsOf(node)) {
      if (!network.constants.has(constant) || constants.has(constant)) continue;
      constants.set(constant, names.take(`${prefix}.${role}`));
    }
    for (const [role, value] of numbersOf(network, node)) derived.set(names.take(`${prefix}.${role}`), value);
  }
  // What no node reads stays in the file all the same.
  for (const constant of [...network.constants.keys()].sort()) {
    if (!constants.has(constant)) constants.set(constant, names.take(`unused.${readableName(constant)}`));
  }
  return { constants: [...constants], derived };
}

/** Every edge: index of the node it comes from, of the node it goes to, steps of delay and of running ahead; [edges, 4]. */
function connectionsOf({ nodes }: Network): Tensor {
  const producers = new Map(nodes.flatMap((node, i) => (node.kind === 'readout' ? [] : [[node.output, i]])));
  const rows = nodes.flatMap((node, to) =>
    runningSources(node).map(({ value, delaySteps, aheadSteps = 0 }: MembraneInput) => [
      producers.get(value)!,
      to,
      delaySteps,
      aheadSteps,
    ]),
  );
  return tensor('int32', [rows.length, 4], rows.flat());
}

/** What a node reads of the constants, by the part that each plays. */
function constantsOf(node: SnnNode): (readonly [string, string])[] {
  if (node.kind === 'linear' || node.kind === 'analog') {
    return node.sources.flatMap((source, i) =>
      'constant' in source ? [[operandName(node.op, i), source.constant] as const] : [],
    );
  }
  if (node.kind !== 'neuron' && node.kind !== 'readout') return [];
  const scales = node.sources.flatMap(({ scale }, i) =>
    scale === undefined ? [] : [[`source${i}.scale`, scale] as const],
  );
  const bias = node.bias === undefined ? [] : [['bias', node.bias] as const];
  if (node.kind === 'readout') return [...scales, ...bias];
  return [...scales, ...bias, ...Object.entries({ ...node.parameters, ...node.affine })];
}

function operandName(op: string, i: number): string {
  const weighted = ['Conv', 'ConvTranspose', 'Gemm', 'MatMul'].includes(op);
  if (weighted && i === 1) return 'weight';
  return weighted && i === 2 ? 'bias' : `operand${i}`;
}

function numbersOf(network: Network, node: SnnNode): (readonly [string, Tensor])[] {
  const { T, beta } = network.coding;
  const shape = ['shape', int32(node.shape)] as const;
  const window = ['window', int32([node.start, node.start + T])] as const;
  if (node.kind === 'readout') return [shape, window];
  if (!isSpiking(node) || (node.kind !== 'neuron' && node.kind !== 'encoder')) return [shape];
  const amplitude = tensor('float64', ...amplitudeOf(node.theta));
  const spiking = [shape, window, ['amplitude', amplitude] as const];
  const fires = (at: (i: number) => boolean) =>
    [
      'fires_at_threshold',
      tensor(
        'bool',
        [T],
        Array.from({ length: T }, (_, i) => Number(at(i))),
      ),
    ] as const;
  if (node.kind === 'encoder') return [...spiking, ['threshold', constant(0.5, T)], fires(() => true)];
  const steps = Array.from({ length: T }, (_, i) => node.Ts + 1 + i);
  const parameters = { ...node, T, beta };
  return [
    ...spiking,
    [
      'threshold',
      tensor(
        'float64',
        [T],
        steps.map((t) => thresholdAt(t, parameters)),
      ),
    ],
    // In a float32 network a tie always fires.
    fires((i) => network.arithmetic === 'float32' || firesAtThreshold(steps[i]!, parameters)),
    ['silent_period', tensor('int32', [], [node.Ts])],
    ...(node.forecast === undefined
      ? []
      : [['forecast', tensor('float64', [node.forecast.length], node.forecast)] as const]),
  ];
}

const constant = (value: number, count: number) =>
  tensor(
    'float64',
    [count],
    Array.from({ length: count }, () => value),
  );

function amplitudeOf(theta: number | readonly number[]): [number[], readonly number[]] {
  return typeof theta === 'number' ? [[], [theta]] : [[theta.length], theta];
}

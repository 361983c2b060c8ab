// What a conversion is given for each layer, and whether it fits the plan.
import { type Problem, throwIfAny } from '../../errors.ts';
import type { Unit } from '../../ops/unit.ts';
import { type Coding, codingProblems } from '../network/coding.ts';
import type { SpikingPlan } from '../plan/planned.ts';

/** Spike amplitudes theta in units of the ANN's activations, by layer; the input's under its own name. */
export type Amplitudes = ReadonlyMap<string, Unit>;

/** Parameters that may differ from layer to layer; what is missing is the coding's. */
export interface LayerOverrides {
  readonly Ts?: number;
  readonly phi?: number;
  /** Threshold at the last step as a fraction of theta, 1/2 to 1, in the place of 1/2. */
  readonly lastPhi?: number;
  /** False for neurons without negative spikes. */
  readonly negativeSpikes?: false;
}

/** Throws `invalid-calibration` naming every layer whose amplitudes are missing, too few or not above 0. */
export function checkAmplitudes(plan: SpikingPlan, amplitudes: Amplitudes): void {
  const layers = [
    ...plan.nodes.flatMap((node) => {
      const channels = node.shape[0]!;
      if (node.kind === 'encoder') return [{ name: node.name as string, channels, perChannel: false }];
      return node.kind === 'neuron' ? [{ name: node.output as string, channels, perChannel: true }] : [];
    }),
  ];
  const problems: Problem[] = layers.flatMap(({ name, channels, perChannel }) => {
    const theta = amplitudes.get(name);
    const where = `layer "${name}"`;
    if (theta === undefined) return [{ where, message: 'expected a spike amplitude, found none' }];
    if (typeof theta !== 'number' && (!perChannel || theta.length !== channels)) {
      const expected = perChannel ? `one amplitude or ${channels}, one for each channel` : 'one amplitude';
      return [{ where, message: `expected ${expected}, found ${theta.length}` }];
    }
    const values = typeof theta === 'number' ? [theta] : theta;
    return values.every((value) => value > 0 && Number.isFinite(value))
      ? []
      : [
          {
            where,
            message: `expected amplitudes above 0, found ${values.find((v) => !(v > 0 && Number.isFinite(v)))}`,
          },
        ];
  });
  throwIfAny('invalid-calibration', problems);
}

/** Throws `invalid-option` naming every layer that does not exist or whose parameters are out of range. */
export function checkLayers(
  plan: SpikingPlan,
  coding: Coding,
  layers: ReadonlyMap<string, LayerOverrides>,
): void {
  const neurons = new Set(
    plan.nodes.flatMap((node) => (node.kind === 'neuron' ? [node.output as string] : [])),
  );
  const problems: Problem[] = [...layers].flatMap(([name, overrides]) => {
    const where = `layer "${name}"`;
    if (!neurons.has(name)) return [{ where, message: `expected one of ${[...neurons].join(', ')}` }];
    const { lastPhi = 1 / 2 } = overrides;
    const last = codingProblems({ ...coding, Ts: 0, phi: lastPhi }).filter(({ where: at }) =>
      at.includes('phi'),
    );
    return [
      ...codingProblems({ ...coding, ...overrides }),
      ...last.map(({ message }) => ({ where: 'last threshold (lastPhi)', message })),
    ].map((problem) => ({ where: `${where}: ${problem.where}`, message: problem.message }));
  });
  throwIfAny('invalid-option', problems);
}

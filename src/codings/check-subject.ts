// What a coding other than CSS and SWS cannot carry, refused by name and all at once.
import { type Problem, throwIfAny } from '../errors.ts';
import type { PlannedNeuron, PlannedNode } from '../snn/plan/planned.ts';
import type { BaselineCoding } from './baseline-coding.ts';
import type { CodingSubject } from './subject.ts';

/** Throws `unsupported-operator` naming every node of the plan that the coding cannot carry. */
export function checkSubject(coding: BaselineCoding, subject: Pick<CodingSubject, 'plan'>): void {
  throwIfAny('unsupported-operator', problemsOf(coding, subject), {
    help: 'leave the coding out of the comparison (--codings), or make the network one that it can carry',
  });
}

/** Every node of the plan that the coding cannot carry. */
export function problemsOf(
  { name, limits }: Pick<BaselineCoding, 'name' | 'limits'>,
  { plan }: Pick<CodingSubject, 'plan'>,
): Problem[] {
  if (!plan.nodes.some((node) => node.kind === 'neuron')) {
    return [{ where: `${name}: model`, message: 'expected an activation that becomes neurons, found none' }];
  }
  return plan.nodes.flatMap((node) => {
    const found = reasonAgainst(node, limits);
    return found === null ? [] : [{ where: `${name}: ${found.where}`, message: found.message }];
  });
}

function reasonAgainst(node: PlannedNode, limits: BaselineCoding['limits']): Problem | null {
  switch (node.kind) {
    case 'neuron':
      return againstNeuron(node, limits);
    case 'encoder':
      if (node.source === null) return null;
      return { where: `"${node.name}"`, message: 'expected no value encoded on the way, found one' };
    case 'analog':
      return {
        where: `node "${node.node.name}" (${node.node.op})`,
        message: 'expected a node on spikes or currents, found one that is kept analog',
      };
    default:
      return null;
  }
}

function againstNeuron(node: PlannedNeuron, limits: BaselineCoding['limits']): Problem | null {
  const where = `layer "${node.output}"`;
  if (node.factor !== undefined) {
    return { where, message: 'expected a sum of currents, found a product of two running values' };
  }
  if (node.affine !== undefined || (node.pool !== undefined && !limits.maxPool)) {
    return { where, message: 'expected no max-pool, found one: spikes at single steps have no maximum' };
  }
  if (!neverNegative(node)) {
    return {
      where,
      message: `expected values from 0 up (Relu, Clip from 0), found ${node.neuron}, which carries negative ones`,
    };
  }
  return null;
}

function neverNegative({ neuron, parameters, quantizer }: PlannedNeuron): boolean {
  if (quantizer !== undefined && quantizer.low < 0) return false;
  return (
    neuron === 'tsa-relu' || (neuron === 'tsa-clip' && parameters.low?.every((low) => low === 0) === true)
  );
}

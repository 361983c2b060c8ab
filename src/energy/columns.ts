// The three ways in which a layer's energy is told, side by side: arithmetic alone, with memory accesses, and against a
// quantized ANN that holds as many levels. Each sets both networks on the same footing; figures of different columns are
// not to be compared.
import type { EnergyConstants } from './energy-constants.ts';
import type { LayerWork } from './layer-work.ts';
import { accessPj } from './memory-model.ts';

/** What the columns need to know of the network. */
export interface Footing {
  readonly constants: EnergyConstants;
  /** Whether weights and currents are whole numbers. */
  readonly integer: boolean;
  /** Bits of the activations of a quantized ANN with as many levels as the code: ceil(log2(K + 1)). */
  readonly bits: number;
}

export interface EnergyColumn {
  readonly name: 'compute' | 'memory' | 'bit-matched';
  readonly title: string;
  /** What is counted on either side. */
  readonly rule: (footing: Footing) => string;
  /** Picojoules of one layer and image. */
  snnPj(work: LayerWork, footing: Footing): number;
  annPj(work: LayerWork, footing: Footing): number;
}

/** Bits of a membrane, and of an address event. */
const STATE_BITS = 32;

/** Arithmetic of the quantized ANN: a multiplier's energy grows with the product of its operands' widths. */
function quantizedMacPj({ constants: { int8 }, bits }: Footing): number {
  return int8.acPj + ((int8.macPj - int8.acPj) * bits) / 8;
}

function arithmeticOf(footing: Footing) {
  const { integer, constants } = footing;
  const own = integer ? constants.int8 : constants.float32;
  return { acPj: own.acPj, macPj: own.macPj, annMacPj: integer ? quantizedMacPj(footing) : own.macPj };
}

const compute: EnergyColumn = {
  name: 'compute',
  title: 'Compute only',
  rule: (footing) => {
    const { acPj, annMacPj } = arithmeticOf(footing);
    const ann = footing.integer ? `${footing.bits}-bit quantized ANN` : 'float32 ANN';
    return `SNN: ${pj(acPj)} for each accumulate that a spike causes; ${ann}: ${pj(annMacPj)} for each product with a weight`;
  },
  snnPj(work, footing) {
    const { acPj, macPj } = arithmeticOf(footing);
    return acPj * work.accumulates + macPj * work.products;
  },
  annPj: (work, footing) => arithmeticOf(footing).annMacPj * work.annProducts,
};

const memory: EnergyColumn = {
  name: 'memory',
  title: 'With memory accesses',
  rule: () =>
    'The same arithmetic, and SNN: for each accumulate a weight read and a membrane read and written, for each spike an event written and read, all states of a neuron read and written at each step; ANN: for each product a weight and a value read, each value written once',
  snnPj(work, footing) {
    const { constants, integer } = footing;
    const access = (words: number, bits: number) => accessPj(constants.memory, words, bits);
    const weight = access(work.weightWords, integer ? 8 : 32);
    const target = access(work.targetWords, STATE_BITS);
    const state = access(work.stateWords, STATE_BITS);
    const event = access(work.neurons, STATE_BITS);
    return (
      compute.snnPj(work, footing) +
      work.accumulates * (weight + 2 * target) +
      work.products * (weight + access(work.neurons, STATE_BITS)) +
      2 * work.spikes * event +
      2 * work.updateSteps * work.stateWords * state
    );
  },
  annPj(work, footing) {
    const { constants, integer, bits } = footing;
    const weight = accessPj(constants.memory, work.weightWords, integer ? 8 : 32);
    const value = accessPj(constants.memory, work.neurons, integer ? bits : 32);
    return compute.annPj(work, footing) + work.annProducts * (weight + value) + work.neurons * value;
  },
};

const bitMatched: EnergyColumn = {
  name: 'bit-matched',
  title: 'Against a quantized ANN',
  rule: (footing) =>
    `Arithmetic of both with 8-bit weights: SNN ${pj(footing.constants.int8.acPj)} for each accumulate; the ANN of ${footing.bits}-bit activations, which holds as many levels, ${pj(quantizedMacPj(footing))} for each product`,
  snnPj: (work, { constants: { int8 } }) => int8.acPj * work.accumulates + int8.macPj * work.products,
  annPj: (work, footing) => quantizedMacPj(footing) * work.annProducts,
};

export const energyColumns: readonly EnergyColumn[] = [compute, memory, bitMatched];

/** Bits of a quantized ANN that holds as many levels above zero as a code reaches in units of theta: ceil(log2(K + 1)). */
export function matchedBits(kappa: number): number {
  // K = 2^T - 1 is T bits exactly, which rounding must not lift.
  return Math.max(1, Math.ceil(Math.log2(kappa + 1) - 1e-9));
}

function pj(value: number): string {
  return `${Number(value.toPrecision(3))} pJ`;
}

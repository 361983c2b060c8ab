// Energy of arithmetic only, 45 nm CMOS: what most papers on converted networks report. It leaves memory out, which
// flatters spiking networks; the report says so.
import type { EnergyModel } from './energy-model.ts';

export const compute45nm = {
  name: '45 nm float32, compute only',
  source: 'M. Horowitz, ISSCC 2014: float32 multiply 3.7 pJ + add 0.9 pJ = 4.6 pJ per MAC, 0.9 pJ per AC',
  macPj: 4.6,
  acPj: 0.9,
} as const satisfies EnergyModel;

/** For integer networks: 8-bit weights are added, and the quantized ANN multiplies them by 8-bit activations. */
export const compute45nmInt8 = {
  name: '45 nm int8, compute only',
  source: 'M. Horowitz, ISSCC 2014: int8 multiply 0.2 pJ + add 0.03 pJ = 0.23 pJ per MAC, 0.03 pJ per AC',
  macPj: 0.23,
  acPj: 0.03,
} as const satisfies EnergyModel;

/** The int8 multiplier's share of a MAC. */
const INT8_MULTIPLY_PJ = 0.2;

/**
 * The same for a quantized ANN of n-bit activations and 8-bit weights: a multiplier's energy grows with the product of the
 * widths of its operands, so it is n/8 of the int8 one's.
 */
export function compute45nmInt(bits: number): EnergyModel {
  if (bits === 8) return compute45nmInt8;
  const macPj = compute45nmInt8.acPj + (INT8_MULTIPLY_PJ * bits) / 8;
  return {
    name: `45 nm int${bits} x int8, compute only`,
    source: `${compute45nmInt8.source}; the multiplier scaled by ${bits}/8`,
    macPj,
    acPj: compute45nmInt8.acPj,
  };
}

// Energy of arithmetic only, 45 nm CMOS, 32-bit float: what most papers on converted networks report. It leaves
// memory out, which flatters spiking networks; the report says so.

/** Constants and their origin. Energies in picojoules per operation. */
export interface EnergyModel {
  readonly name: string;
  readonly source: string;
  readonly macPj: number;
  readonly acPj: number;
}

export const compute45nm = {
  name: '45 nm float32, compute only',
  source: 'M. Horowitz, ISSCC 2014: float32 multiply 3.7 pJ + add 0.9 pJ = 4.6 pJ per MAC, 0.9 pJ per AC',
  macPj: 4.6,
  acPj: 0.9,
} as const satisfies EnergyModel;

/** Energy of one image in millijoules. */
export function energyMj(
  model: EnergyModel,
  operations: { readonly macs: number; readonly acs: number },
): number {
  return (model.macPj * operations.macs + model.acPj * operations.acs) * 1e-9;
}

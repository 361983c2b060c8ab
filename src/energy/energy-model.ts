// What an energy model is, and the energy of one image by it.

/** Constants and their origin. Energies in picojoules per operation, arithmetic only. */
export interface EnergyModel {
  readonly name: string;
  readonly source: string;
  readonly macPj: number;
  readonly acPj: number;
}

/** Energy of one image in millijoules. */
export function energyMj(
  model: EnergyModel,
  operations: { readonly macs: number; readonly acs: number },
): number {
  return (model.macPj * operations.macs + model.acPj * operations.acs) * 1e-9;
}

// Energies of both networks in three columns, by layer and in all.

import { kappa } from '../encoders/kappa.ts';
import { energyColumns, type Footing, matchedBits } from '../energy/columns.ts';
import type { EnergyConstants } from '../energy/energy-constants.ts';
import { type LayerSpikes, layerWork } from '../metrics/layer-work.ts';
import type { Network } from '../snn/network/network.ts';
import type { EnergyPair, EnergyTable } from './page-data.ts';
import type { LayerReport } from './report.ts';

const MJ_PER_PJ = 1e-9;

/** Computes the table from the layers of a report. */
export function energyTable(
  network: Network,
  layers: readonly LayerReport[],
  constants: EnergyConstants,
): EnergyTable {
  const { T, beta } = network.coding;
  const bits = network.arithmetic === 'integer' ? T : matchedBits(kappa(T, beta));
  const footing: Footing = { constants, integer: network.arithmetic === 'integer', bits };
  const spikes = new Map(layers.map((layer): [string, LayerSpikes] => [layer.name, layer]));
  const work = layerWork(network, spikes).map((one) => ({
    ...one,
    energy: energyColumns.map((column) =>
      pair(column.snnPj(one, footing) * MJ_PER_PJ, column.annPj(one, footing) * MJ_PER_PJ),
    ),
  }));
  const total = (column: number, of: 'snnMj' | 'annMj') =>
    work.reduce((sum, { energy }) => sum + energy[column]![of], 0);
  return {
    constants,
    bits,
    columns: energyColumns.map(({ name, title, rule }, i) => ({
      ...{ name, title, rule: rule(footing) },
      ...pair(total(i, 'snnMj'), total(i, 'annMj')),
    })),
    layers: work,
  };
}

function pair(snnMj: number, annMj: number): EnergyPair {
  return { snnMj, annMj, ratio: annMj === 0 ? null : snnMj / annMj };
}

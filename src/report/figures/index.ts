// The list of figures, in the order of a page.
import type { PageData } from '../page-data.ts';
import { accuracyEnergy, accuracyLatency, accuracySteps } from './accuracy.ts';
import { energyCompute, energyMatched, energyMemory, energyRatio, layerOperations } from './energy.ts';
import type { Figure } from './figure.ts';
import { decodedError, firingRates, residualLayers, saturation, spikeDistribution } from './layers.ts';
import { spikeRaster } from './raster.ts';
import { residualDistribution } from './residuals.ts';

export const figures = {
  accuracyLatency,
  accuracyEnergy,
  accuracySteps,
  decodedError,
  residualLayers,
  residualDistribution,
  saturation,
  firingRates,
  spikeDistribution,
  spikeRaster,
  energyRatio,
  layerOperations,
  energyCompute,
  energyMemory,
  energyMatched,
} as const;

/** Every figure that the data have something for. */
export function allFigures(data: PageData): Figure[] {
  return Object.values(figures).flatMap((of) => of(data) ?? []);
}

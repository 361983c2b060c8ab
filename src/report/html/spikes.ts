// Spikes: how many, when, and those of one image.
import { figures } from '../figures/index.ts';
import type { PageData } from '../page-data.ts';
import { section, figures as shownFigures } from './elements.ts';

export function spikes(data: PageData): string {
  return section(
    'spikes',
    'Spikes',
    shownFigures(figures.firingRates(data), figures.spikeDistribution(data), figures.spikeRaster(data)),
  );
}

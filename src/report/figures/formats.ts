// Numbers on axes and in sentences of the report page.
import { tickText } from '../../plots/scale.ts';
import type { PageData } from '../page-data.ts';

/** A fraction as a tick in percent: as many decimals as it has, four at most. */
export function percentTick(fraction: number): string {
  return `${tickText(Number((100 * fraction).toPrecision(6)))} %`;
}

/** Layers by number: names are long, and a table has them. */
export const LAYER_AXIS = 'layer, numbered from the input on';

export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i + 1));
}

/** The number of a layer on the whole page; a dash for what is no layer of spikes, such as an image that enters as it is. */
export function layerNumber({ report }: PageData, name: string): string {
  const index = report.layers.findIndex((layer) => layer.name === name);
  return index < 0 ? '–' : String(index + 1);
}

/** "1.9 times", with two digits or, above ten, whole. */
export function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toPrecision(2) : ratio.toFixed(0)} times`;
}

/** A name without what exporters add to it. */
export function shortName(name: string): string {
  return name.replace(/^\//, '').replace(/_output_0$/, '');
}

import { defineMove } from '../move.ts';
import { withScales } from '../setting.ts';

/** How far amplitudes follow the range of their channel: not at all at 0, wholly at 1. */
const EXPONENTS = [1 / 4, 1 / 2, 1];
/** Channels that hardly are active keep an amplitude of this share of the layer's. */
const LEAST = 1 / 16;

/** theta of channel c times (largest activation of c / largest of the layer)^exponent. */
export const channelAmplitudes = defineMove({
  name: 'channel-wise amplitudes',
  summary: 'smaller amplitudes for channels of smaller range',
  takes: 'one',
  changes: ({ adjustable, channelMaxima }) => {
    const shares = [...adjustable].flatMap((layer) => {
      const maxima = channelMaxima.get(layer) ?? [];
      const largest = Math.max(...maxima);
      return largest > 0 && maxima.length > 1
        ? [[layer, maxima.map((max) => Math.max(LEAST, max / largest))] as const]
        : [];
    });
    if (shares.length === 0) return [];
    return EXPONENTS.map((exponent) => ({
      what: `range of the channel to the power of ${exponent}`,
      apply: (setting) =>
        withScales(setting, new Map(shares.map(([layer, all]) => [layer, all.map((x) => x ** exponent)]))),
    }));
  },
});

// Intervals of what a number of images can tell of an accuracy, and of the difference of two on the same images.

/** 97.5 % of a normal distribution lie below this many standard deviations: two-sided 95 % intervals. */
const Z95 = 1.959963984540054;

/** Lower and upper end of a 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval of a fraction, 95 % (E. B. Wilson, 1927). Null where there was no trial.
 * @param successes 0 to `trials`
 */
export function wilsonInterval(successes: number, trials: number): Interval | null {
  if (trials === 0) return null;
  const fraction = successes / trials;
  const z2 = Z95 * Z95;
  const centre = fraction + z2 / (2 * trials);
  const half = Z95 * Math.sqrt((fraction * (1 - fraction)) / trials + z2 / (4 * trials * trials));
  const whole = 1 + z2 / trials;
  // Rounding must not leave 0 and 1, which the ends are where nothing or everything succeeded.
  return {
    low: successes === 0 ? 0 : (centre - half) / whole,
    high: successes === trials ? 1 : (centre + half) / whole,
  };
}

/** Two classifiers on the same images: how many images each alone has right. */
export interface Discordant {
  readonly onlyFirst: number;
  readonly onlySecond: number;
}

/**
 * 95 % interval of accuracy(first) - accuracy(second) on the same images: Wald's for paired fractions with half an image
 * added to each of the four cells (Agresti and Min, 2005), which keeps its coverage where few images differ.
 */
export function pairedInterval({ onlyFirst, onlySecond }: Discordant, images: number): Interval {
  const first = onlyFirst + 0.5;
  const second = onlySecond + 0.5;
  const all = images + 2;
  const difference = (first - second) / all;
  const half = (Z95 * Math.sqrt(first + second - (first - second) ** 2 / all)) / all;
  return { low: Math.max(-1, difference - half), high: Math.min(1, difference + half) };
}

/**
 * Two-sided exact McNemar test: the probability that as unequal a split of the images that only one has right arises by
 * chance. 1 where no image tells them apart.
 */
export function mcnemar({ onlyFirst, onlySecond }: Discordant): number {
  const n = onlyFirst + onlySecond;
  const tail = Math.min(onlyFirst, onlySecond);
  // Binomial(n, 1/2) at 0, in logarithms: 2^-n vanishes in float64 from n = 1075 on.
  let logTerm = -n * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= tail; k++) {
    logTerm += Math.log((n - k + 1) / k);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, 2 * sum);
}

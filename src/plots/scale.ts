// Scales: numbers to places on an axis, and where ticks stand.

export interface Scale {
  readonly kind: 'linear' | 'log';
  readonly domain: readonly [number, number];
  /** Place of a value, from 0 at the domain's lower end to 1. */
  at(value: number): number;
  /** Values that a tick stands at, inside the domain, ascending. */
  readonly ticks: readonly number[];
}

/** Steps between ticks are these times a power of ten. */
const STEPS = [1, 2, 5, 10] as const;

/**
 * A linear scale over the values.
 * @param wanted ticks, about
 */
export function linearScale(low: number, high: number, wanted = 5): Scale {
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const step = tickStep(from, to, wanted);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // A multiple of a decimal step is rounded to the decimals that it has: 3 * 0.1 is 0.3.
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(step)));
  return {
    kind: 'linear',
    domain: [from, to],
    at: (value) => (value - from) / (to - from),
    ticks: Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
      Number(((first + i) * step).toFixed(Math.min(decimals, 20))),
    ),
  };
}

/** A linear scale that is widened to whole ticks at both ends. */
export function roundedScale(low: number, high: number, wanted = 5): Scale {
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const step = tickStep(from, to, wanted);
  return linearScale(Math.floor(from / step + 1e-9) * step, Math.ceil(to / step - 1e-9) * step, wanted);
}

/**
 * A logarithmic scale, widened to 1, 2 or 5 times a power of ten at both ends. Ticks stand at powers of ten where there are
 * three of them or more, else at all of these. Values must be above 0.
 */
export function logScale(low: number, high: number, most = 6): Scale {
  const marks: number[] = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)) + 1; power++) {
    for (const mark of [1, 2, 5]) marks.push(Number(`${mark}e${power}`));
  }
  const from = marks.filter((mark) => mark <= low * (1 + 1e-9)).at(-1) ?? low;
  const to = marks.find((mark) => mark >= high * (1 - 1e-9) && mark > from) ?? high * 10;
  const inside = marks.filter((mark) => mark >= from && mark <= to);
  const powers = inside.filter((mark) => Number.isInteger(Number(Math.log10(mark).toFixed(9))));
  const all = powers.length >= 3 ? powers : inside;
  const every = Math.ceil(all.length / most);
  return {
    kind: 'log',
    domain: [from, to],
    at: (value) => Math.log(value / from) / Math.log(to / from),
    ticks: all.filter((_, i) => i % every === 0),
  };
}

function tickStep(from: number, to: number, wanted: number): number {
  const rough = (to - from) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * STEPS.find((step) => step * power >= rough * (1 - 1e-9))!;
}

const SUFFIXES = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** A tick as text: 0.25, 20, 5 k, 1e-4. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (size < 1e-3) return value.toExponential(0).replace('e-', 'e−');
  const [divisor, suffix] = size < 1e4 ? [1, ''] : (SUFFIXES.find(([unit]) => size >= unit) ?? [1, '']);
  const text = String(Number((value / divisor).toPrecision(4))).replace('-', '−');
  return suffix === '' ? text : `${text} ${suffix}`;
}

// Plain text tables: columns padded, numbers to the right.

/** Lays rows out under headings; a column whose cells are all numbers is right-aligned. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = headings.map((heading, i) => [heading, ...rows.map((row) => row[i] ?? '')]);
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const numeric = columns.map((cells) =>
    cells.slice(1).every((cell) => /^[-+]?[\d.,]*(e[-+]?\d+)?( ?[%kMGTx])?$|^-$/.test(cell)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** A fraction as a percentage with two decimals; a dash for null. */
export function percent(fraction: number | null): string {
  return fraction === null ? '-' : `${(100 * fraction).toFixed(2)} %`;
}

/** A count with three significant digits and an SI suffix. */
export function count(value: number): string {
  const scaled = (divisor: number, suffix: string) => `${(value / divisor).toPrecision(3)} ${suffix}`;
  // From 999.5 on, three digits round to the next unit.
  if (value >= 999.5e6) return scaled(1e9, 'G');
  if (value >= 999.5e3) return scaled(1e6, 'M');
  if (value >= 1e4) return scaled(1e3, 'k');
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

/** "1 layer", "2 layers". */
export function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A number with three significant digits; a dash for null. */
export function figure(value: number | null): string {
  if (value === null) return '-';
  return value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential(1)
    : String(Number(value.toPrecision(3)));
}

const ENERGY_UNITS = ['mJ', 'µJ', 'nJ', 'pJ'] as const;

/** An energy in millijoules, with three significant digits in the unit that fits it. */
export function energy(millijoules: number): string {
  let [value, unit] = [millijoules, 0];
  // 0.9995 is what three digits round up to 1.
  while (value > 0 && value < 0.9995 && unit < ENERGY_UNITS.length - 1) {
    value *= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))} ${ENERGY_UNITS[unit]}`;
}

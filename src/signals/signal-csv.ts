// Signals as comma-separated values: a column for each feature, a row for each sample, a header line or none.
// Read line by line from the bytes, so that a large file never has to fit into one string.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import type { Signal } from './signal.ts';

const NEWLINE = 0x0a;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** What may be meant as a number, and so is no name: a first line with a slip must not pass for a header. */
const LIKE_A_NUMBER = /^["']?([-+.\d]|nan\b|inf)/i;

/** Faults after which reading ends: a file of another kind would be nothing but faults. */
const MOST_PROBLEMS = 20;

/**
 * Reads a signal. Cells are decimal numbers; the first line may name the features instead. One column is a signal [time].
 * @throws Ann2SnnError `invalid-data`, naming row and column (both from 1) of each of the first faults.
 */
export function readSignalCsv(bytes: Uint8Array, where: string): Signal {
  const problems: Problem[] = [];
  let names: readonly string[] = [];
  let columns: number[][] = [];
  let row = 0;
  for (const line of linesOf(bytes)) {
    row++;
    const cells = line.split(',').map((cell) => cell.trim());
    if (row === 1) {
      const header = cells.every((cell) => !LIKE_A_NUMBER.test(cell));
      names = cells.map((cell, i) => (header ? cell.replace(/^"(.*)"$/, '$1') : `x${i}`));
      columns = names.map(() => []);
      if (header) {
        problems.push(...headerProblems(names, where));
        continue;
      }
    }
    if (cells.length !== names.length) {
      const message = `expected ${names.length} cells separated by commas, as in the first row, found ${cells.length}`;
      problems.push({ where: `${where}: row ${row}`, message });
    } else {
      cells.forEach((cell, column) => {
        const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
        if (Number.isFinite(value)) columns[column]!.push(value);
        else problems.push(cellProblem(where, row, column, names[column]!, cell));
      });
    }
    if (problems.length >= MOST_PROBLEMS) break;
  }
  throwIfAny('invalid-data', problems, {
    help: 'cells are decimal numbers; the first line may name the columns',
  });
  const time = columns[0]?.length ?? 0;
  if (time === 0) {
    throw new Ann2SnnError('invalid-data', {
      where,
      message: 'expected at least one row of numbers, found none',
    });
  }
  const features = columns.map((values, i) => ({ name: names[i]!, values: Float64Array.from(values) }));
  return { features, time, flat: features.length === 1 };
}

/** Writes columns of equal length under a header line. Numbers are written so that they read back the same. */
export function writeColumns(
  columns: readonly { readonly name: string; readonly values: ArrayLike<number> }[],
) {
  const length = columns[0]?.values.length ?? 0;
  const lines = [columns.map(({ name }) => (/[",\n]/.test(name) ? JSON.stringify(name) : name)).join(',')];
  for (let t = 0; t < length; t++) lines.push(columns.map(({ values }) => values[t]).join(','));
  return `${lines.join('\n')}\n`;
}

/** Lines without their ends; empty lines at the end of the file are no rows. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder();
  let end = bytes.length;
  while (end > 0 && bytes[end - 1]! <= 0x20) end--;
  let start = 0;
  while (start < end) {
    const newline = bytes.indexOf(NEWLINE, start);
    const stop = newline < 0 ? end : Math.min(newline, end);
    yield decoder.decode(bytes.subarray(start, stop)).trimEnd();
    start = stop + 1;
  }
}

function headerProblems(names: readonly string[], where: string): Problem[] {
  return names.flatMap((name, i) => {
    if (name !== '' && names.indexOf(name) === i) return [];
    const found = name === '' ? 'an empty cell' : `"${name}" again`;
    return {
      where: `${where}: row 1, column ${i + 1}`,
      message: `expected a name of its own, found ${found}`,
    };
  });
}

function cellProblem(where: string, row: number, column: number, name: string, cell: string): Problem {
  const found = cell === '' ? 'an empty cell' : `"${cell.slice(0, 40)}"`;
  return {
    where: `${where}: row ${row}, column ${column + 1} (${name})`,
    message: `expected a number, found ${found}`,
  };
}

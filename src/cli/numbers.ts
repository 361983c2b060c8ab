// Numbers on the command line: plain ones, or arithmetic such as 2/3 (evaluated by mathjs, loaded only then).
import { InvalidArgumentError } from 'commander';

const PLAIN = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const NUMBERS = /(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/gi;
/** Arithmetic with every number replaced by 1. Letters are none of it: mathjs reads "1e" as Euler's number. */
const ARITHMETIC = /^[-+*/^()\s1]+$/;
/** Two factors without a sign between them, which mathjs multiplies: more likely a sign that was forgotten. */
const UNSIGNED = /[1)]\s*[1(]/;
const LONGEST = 64;

/** Parses the number or arithmetic expression given to `option`. Throws commander's InvalidArgumentError. */
export async function parseNumber(option: string, text: string): Promise<number> {
  const value = await numberOf(text);
  if (value !== undefined) return value;
  throw new InvalidArgumentError(`${option}: expected a number, found "${text}"`);
}

/** The finite number that a text stands for; undefined where it stands for none. */
async function numberOf(text: string): Promise<number | undefined> {
  const trimmed = text.trim();
  const value = PLAIN.test(trimmed) ? Number(trimmed) : await calculate(trimmed);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** What the expression comes to; undefined where it is none. */
async function calculate(text: string): Promise<unknown> {
  const form = text.replace(NUMBERS, '1');
  if (text.length > LONGEST || !ARITHMETIC.test(form) || UNSIGNED.test(form)) return undefined;
  const { evaluate } = await import('mathjs');
  try {
    return evaluate(text);
  } catch {
    return undefined;
  }
}

/** Parses the numbers, separated by commas, given to `option`. */
export async function parseNumbers(option: string, text: string): Promise<number[]> {
  return Promise.all(text.split(',').map((part) => parseNumber(option, part)));
}

/** Numbers that one list may hold. */
const MOST_VALUES = 1000;

/**
 * Parses a list given to `option`: numbers or arithmetic and ranges a:b or a:step:b with both ends, separated by commas, such
 * as 4:8,12 or 1.5:0.25:2 or 1/2,2/3. Throws commander's InvalidArgumentError.
 */
export async function parseNumberList(option: string, text: string): Promise<number[]> {
  const values: number[] = [];
  for (const part of text.split(',')) {
    values.push(...(await parseRange(option, part)));
    if (values.length > MOST_VALUES) break;
  }
  if (values.length <= MOST_VALUES) return values;
  throw new InvalidArgumentError(
    `${option}: expected at most ${MOST_VALUES} numbers, found more in "${text}"`,
  );
}

/** The numbers of one part of a list, counted from the first, so that steps like 0.1 do not add up their errors. */
async function parseRange(option: string, text: string): Promise<number[]> {
  const ends = text.split(':');
  const wrong = (found: string) =>
    new InvalidArgumentError(
      `${option}: expected numbers such as 4,8 or 2/3, and ranges a:b or a:step:b, found ${found}`,
    );
  if (ends.length > 3) throw wrong(`"${text}"`);
  const numbers: number[] = [];
  for (const end of ends) {
    const value = await numberOf(end);
    if (value === undefined) throw wrong(ends.length > 1 ? `"${end}" in "${text}"` : `"${text}"`);
    numbers.push(value);
  }
  if (numbers.length === 1) return numbers;
  const [first, second] = numbers as [number, number];
  const [step, last] = numbers.length === 3 ? [second, numbers[2]!] : [1, second];
  const steps = Math.floor((last - first) / step + ROUNDING);
  if (!(steps >= 0 && Number.isFinite(steps))) throw wrong(`"${text}", which holds nothing`);
  const count = Math.min(steps, MOST_VALUES) + 1;
  return Array.from({ length: count }, (_, i) => Number((first + i * step).toPrecision(DIGITS)));
}

/** A last value that steps miss by less than this share of a step is one of the range. */
const ROUNDING = 1e-9;

/** Digits of the values of a range: those beyond are what binary fractions of a step add. */
const DIGITS = 12;

/** Parses the percentile given to `option`: above 0 and at most 100. */
export async function parsePercentile(option: string, text: string): Promise<number> {
  const value = await parseNumber(option, text);
  if (value > 0 && value <= 100) return value;
  throw new InvalidArgumentError(`${option}: expected a percentile above 0 and at most 100, found "${text}"`);
}

/** A whole number above 0, for commander. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError(`expected a whole number above 0, found "${text}"`);
  return value;
}

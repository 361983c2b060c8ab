// Numbers on the command line: plain ones, or arithmetic such as 2/3 (evaluated by mathjs, loaded only then).
import { InvalidArgumentError } from 'commander';

const PLAIN = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const ARITHMETIC = /^[-+*/^().\d\se]+$/i;
const LONGEST = 64;

/** Parses the number or arithmetic expression given to `option`. Throws commander's InvalidArgumentError. */
export async function parseNumber(option: string, text: string): Promise<number> {
  const trimmed = text.trim();
  const value = PLAIN.test(trimmed) ? Number(trimmed) : await calculate(trimmed);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError(`${option}: expected a number, found "${text}"`);
}

/** What the expression comes to; undefined where it is none. */
async function calculate(text: string): Promise<unknown> {
  if (text.length > LONGEST || !ARITHMETIC.test(text)) return undefined;
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

// Runs a command line inside the test's process and keeps what it printed.
import { expect } from 'vitest';
import { runCli } from '../../src/cli/run.ts';

export interface Invocation {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function invoke(...args: string[]): Promise<Invocation> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(args, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    interactive: false,
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** Runs a command that must succeed, saying nothing on stderr, and returns what it printed. */
export async function succeed(...args: string[]): Promise<string> {
  const { code, out, err } = await invoke(...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

/**
 * Runs a command that must refuse its input: exit 1 (2 where an option's value is wrong) and one error with this code,
 * no stack. Returns its text.
 */
export async function refused(code: string, ...args: string[]): Promise<string> {
  const { code: exit, err } = await invoke(...args);
  expect(err.split('\n')[0]).toBe(`error [${code}]`);
  expect(exit).toBe(code === 'invalid-option' ? 2 : 1);
  expect(err).not.toMatch(STACK);
  return err;
}

/** Runs a command line that is used wrongly: exit 2, one error, no stack, nothing on stdout. Returns its text. */
export async function misused(...args: string[]): Promise<string> {
  const { code, out, err } = await invoke(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.match(/error:/g)).toHaveLength(1);
  expect(err).not.toMatch(STACK);
  return err;
}

const STACK = /^ +at /m;

import { describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { CONVERT_DIGITS, TEST_SET } from './digits.ts';
import { succeed } from './invoke.ts';

const folder = tempFolder();

describe('Ctrl-C', () => {
  it('makes evaluate report what it has, say so and end with 130', async () => {
    const net = folder.path('digits.snn');
    await succeed(...CONVERT_DIGITS, '--limit', '20', '-o', net);
    const out: string[] = [];
    const err: string[] = [];
    let forgotten = 0;
    const args = ['evaluate', net, '--data', TEST_SET, '--engine', 'reference', '--limit', '9'];
    const code = await runCli(args, {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      interactive: true,
      onInterrupt: (listener) => {
        listener();
        return () => forgotten++;
      },
    });
    expect(code).toBe(130);
    expect(forgotten).toBe(1);
    expect(out.join('')).toMatch(/^interrupted after 1 of 9 images\n\nimages +1\n/);
    // The bar's line is left empty, and nothing else is said.
    expect(err.at(-1)).toBe('\r\x1b[K');
    expect(err.join('')).not.toContain('error');
  });
});

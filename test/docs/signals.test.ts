// Every method has a page in docs/signals that names every parameter with its default and its search range.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { signalEncoders } from '../../src/signals/index.ts';
import type { SignalEncoder } from '../../src/signals/signal-encoder.ts';

/** The page of a method. */
function pageOf(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../docs/signals/${name}.md`, import.meta.url)), 'utf8');
}

describe('docs/signals', () => {
  it.each(signalEncoders as readonly SignalEncoder[])(
    'describes $name',
    ({ name, parameters, corrections }) => {
      const page = pageOf(name);
      expect(page.startsWith(`# \`${name}\`: `)).toBe(true);
      for (const heading of ['Limits', 'What it looks like']) expect(page).toContain(`## ${heading}\n`);
      const rows = [...page.matchAll(/^\| `(\w+)` \| (\S+) \| ?([^|]*?) ?\|/gm)].map((row) =>
        row.slice(1, 4),
      );
      expect(rows.map(([parameter]) => parameter).sort()).toEqual(Object.keys(parameters).sort());
      for (const [parameter, value, searched] of rows) {
        const described = parameters[parameter!]!;
        expect(value).toBe(String(described.default));
        const search = described.kind === 'number' ? described.search : undefined;
        if (search === undefined) expect(searched).toBe('');
        else expect(searched!.startsWith(`${search.low} to ${search.high}`)).toBe(true);
      }
      expect(page.includes(corrections.length === 0 ? 'Nothing to correct' : 'Corrected')).toBe(true);
    },
  );
});

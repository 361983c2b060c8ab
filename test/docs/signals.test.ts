// docs/signals.md names every method, every parameter with its default and its search range.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { signalEncoders } from '../../src/signals/index.ts';
import type { SignalEncoder } from '../../src/signals/signal-encoder.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/signals.md', import.meta.url)), 'utf8');

/** The section of a method: from its heading to the next one. */
function sectionOf(name: string): string {
  const start = page.indexOf(`### \`${name}\`: `);
  expect(start).toBeGreaterThan(0);
  return page.slice(start, page.indexOf('\n##', start + 1));
}

describe('docs/signals.md', () => {
  it.each(signalEncoders as readonly SignalEncoder[])(
    'describes $name',
    ({ name, parameters, corrections }) => {
      const section = sectionOf(name);
      const rows = [...section.matchAll(/^\| `(\w+)` \| (\S+) \| ?([^|]*?) ?\|/gm)].map((row) =>
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
      expect(section.includes(corrections.length === 0 ? 'Nothing to correct' : 'Corrected')).toBe(true);
    },
  );
});

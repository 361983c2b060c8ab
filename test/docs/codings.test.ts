// docs/codings.md names every coding that can be compared, and says how long each takes.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { baselineCodings } from '../../src/codings/index.ts';

const page = readFileSync(new URL('../../docs/codings.md', import.meta.url), 'utf8');

it.each(baselineCodings.map(({ name }) => name))('%s', (name) => {
  expect(page).toMatch(new RegExp(`^(\\| |## .*)\`${name}\``, 'm'));
});

it('has the latencies of the code', () => {
  const latency = (name: string) => baselineCodings.find((coding) => coding.name === name)!.latency(10, 19);
  for (const name of ['rate', 'rate-signed', 'phase', 'burst']) expect(latency(name)).toBe(10);
  for (const name of ['fs', 'ttfs', 'tsc']) expect(latency(name)).toBe(190);
  expect(latency('rate-cos')).toBe(10 + 8 * 19);
});

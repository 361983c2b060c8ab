// docs/codings.md names every coding that can be compared, and each has a page; so have the encoders of images.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { baselineCodings } from '../../src/codings/index.ts';
import { encoders } from '../../src/encoders/index.ts';
import { codings } from '../../src/snn/network/coding.ts';

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

/** Variants of one coding share its page. */
const pageOf = (name: string) => `codings/${name.startsWith('rate') ? 'rate' : name}.md`;

it.each([...codings, ...baselineCodings].map(({ name }) => name))('%s', (name) => {
  expect(read('codings.md')).toContain(`\`${name}\``);
  expect(read('codings.md')).toContain(`](${pageOf(name)})`);
  const page = read(pageOf(name));
  expect(page).toMatch(new RegExp(`^(\\| |# )\`${name}\``, 'm'));
  for (const heading of ['Limits', 'What one neuron does']) expect(page).toContain(`## ${heading}\n`);
});

it.each(encoders.map(({ name }) => name))('encoder %s', (name) => {
  expect(read('codings/encoders.md')).toContain(`\n## \`${name}\`\n`);
});

it('has the latencies of the code', () => {
  const latency = (name: string) => baselineCodings.find((coding) => coding.name === name)!.latency(10, 19);
  for (const name of ['rate', 'rate-signed', 'phase', 'burst']) expect(latency(name)).toBe(10);
  for (const name of ['fs', 'ttfs', 'tsc']) expect(latency(name)).toBe(190);
  expect(latency('rate-cos')).toBe(10 + 8 * 19);
});

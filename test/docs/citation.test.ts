// CITATION.cff names the version that package.json does.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

it('CITATION.cff carries the version and the licence of package.json', () => {
  const { version, license } = JSON.parse(read('package.json'));
  expect(/^version: (.*)$/m.exec(read('CITATION.cff'))?.[1]).toBe(version);
  expect(/^license: (.*)$/m.exec(read('CITATION.cff'))?.[1]).toBe(license);
});

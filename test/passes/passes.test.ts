// Every fixture: text before, text after, reasons for what was left. Running the pass twice changes nothing more,
// and both graphs compute the same.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { passes } from '../../src/passes/index.ts';
import { relativeError } from '../ops/single-node.ts';
import { evaluateGraph, randomInputs } from './evaluate-graph.ts';
import { parseGraph, printGraph } from './graph-text.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const TOLERANCE = 1e-5;

const byName = new Map(passes.map((pass) => [pass.name, pass]));

describe.each([...byName.values()])('$name', (pass) => {
  const files = readdirSync(`${HERE}${pass.name}`).sort();
  const fixtures = files.map((file) => readFixture(`${pass.name}/${file}`));

  it('has as many fixtures that it must leave alone as others', () => {
    const untouched = fixtures.filter((fixture) => fixture.after === printGraph(parseGraph(fixture.before)));
    expect(untouched.length).toBeGreaterThanOrEqual(fixtures.length / 2);
    expect(fixtures.length - untouched.length).toBeGreaterThan(0);
  });

  it.each(fixtures)('$name: $description', ({ before, after, skipped }) => {
    const graph = parseGraph(before);
    const once = pass.run(graph);
    expect(printGraph(once.graph)).toBe(after);
    expect(once.skipped.map(({ node, why }) => `skipped: ${node}: ${why}`)).toEqual(skipped);

    const twice = pass.run(once.graph);
    expect(printGraph(twice.graph)).toBe(after);
    expect(twice.changes).toEqual([]);

    const inputs = randomInputs(graph);
    const expected = evaluateGraph(graph, inputs);
    evaluateGraph(once.graph, inputs).forEach((actual, i) => {
      expect(actual.shape).toEqual(expected[i]!.shape);
      expect(relativeError(actual, expected[i]!)).toBeLessThanOrEqual(TOLERANCE);
    });
  });
});

/** Reads "description === before @@@ after", where the last lines may give the skips. */
function readFixture(name: string) {
  const text = readFileSync(`${HERE}${name}`, 'utf8');
  const [, description, before, rest] = /^(.*?)\n===\n(.*)\n@@@\n(.*)$/s.exec(text)!;
  const lines = rest!.split('\n').filter((line) => line !== '');
  const isSkip = (line: string) => line.startsWith('skipped: ');
  return {
    name,
    description: description!,
    before: before!,
    after: lines.filter((line) => !isSkip(line)).join('\n'),
    skipped: lines.filter(isSkip),
  };
}

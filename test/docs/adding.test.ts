// The files that docs/adding.md shows run as they stand: they are written to a temporary folder, with their
// relative imports pointed at src/, and their tests are run here.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { OnnxNode } from '../../src/onnx/model.ts';
import type { Op } from '../../src/ops/op.ts';
import { synapsesOf } from '../../src/ops/synapses.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/adding.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'ann2snn-adding-'));

/** The page's files by path: each `ts` block belongs to the last `src/` or `test/` path named in front of it. */
const files = new Map(
  [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((block) => {
    const named = [...page.slice(0, block.index).matchAll(/`((?:src|test)\/[\w/.-]+\.ts)`/g)];
    const titled = named.filter((name) => /(?:file|test), $/.test(page.slice(0, name.index)));
    return [titled.at(-1)![1]!, block[1]!] as const;
  }),
);

/** Imports of files that the page shows stay; all others lead to the project. */
function written(path: string): string {
  const target = join(folder, path);
  const code = files.get(path)!.replace(/from '(\.[^']+)'/g, (_, specifier: string) => {
    const imported = join(dirname(path), specifier);
    return `from '${files.has(imported) ? written(imported) : pathToFileURL(join(root, imported)).href}'`;
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code.replace(/^import .* from 'vitest';$/m, ''));
  return pathToFileURL(target).href;
}

/** Runs a test file of the page with this file's `expect`; its `it` runs at once. */
async function runTest(path: string): Promise<number> {
  const href = written(path);
  const target = fileURLToPath(href);
  const names: string[] = [];
  const it = (name: string, body: () => void) => {
    names.push(name);
    body();
  };
  Object.assign(globalThis, { pageTest: { it, expect } });
  writeFileSync(target, `const { it, expect } = globalThis.pageTest;\n${readFileSync(target, 'utf8')}`);
  await import(/* @vite-ignore */ href);
  return names.length;
}

afterAll(() => rmSync(folder, { recursive: true }));

describe('docs/adding.md', () => {
  it('shows the files that it names', () => {
    expect([...files.keys()].sort()).toEqual([
      'src/encoders/half.ts',
      'src/neurons/tsa-abs.ts',
      'src/ops/neg.ts',
      'test/encoders/half.test.ts',
      'test/neurons/tsa-abs.test.ts',
    ]);
  });

  it.each(['test/neurons/tsa-abs.test.ts', 'test/encoders/half.test.ts'])('%s passes', async (path) => {
    expect(await runTest(path)).toBe(1);
  });

  it('src/ops/neg.ts is an operator', async () => {
    const { neg } = (await import(/* @vite-ignore */ written('src/ops/neg.ts'))) as { neg: Op };
    const node: OnnxNode = {
      name: 'n',
      opType: 'Neg',
      domain: '',
      inputs: ['x'],
      outputs: ['y'],
      attributes: new Map(),
    };
    const x = floatTensor([1, 3], [1, -2, 0.5]);
    expect(neg.parse(node, [x], 17)).toEqual({ attributes: {}, operands: [0] });
    expect(neg.infer({}, [x], 'n')).toEqual([{ dtype: 'float32', shape: [1, 3] }]);
    expect([...neg.evaluate({}, [x])[0]!.data]).toEqual([-1, 2, -0.5]);
    const reached: [number, number][] = [];
    synapsesOf(neg, {}, 0, [x])(2, (target, weight) => reached.push([target, weight]));
    expect(reached).toEqual([[2, -1]]);
  });
});

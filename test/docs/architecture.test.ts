// The table of folders in docs/architecture.md is true: it lists every folder of src/, and no folder imports from
// one that its line does not allow or that comes after it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const section = page.slice(page.indexOf('## Folders'), page.indexOf('## Where things are added'));
const rows = [...section.matchAll(/^\| `([a-z]+)` *\|.*\|([^|\n]*)\|$/gm)].map((row) => ({
  folder: row[1]!,
  allowed: [...row[2]!.matchAll(/`([a-z]+)`/g)].map((match) => match[1]!),
}));
const order = rows.map((row) => row.folder);

/** Folders of src that the files of a folder import from. */
function importsOf(folder: string): string[] {
  const files = readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(root, 'src', folder, name), 'utf8');
      const from = join(folder, name, '..');
      return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => join(from, match[1]!));
    })
    .map((target) => target.split(/[\\/]/))
    .filter((parts) => parts.length > 1 && parts[0] !== folder)
    .map((parts) => parts[0]!);
  return [...new Set(found)].sort();
}

describe('the folders of docs/architecture.md', () => {
  it('are those of src/', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect([...order].sort()).toEqual(folders.sort());
  });

  it.each(rows)('$folder imports only what its line allows', ({ folder, allowed }) => {
    expect(importsOf(folder).filter((other) => !allowed.includes(other))).toEqual([]);
  });

  it.each(rows)('$folder stands after what it may import', ({ folder, allowed }) => {
    expect(allowed.filter((other) => order.indexOf(other) >= order.indexOf(folder))).toEqual([]);
  });
});

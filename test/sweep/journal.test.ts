import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openJournal } from '../../src/sweep/journal.ts';
import { tempFolder } from '../data/temp-folder.ts';

const schema = z.object({ key: z.string(), value: z.number() });
const folder = tempFolder();
const LINES = [
  { key: 'a', value: 1 },
  // What takes two bytes may be cut between them.
  { key: 'ä\n', value: 0.1 + 0.2 },
  { key: 'c', value: -0 },
];

async function written(name: string): Promise<string> {
  const path = folder.path(name);
  const journal = await openJournal(path, schema);
  // Not one after the other: lines must not mix.
  await Promise.all(LINES.map((line) => journal.append(line)));
  await journal.close();
  return path;
}

describe('a journal', () => {
  it('gives back what was appended, in its order', async () => {
    const again = await openJournal(await written('whole'), schema);
    expect(again.lines).toEqual(LINES.map(({ key, value }) => ({ key, value: value + 0 })));
    await again.close();
  });

  it('cut off at any byte gives the whole lines, loses nothing of them and goes on behind them', async () => {
    const bytes = await readFile(await written('cut'));
    const ends = [...bytes.entries()].flatMap(([i, byte]) => (byte === 10 ? [i + 1] : []));
    expect(ends).toHaveLength(LINES.length);
    const path = folder.path('cut');
    for (let cut = 0; cut <= bytes.length; cut++) {
      await writeFile(path, bytes.subarray(0, cut));
      const whole = ends.filter((end) => end <= cut).length;
      const journal = await openJournal(path, schema);
      expect(journal.lines.map(({ key }) => key)).toEqual(LINES.slice(0, whole).map(({ key }) => key));
      for (const line of LINES.slice(whole)) await journal.append(line);
      await journal.close();
      expect(await readFile(path)).toEqual(bytes);
    }
  });

  it.each([
    ['{"key":"a","value":1}\nnonsense\n', 'line 2: expected JSON'],
    ['{"key":"a","value":"1"}\n', 'line 1: value: expected number, found string'],
  ])('names a line that is none of its own', async (text, message) => {
    const path = await folder.put('foreign', text);
    await expect(openJournal(path, schema)).rejects.toThrow(message);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('that cannot be written says so', async () => {
    await expect(openJournal(folder.path('no/such/folder'), schema)).rejects.toMatchObject({
      code: 'file-not-writable',
    });
  });
});

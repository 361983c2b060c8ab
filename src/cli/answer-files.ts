// The answer of commands whose results are files: which were written, and how large they are.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../files.ts';
import type { CommandIo } from './io.ts';
import { answer, type JsonOption } from './output.ts';

export interface AnswerFiles {
  /** Content by path. */
  readonly files: ReadonlyMap<string, Uint8Array | string>;
  /** Where plots go, and how they are made; nowhere where undefined. */
  readonly folder: string | undefined;
  readonly plots: () => Promise<ReadonlyMap<string, Uint8Array | string>>;
}

/** Writes the files, then says so; `result` is what `--json` prints. */
export async function answerFiles(
  io: CommandIo,
  options: JsonOption,
  result: unknown,
  { files, folder, plots }: AnswerFiles,
): Promise<void> {
  for (const [path, content] of files) await writeWhole(path, content);
  const lines = [...files].map(([path, content]) => `${path}   ${kilobytes(content)}`);
  if (folder !== undefined) {
    await mkdir(folder, { recursive: true });
    const made = await plots();
    for (const [name, content] of made) await writeWhole(join(folder, name), content);
    lines.push(`${folder}   ${made.size} files: ${[...made.keys()].join(', ')}`);
  }
  await answer(io, options, result, lines.join('\n'));
}

function kilobytes(content: Uint8Array | string): string {
  const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
  return `${(bytes / 1000).toFixed(0)} kB`;
}

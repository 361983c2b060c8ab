// The answer of commands whose results are files: which were written, and how large they are.
import { writeWhole } from '../files.ts';
import type { CommandIo } from './io.ts';
import { answer, type JsonOption } from './output.ts';

/** Writes files, content by path, then says so; `result` is what `--json` prints. */
export async function answerFiles(
  io: CommandIo,
  options: JsonOption,
  result: unknown,
  files: ReadonlyMap<string, Uint8Array | string>,
): Promise<void> {
  for (const [path, content] of files) await writeWhole(path, content);
  const lines = [...files].map(([path, content]) => `${path}   ${kilobytes(content)}`);
  await answer(io, options, result, lines.join('\n'));
}

/** The length of a file's content, for people. */
export function kilobytes(content: Uint8Array | string): string {
  const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
  return `${(bytes / 1000).toFixed(0)} kB`;
}

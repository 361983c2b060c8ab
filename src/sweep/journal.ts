// What was measured, line by line, as soon as it is: a sweep that is killed goes on from here.
import { type FileHandle, open } from 'node:fs/promises';
import type { z } from 'zod';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { checkedBy } from '../schema.ts';

/** An append-only file of JSON lines, or nothing but memory. */
export interface Journal<Line> {
  /** The lines that were there when it was opened, in their order. */
  readonly lines: readonly Line[];
  /** Resolves when the line is on the disk. */
  append(line: Line): Promise<void>;
  close(): Promise<void>;
}

/** A journal that keeps nothing. */
export function noJournal<Line>(): Journal<Line> {
  return { lines: [], append: async () => {}, close: async () => {} };
}

/**
 * Opens a journal, or begins it. A last line that was cut off while it was written is taken off the file.
 * @throws Ann2SnnError `file-not-writable`, or `invalid-data` naming the line that is no line of a journal
 */
export async function openJournal<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<Journal<z.infer<S>>> {
  const file = await opened(path);
  try {
    const bytes = await file.readFile();
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const texts = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    const lines = texts.map((text, i) => parsed(text, schema, `${path}: line ${i + 1}`));
    if (end < bytes.length) {
      await file.truncate(end);
      await file.datasync();
    }
    let last: Promise<void> = Promise.resolve();
    const append = (line: z.infer<S>) => {
      last = last.then(async () => {
        await file.appendFile(`${JSON.stringify(line)}\n`);
        await file.datasync();
      });
      return last;
    };
    return { lines, append, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const NEWLINE = 10;

async function opened(path: string): Promise<FileHandle> {
  try {
    // Append only: whatever is there stays, wherever else it is open.
    return await open(path, 'a+');
  } catch (error) {
    throw new Ann2SnnError('file-not-writable', { where: path, message: messageOf(error) }, { cause: error });
  }
}

function parsed<S extends z.ZodType>(text: string, schema: S, where: string): z.infer<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Ann2SnnError(
      'invalid-data',
      { where, message: `expected JSON: ${messageOf(error)}` },
      { help: 'give another file, or take the line out of this one', cause: error },
    );
  }
  return checkedBy(schema, json, { code: 'invalid-data', where, root: 'line' });
}

// The data of a report page go beside it, into a file that nobody named: it must not lie on something else.
import { stat } from 'node:fs/promises';
import { Ann2SnnError } from '../errors.ts';
import { expectWritable, readWhole } from '../files.ts';

/**
 * The file of a page's data, beside the page.
 * @param page a file whose name ends in .html
 * @param option by which the page was named, for the error
 * @throws Ann2SnnError `file-not-writable`, also where a file is there that holds no such data
 */
export async function dataFileOf(page: string, option: string): Promise<string> {
  const path = page.replace(/\.html$/i, '.json');
  await expectWritable(path);
  if ((await stat(path).catch(() => null)) === null || isPageData(await readWhole(path))) return path;
  const message = `expected no file or the data of an earlier report, found another; choose another ${option}`;
  throw new Ann2SnnError('file-not-writable', { where: path, message });
}

/** Whether a file holds a `PageData` (src/report/page-data.ts), of whichever version. */
function isPageData(bytes: Uint8Array): boolean {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return false;
  }
  const fields = ['format', 'tool', 'command', 'report', 'curvesFrom'];
  return typeof value === 'object' && value !== null && fields.every((field) => field in value);
}

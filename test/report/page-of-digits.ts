// The report page of the embedded network, from the command line: few images and one other number of steps.
import { readFile } from 'node:fs/promises';
import type { PageData } from '../../src/report/page-data.ts';
import { CALIBRATION_SET, MODEL, SCALE, TEST_SET } from '../cli/digits.ts';
import { succeed } from '../cli/invoke.ts';

export const IMAGES = 40;

export interface WrittenPage {
  readonly path: string;
  readonly html: string;
  readonly data: PageData;
}

/** Writes and reads a page. */
export async function pageOfDigits(path: string, ...options: string[]): Promise<WrittenPage> {
  const digits = ['--calibration', CALIBRATION_SET, '--scale', String(SCALE), '--data', TEST_SET];
  await succeed(
    'report',
    MODEL,
    ...digits,
    '--images',
    String(IMAGES),
    '--curve',
    '4',
    '-o',
    path,
    ...options,
  );
  const data = JSON.parse(await readFile(path.replace(/html$/, 'json'), 'utf8')) as PageData;
  return { path, html: await readFile(path, 'utf8'), data };
}

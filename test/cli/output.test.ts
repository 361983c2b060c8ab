import { mkdir, readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../data/temp-folder.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL } from './digits.ts';
import { invoke, refused, succeed } from './invoke.ts';

const folder = tempFolder();

describe('--json', () => {
  it('alone replaces the text; with a file the text is still printed', async () => {
    const text = await succeed('inspect', MODEL);
    const json = await succeed('inspect', MODEL, '--json');
    expect(JSON.parse(json)).toMatchObject({ file: 'digits.onnx' });
    const file = folder.path('inspection.json');
    expect(await succeed('inspect', MODEL, '--json', file)).toBe(text);
    expect(await readFile(file, 'utf8')).toBe(json);
  });

  it('is refused before the work where the file cannot be written', async () => {
    const { code, out, err } = await invoke('inspect', MODEL, '--json', folder.path('none/x.json'));
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('error [file-not-writable]');
  });

  it('takes only a file that is named .json, so that it cannot write over a model', async () => {
    const { code, err } = await invoke('inspect', MODEL, '--json', folder.path('model.onnx'));
    expect(code).toBe(2);
    expect(err).toContain('expected a file whose name ends in .json');
  });
});

describe('an output that cannot be written is one error and leaves nothing behind', () => {
  const endings: Readonly<Record<string, string>> = { convert: '.snn', calibrate: '.json' };
  const places = {
    'a folder that does not exist': async (ending: string) => `none/out${ending}`,
    'a path below a file': async (ending: string) => {
      await folder.put('file', 'kept');
      return `file/out${ending}`;
    },
    'a folder': async (ending: string) => {
      await mkdir(folder.path(`taken${ending}`), { recursive: true });
      return `taken${ending}`;
    },
  };
  const jobs: Readonly<Record<string, readonly string[]>> = {
    convert: CONVERT_DIGITS,
    calibrate: ['calibrate', MODEL, '--data', CALIBRATION_SET, '--scale', '16'],
  };
  const cases = Object.keys(places).flatMap((place) => Object.keys(jobs).map((job) => [place, job] as const));
  it.each(cases)('%s: %s', async (place, job) => {
    const path = folder.path(await places[place as keyof typeof places](endings[job]!));
    const before = await readdir(folder.path(''), { recursive: true });
    const text = await refused('file-not-writable', ...jobs[job]!, '--limit', '8', '-o', path);
    expect(text).toContain(`${path}: expected a file`);
    expect(await readdir(folder.path(''), { recursive: true })).toEqual(before);
  });
});

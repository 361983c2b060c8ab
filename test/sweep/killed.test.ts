// A sweep that is killed again and again, wherever it is, ends with the files of one that was not.
import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CALIBRATION_SET, MODEL, TEST_SET } from '../cli/digits.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { uniform } from '../snn/tiny.ts';
import { builtLibrary } from '../workers/built.ts';

const folder = tempFolder();
const built = builtLibrary();
/** No arithmetic among the values, so that the start is short. */
const GRID = ['--steps', '2:6', '--silent', '0:1', '--threshold', '0.5,0.55,0.6,0.65', '--beta', '2'];
const SETTINGS = 40;
const KILLS = 10;

function start(name: string, workers: number) {
  const [csv, json] = [folder.path(`${name}.csv`), folder.path(`${name}.json`)];
  const child = spawn(process.execPath, [
    ...[built.path('cli/main.js'), 'sweep', MODEL, '--data', TEST_SET, '--images', '20', ...GRID],
    ...['--calibration', CALIBRATION_SET, '--limit', '20', '--scale', '16', '--engine', 'dense'],
    ...['--workers', String(workers), '-o', csv, '--json', json],
  ]);
  let err = '';
  child.stderr.on('data', (text) => {
    err += String(text);
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, journal: `${csv}.journal`, csv, json, err: () => err };
}

const size = async (path: string) => (await stat(path).catch(() => null))?.size ?? 0;

/** Starts a sweep and kills it: some time after it has begun, or after it has measured something. */
async function kill(name: string, workers: number, random: () => number): Promise<boolean> {
  const run = start(name, workers);
  const before = await size(run.journal);
  let over = false;
  void run.ended.then(() => {
    over = true;
  });
  if (random() < 0.2) await sleep(600 * random());
  else {
    while (!over && (await size(run.journal)) === before) await sleep(2);
    await sleep(100 * random());
  }
  run.child.kill('SIGKILL');
  return (await run.ended) === null;
}

async function finish(name: string, workers: number) {
  const run = start(name, workers);
  expect({ code: await run.ended, err: run.err().replace(/\d+ of 40 networks were .*\n/, '') }).toEqual({
    code: 0,
    err: '',
  });
  return { csv: await readFile(run.csv, 'utf8'), json: await readFile(run.json, 'utf8') };
}

describe('a sweep that is killed 20 times at seeded moments', () => {
  it('ends with the same bytes, with one worker and with two', async () => {
    const killed = async (name: string, workers: number, seed: number) => {
      const random = uniform(seed);
      let during = 0;
      for (let i = 0; i < KILLS; i++) if (await kill(name, workers, random)) during++;
      return { during, files: await finish(name, workers) };
    };
    const whole = await finish('whole', 1);
    const [one, two] = await Promise.all([killed('one', 1, 1), killed('two', 2, 2)]);
    expect(one.files).toEqual(whole);
    expect(two.files).toEqual(whole);
    expect(JSON.parse(whole.json)).toMatchObject({ settings: SETTINGS, measured: SETTINGS });
    expect(whole.csv.trimEnd().split('\n')).toHaveLength(1 + SETTINGS);
    // Else the sweeps were over before they could be killed, and nothing was tested.
    expect(Math.min(one.during, two.during)).toBeGreaterThan(KILLS / 2);
    // No network is measured twice: nothing was lost but what had not been written.
    for (const name of ['one', 'two']) {
      const keys = (await readFile(folder.path(`${name}.csv.journal`), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { key: string }).key);
      expect([keys.length, new Set(keys).size]).toEqual([SETTINGS, SETTINGS]);
    }
  }, 180_000);
});

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/run.ts';
import type { Report } from '../../../src/report/report.ts';
import type { Sweep } from '../../../src/sweep/sweep.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL, TEST_SET } from '../digits.ts';
import { invoke, misused, refused, succeed } from '../invoke.ts';

const folder = tempFolder();
const FROM = ['--calibration', CALIBRATION_SET, '--limit', '20', '--scale', '16'];
const SWEEP = ['sweep', MODEL, ...FROM, '--data', TEST_SET, '--images', '70'];

/** A sweep whose journal lies in a file of its own. */
async function swept(name: string, ...options: string[]): Promise<Sweep> {
  const journal = folder.path(`${name}.journal`);
  return JSON.parse(await succeed(...SWEEP, ...options, '--journal', journal, '--json')) as Sweep;
}

describe('sweep', () => {
  it.each(['dense', 'auto'])(
    'has the figures of convert and evaluate, with the engine %s',
    async (engine) => {
      const { rows } = await swept(
        `same-${engine}`,
        '--steps',
        '2,3',
        '--percentile',
        '99',
        '--engine',
        engine,
      );
      const net = folder.path('same.snn');
      for (const row of rows) {
        await succeed(
          ...CONVERT_DIGITS,
          '--limit',
          '20',
          '--steps',
          String(row.T),
          '--percentile',
          '99',
          '-o',
          net,
        );
        const args = ['--data', TEST_SET, '--limit', '70', '--ann', MODEL, '--engine', engine];
        const report = JSON.parse(await succeed('evaluate', net, ...args, '--json')) as Report;
        expect(row).toMatchObject({
          ...{ images: 70, accuracy: report.snn.accuracy, annAccuracy: report.ann.accuracy },
          ...{ loss: report.conversionLoss, agreement: report.snn.agreement },
          ...{ latency: report.latency.steps, interval: report.latency.interval },
          ...{ spikesPerNeuron: report.spikes.perNeuron, opf: report.operations.opf },
          ...{ syops: report.operations.syops.fanOut, energyMj: report.energy.snnMj },
        });
        expect(row.logitError).toBeCloseTo(report.outputs[0]!.relativeError!, 6);
        const worst = report.layers.reduce((a, b) => ((b.residualP999 ?? 0) > (a.residualP999 ?? 0) ? b : a));
        expect([row.residual!.worstLayer, row.residual!.worstLayerP999]).toEqual([
          worst.name,
          worst.residualP999,
        ]);
        expect(row.accuracyInterval!.low).toBeLessThan(row.accuracy!);
      }
      expect(rows.map(({ T }) => T)).toEqual([2, 3]);
    },
  );

  it('writes a table, prints one, and goes on from what it has', async () => {
    const [csv, json] = [folder.path('grid.csv'), folder.path('grid.json')];
    const args = [...SWEEP, '--silent', '0:1', '--steps', '1:2', '-o', csv];
    const text = await succeed(...args, '--json', json);
    expect(text).toMatch(
      /^digits.onnx: 3 networks of coding css, each measured on the first 70 images of digits-test.npz, engine auto\n1 combination left out/,
    );
    expect(text.match(/^\d .*%.*mJ|^\d .*%.*[µn]J/gm)).toHaveLength(3);
    const table = await readFile(csv, 'utf8');
    expect(table.trimEnd().split('\n')).toHaveLength(4);
    const times = await readFile(`${csv}.journal.times`, 'utf8');
    expect(times.trimEnd().split('\n')).toHaveLength(3);
    // The same again, and a larger grid: nothing is measured twice.
    expect(await invoke(...args)).toMatchObject({
      code: 0,
      out: text,
      err: '3 of 3 networks were measured before\n',
    });
    expect(await readFile(csv, 'utf8')).toBe(table);
    const larger = await invoke(...SWEEP, '--silent', '0', '--steps', '1:3', '-o', csv);
    expect(larger).toMatchObject({ code: 0, err: '2 of 3 networks were measured before\n' });
    // Other images, another engine: nothing of it is what was measured.
    for (const other of [
      ['--images', '69'],
      ['--engine', 'dense'],
      ['--limit', '19'],
      ['--scale', '15'],
    ]) {
      const { err } = await invoke(...args, ...other);
      expect(err).toBe('');
    }
  });

  it('keeps what was measured when Ctrl-C ends it, and goes on from there', async () => {
    const args = [...SWEEP, '--steps', '1:3', '--engine', 'reference', '-o', folder.path('ended.csv')];
    const out: string[] = [];
    let interrupt = () => {};
    const code = await runCli([...args, '--json'], {
      out: (text) => out.push(text),
      // The first network is done where the progress of the second is drawn.
      err: (text) => {
        const done = /measuring 3 networks \[.*\] (\d+)\/210/.exec(text);
        if (done !== null && Number(done[1]) > 75) interrupt();
      },
      interactive: true,
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => {};
      },
    });
    expect(code).toBe(130);
    const ended = JSON.parse(out.join('')) as Sweep;
    expect(ended.settings).toBe(3);
    expect(ended.measured).toBeGreaterThan(0);
    expect(ended.measured).toBeLessThan(3);
    expect(ended.rows).toHaveLength(ended.measured);
    const again = await invoke(...args);
    expect(again).toMatchObject({ code: 0, err: `${ended.measured} of 3 networks were measured before\n` });
  });

  it('refuses what is no grid, and says what is kept', async () => {
    expect(await misused(...SWEEP, '--steps', '4..8')).toContain(
      '--steps: expected numbers such as 4,8 or 2/3, and ranges a:b or a:step:b, found "4..8"',
    );
    expect(await misused(...SWEEP, '-o', 'table.txt')).toContain('expected a file whose name ends in .csv');
    const text = await refused(
      'invalid-option',
      ...SWEEP,
      '--steps',
      '4,50',
      '--beta',
      '3',
      '--json',
      folder.path('x.json'),
    );
    expect(text).toMatch(/steps \(T\).*found 50/);
    expect(text).toMatch(/beta.*found 3/);
    expect((await invoke(...SWEEP, '--steps', '1', '--limit', '5')).err).toMatch(
      /^nothing is kept of what ends early/,
    );
  });
});

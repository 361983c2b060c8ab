// `report` and `plot` from the command line, on the embedded network.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PageData } from '../../../src/report/page-data.ts';
import { sharp } from '../../data/sharp-present.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { IMAGES, pageOfDigits, type WrittenPage } from '../../report/page-of-digits.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL, TEST_SET } from '../digits.ts';
import { misused, refused, succeed } from '../invoke.ts';

const folder = tempFolder();
const DIGITS = ['--calibration', CALIBRATION_SET, '--scale', '16', '--data', TEST_SET];
const json = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as PageData;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('report of an ONNX file', () => {
  let page: WrittenPage;
  beforeAll(async () => {
    page = await pageOfDigits(folder.path('digits.html'));
  }, 60_000);

  it('is one file that needs no other', () => {
    expect(page.html).toMatch(/^<!doctype html>/);
    const addresses = [...page.html.matchAll(/(?:src|href)="([^"]*)"|url\(([^)]*)\)|@import/g)].map(
      ([, a, b]) => a ?? b ?? 'import',
    );
    expect(addresses.filter((address) => !/^(#|data:)/.test(address))).toEqual([]);
    expect(
      page.html.match(/https?:\/\/[^"\s]*/g)?.filter((url) => url !== 'http://www.w3.org/2000/svg'),
    ).toEqual([]);
    expect(page.html.match(/<script/g)).toHaveLength(1);
  });

  it('has what evaluate reports of the same network', async () => {
    const net = folder.path('digits.snn');
    await succeed(...CONVERT_DIGITS, '-o', net);
    const limit = ['--limit', String(IMAGES)];
    const evaluated = JSON.parse(
      await succeed('evaluate', net, '--data', TEST_SET, ...limit, '--ann', MODEL, '--json'),
    ) as Record<string, unknown>;
    const { memory: _m, workers: _w, seconds: _s, ...report } = evaluated;
    expect(page.data.report).toEqual(report);
  });

  it('adds energies of layers up to those of the network', () => {
    const { energy, report } = page.data;
    const [compute] = energy.columns;
    expect(compute!.snnMj).toBeCloseTo(report.energy.snnMj, 12);
    expect(compute!.annMj).toBeCloseTo(report.energy.annMj, 12);
    energy.columns.forEach((column, i) => {
      expect(sum(energy.layers.map((layer) => layer.energy[i]!.snnMj))).toBeCloseTo(column.snnMj, 12);
    });
    expect(sum(energy.layers.map(({ annProducts }) => annProducts))).toBe(report.operations.annEffectiveMacs);
    expect(sum(energy.layers.map(({ accumulates }) => accumulates))).toBeCloseTo(
      report.operations.syops.fanOut,
      6,
    );
  });

  it('has a point for each number of steps, its own the one reported', () => {
    const [curve] = page.data.curves;
    expect(curve!.points.map(({ steps }) => steps)).toEqual([4, 12]);
    const own = curve!.points.at(-1)!;
    expect(own.accuracy).toBe(page.data.report.snn.accuracy);
    expect(own.energyMj).toBeCloseTo(page.data.report.energy.snnMj, 12);
  });

  it('says why there is no rate-coded network to compare with', () => {
    expect(page.data.baselineMissing).toMatch(/max-pool/);
    expect(page.html).toContain('plain rate coding is not shown');
  });

  it('shows spikes of one image in the windows of their layers', () => {
    const { layers, steps } = page.data.raster!;
    for (const { start, spikes, shown } of layers) {
      for (const [row, step, sign] of spikes) {
        expect(shown[row]).toBeDefined();
        expect(Math.abs(sign)).toBe(1);
        expect(step).toBeGreaterThanOrEqual(start);
        expect(step).toBeLessThan(Math.min(steps, start + 12));
      }
    }
  });

  it('counts every residual once', () => {
    const { images, layers } = page.data.residuals;
    const neurons = new Map(page.data.report.layers.map((layer) => [layer.name, layer.neurons]));
    for (const { name, counts, below, above } of layers) {
      expect(sum(counts) + below + above).toBe(images * neurons.get(name)!);
    }
  });

  it('names the fate of every node and the command', () => {
    expect(page.data.fates!.length).toBeGreaterThan(10);
    expect(page.data.command).toMatch(/^ann2snn report .*digits\.onnx .*--images 40 --curve 4/);
  });

  it('is the same, byte for byte, the second time', async () => {
    const again = await pageOfDigits(folder.path('again.html'));
    expect(again.html.replaceAll('again.html', 'digits.html')).toBe(page.html);
  });
});

describe('other ways to ask for a report', () => {
  it('takes a converted network, without the original', async () => {
    const [net, out] = [folder.path('converted.snn'), folder.path('converted.html')];
    await succeed(...CONVERT_DIGITS, '-o', net);
    await succeed('report', net, '--data', TEST_SET, '--images', '10', '-o', out);
    const data = await json(folder.path('converted.json'));
    expect(data.fates).toBeNull();
    expect(data.report.ann.accuracy).toBeNull();
    expect(data.curves.map(({ points }) => points.length)).toEqual([1]);
    expect(await readFile(out, 'utf8')).toContain('The ONNX file was not given');
  });

  it('takes curves of a sweep, energies of a file, and answers --json', async () => {
    const [sweep, constants] = [folder.path('grid.json'), folder.path('constants.json')];
    const [picture, out] = [folder.path('fig.svg'), folder.path('swept.html')];
    const grid = ['--images', '10', '--steps', '3,4', '--silent', '0,1', '--json', sweep];
    await succeed('sweep', MODEL, ...DIGITS, ...grid, '--plot', `opf,accuracy+residual.p999,Ts=${picture}`);
    expect(await readFile(picture, 'utf8')).toMatch(/^<svg .*>Ts 1<.*99.9th percentile/s);
    const mine = { name: 'mine', source: 'me', macPj: 9.2, acPj: 0.9 };
    await writeFile(constants, JSON.stringify({ float32: mine }));
    const options = ['--sweep', sweep, '--energy-constants', constants, '--images', '10', '--json'];
    const answered = JSON.parse(await succeed('report', MODEL, ...DIGITS, ...options, '-o', out)) as PageData;
    expect(answered.curves.map(({ label }) => label)).toEqual(['Ts 0', 'Ts 1']);
    expect(answered.energy.columns[0]!.annMj).toBeCloseTo(2 * answered.report.energy.annMj, 12);
    expect(answered).toEqual(await json(folder.path('swept.json')));
  });

  it.skipIf(sharp === null)('writes every plot as SVG and PNG, one column wide (needs sharp)', async () => {
    const plots = folder.path('plots');
    await pageOfDigits(folder.path('plotted.html'), '--plots', plots);
    const svg = await readFile(`${plots}/accuracy-steps.svg`, 'utf8');
    expect(svg).toMatch(/^<svg [^>]*width="88mm"/);
    expect(svg).toContain('<text');
    const { width, density } = await sharp!(`${plots}/accuracy-steps.png`).metadata();
    // 88 mm at 600 dots per inch
    expect(Math.abs(width - (88 / 25.4) * 600)).toBeLessThanOrEqual(1);
    expect(density).toBe(600);
  });

  it('refuses what it could not use', async () => {
    const out = ['-o', folder.path('none.html')];
    expect(await misused('report', MODEL, '--data', TEST_SET, ...out)).toContain('--calibration');
    expect(await misused('report', MODEL, ...DIGITS, '--ann', MODEL, ...out)).toContain('--ann');
    expect(await misused('report', MODEL, ...DIGITS, '-o', folder.path('none.txt'))).toContain('.html');
    const net = folder.path('refused.snn');
    await succeed(...CONVERT_DIGITS, '-o', net);
    const options = ['--calibration', CALIBRATION_SET, '--steps', '4', '--coding', 'css'];
    const text = await misused('report', net, '--data', TEST_SET, ...options, ...out);
    expect(text).toMatch(/--calibration, --coding, --steps: expected only with/);
    expect(await misused('report', MODEL, ...DIGITS, '--sweep', folder.path('none.json'), ...out)).toContain(
      'write over',
    );
    const other = await folder.put('other.json', '{"curves": [{"name": "a"}]}');
    expect(await refused('invalid-option', 'report', MODEL, ...DIGITS, '--sweep', other, ...out)).toMatch(
      /other\.json: curves\.0\.label.*\n.*curves\.0\.points/,
    );
    await expect(stat(folder.path('none.html'))).rejects.toThrow();
  });
});

describe('plot', () => {
  const rows = '{"rows": [{"beta": 1.5, "accuracy": 0.9}, {"beta": 2, "accuracy": 0.8}]}';

  it('draws rows of a file', async () => {
    const [file, out] = [await folder.put('rows.json', rows), folder.path('rows.svg')];
    const said = await succeed('plot', file, '--x', 'beta', '--y', 'accuracy', '-o', out);
    expect(said).toContain('2 points');
    expect(await readFile(out, 'utf8')).toMatch(/^<svg .*accuracy against beta/);
  });

  it('refuses fields that are not there, and other pictures', async () => {
    const file = await folder.put('rows.json', rows);
    const to = ['-o', folder.path('rows.svg')];
    const text = await refused('invalid-option', 'plot', file, '--x', 'opf', '--y', 'acc', ...to);
    expect(text).toMatch(/opf: .*there are beta, accuracy\nacc: /);
    await misused('plot', file, '--x', 'beta', '--y', 'accuracy', '-o', folder.path('rows.gif'));
    await misused('sweep', MODEL, ...DIGITS, '--plot', 'accuracy=x.svg');
    expect(await misused('sweep', MODEL, ...DIGITS, '--plot', 'ops,accuracy=x.svg')).toContain('found ops');
  });
});

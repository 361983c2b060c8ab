import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../../src/report/report.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { refused, succeed } from '../invoke.ts';

const folder = tempFolder();

describe('demo', () => {
  it('converts and measures the embedded network, and shows it as a table', async () => {
    const out = await succeed('demo');
    expect(out).toMatch(/^UCI handwritten digits, models\/digits\.onnx\n\nimages +500\n/);
    for (const row of ['ANN top-1', 'SNN top-1', 'latency', 'spikes per neuron', 'OPF', 'energy per image']) {
      expect(out).toContain(`\n${row}`);
    }
    expect(out).toMatch(/\nlayer +neuron +neurons +theta /);
  });

  it('gives the same figures as JSON; the conversion costs next to nothing', async () => {
    const report = JSON.parse(await succeed('demo', '--json')) as Report;
    expect(report).toMatchObject({ images: 500, coding: { name: 'css', T: 12, beta: 1.5, Ts: 1, phi: 0.5 } });
    expect(report.ann.accuracy).toBeGreaterThan(0.98);
    expect(Math.abs(report.conversionLoss!)).toBeLessThanOrEqual(0.005);
    expect(report.snn.agreement).toBeGreaterThanOrEqual(0.99);
    expect(report.latency.measured).toEqual({
      steps: report.latency.steps,
      interval: report.latency.interval,
      sameAnswers: true,
    });
  });

  it('writes the page of a report', async () => {
    const file = folder.path('digits.html');
    expect(await succeed('demo', '--page', file)).toContain('open the first in a browser');
    const page = JSON.parse(await readFile(file.replace('.html', '.json'), 'utf8'));
    expect(page.report).toMatchObject({ images: 500, coding: { name: 'css' } });
    expect(await readFile(file, 'utf8')).toContain('<!doctype html>');
  });

  it('writes no page whose data would lie on another file', async () => {
    const other = await folder.put('mine.json', '{"layers":{}}');
    expect(await refused('file-not-writable', 'demo', '--page', folder.path('mine.html'))).toContain(
      `${other}: expected no file or the data of an earlier report, found another; choose another --page`,
    );
    expect(await readFile(other, 'utf8')).toBe('{"layers":{}}');
  });
});

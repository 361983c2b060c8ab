// All that a report page shows, of a network small enough to count: with rate coding, which the embedded one cannot have.
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../src/data/dataset.ts';
import { ENERGY_CONSTANTS } from '../src/energy/energy-constants.ts';
import { engineNamed } from '../src/engines/index.ts';
import { ELSEWHERE } from '../src/metrics/layer-work.ts';
import { layerNumber } from '../src/report/figures/formats.ts';
import { allFigures } from '../src/report/figures/index.ts';
import { pageHtml } from '../src/report/html/page.ts';
import type { PageData } from '../src/report/page-data.ts';
import { measurePage, stepsAround } from '../src/report-job.ts';
import { subjectOf } from '../src/report-subject.ts';
import { writeNpz } from '../src/tensor/npz.ts';
import { floatTensor, tensor } from '../src/tensor/tensor.ts';
import { tinyOnnx } from './cli/tiny-onnx.ts';
import { tempFolder } from './data/temp-folder.ts';

const folder = tempFolder();
const COUNT = 12;

/** Images [1, 2, 2] of multiples of 1/8, whose class is where the larger sum of a column is. */
function dataFile(): Uint8Array {
  const x = Float32Array.from({ length: COUNT * 4 }, (_, i) => ((i * 7) % 9) / 8 - 0.25);
  const sum = (image: number, column: number) => x[4 * image + column]! + x[4 * image + column + 2]!;
  const labels = Array.from({ length: COUNT }, (_, n) => (sum(n, 0) >= sum(n, 1) ? 0 : 1));
  return writeNpz(
    new Map([
      ['x', floatTensor([COUNT, 1, 2, 2], x)],
      ['y', tensor('int64', [COUNT], labels)],
    ]),
  );
}

describe('measurePage', () => {
  let data: PageData;
  const stages: string[] = [];
  beforeAll(async () => {
    const model = await folder.put('tiny<3.onnx', tinyOnnx());
    const images = await folder.put('data.npz', dataFile());
    const subject = await subjectOf(model, { images: { path: images }, coding: 'canonical' });
    data = await measurePage(subject, await openDataset(images), {
      command: 'ann2snn report </script>',
      engine: engineNamed('reference'),
      steps: [4],
      constants: { ...ENERGY_CONSTANTS, float32: { ...ENERGY_CONSTANTS.float32, acPj: 1.8 } },
      progress: (stage) => {
        stages.push(stage);
        return () => {};
      },
    });
  });

  it('has the network at each number of steps, and rate coding, by the same constants', () => {
    const [own, rate] = data.curves;
    expect(own!.points.map(({ steps }) => steps)).toEqual([4, 8]);
    expect(rate).toMatchObject({ name: 'rate', label: 'rate coding, soft reset' });
    expect(data.baselineMissing).toBeNull();
    for (const { points } of data.curves) {
      for (const { energyMj, syops, macs } of points)
        expect(energyMj).toBeCloseTo((1.8 * syops + 4.6 * macs) * 1e-9, 18);
    }
    // With many steps a rate is the value to within a spike.
    expect(rate!.points.at(-1)!.agreement).toBeGreaterThan(0.8);
  });

  it('says what it does', () => {
    expect(stages).toEqual(['evaluating', 'evaluating T 4', 'evaluating rate coding']);
  });

  it('makes a page that no name can break', () => {
    const html = pageHtml(data);
    expect(html).toContain('tiny&lt;3.onnx as a spiking network');
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    const embedded = /<script type="application\/json" id="data">(.*)<\/script>/.exec(html)![1]!;
    expect(JSON.parse(embedded)).toEqual(JSON.parse(JSON.stringify(data)));
  });

  it('numbers layers as the page does, and what spikes in none not at all', () => {
    const [first, second] = data.report.layers;
    expect([first, second].map((layer) => layerNumber(data, layer!.name))).toEqual(['1', '2']);
    expect(layerNumber(data, ELSEWHERE)).toBe('–');
  });

  it('has figures with unique names, none of which shows what is no number', () => {
    const figures = allFigures(data);
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length);
    for (const figure of figures)
      expect(figure.description, figure.name).not.toMatch(/NaN|undefined|Infinity/);
  });
});

it('measures numbers of steps around that of the network', () => {
  expect(stepsAround(12)).toEqual([4, 6, 8, 12, 16]);
  expect(stepsAround(2)).toEqual([2, 3]);
  expect(Math.max(...stepsAround(30))).toBe(30);
});

// Every kind of plot: one whole drawing by snapshot, and what must hold of all of them.
import { describe, expect, it } from 'vitest';
import { barPlot } from '../../src/plots/bars.ts';
import { histogramPlot } from '../../src/plots/histogram.ts';
import { linePlot } from '../../src/plots/line.ts';
import { rasterPlot } from '../../src/plots/raster.ts';
import { responsePlot } from '../../src/plots/response.ts';
import { linearScale, tickText } from '../../src/plots/scale.ts';
import { signalPlot } from '../../src/plots/signal.ts';
import { OKABE_ITO, pageTheme, paperTheme, seriesStyle, type Theme } from '../../src/plots/theme.ts';

const words = { id: 'plot', title: 'a < b & "c"', description: "what it's of" };
const axis = (low: number, high: number) => ({ scale: linearScale(low, high), label: 'x', format: tickText });

const plots: Record<string, (theme: Theme) => string> = {
  line: (theme) =>
    linePlot(
      {
        ...words,
        ...{ x: axis(0, 4), y: axis(0, 1) },
        series: [
          {
            label: 'one',
            points: [
              { x: 0, y: 0.5, interval: { low: 0.4, high: 0.6 }, name: 'a < b' },
              { x: 4, y: 1 },
            ],
          },
          { label: 'two', points: [{ x: 2, y: 0.2 }] },
        ],
        references: [{ label: 'ANN', y: 0.9 }],
      },
      theme,
    ),
  bars: (theme) =>
    barPlot(
      {
        ...words,
        ...{ groups: ['1', '2'], groupsLabel: 'layer', y: axis(0, 2) },
        series: [
          { label: 'one', values: [1, null] },
          { label: 'two', values: [2, 0.5] },
        ],
      },
      theme,
    ),
  histogram: (theme) =>
    histogramPlot(
      {
        ...words,
        ...{ edges: [-1, 0, 1], x: axis(-1, 1), y: axis(0, 1) },
        series: [{ label: 'one', heights: [0.25, 0.75] }],
        region: { from: -0.5, to: 0.5 },
      },
      theme,
    ),
  raster: (theme) =>
    rasterPlot(
      {
        ...words,
        steps: 3,
        layers: [
          {
            label: '1',
            rows: 2,
            window: { from: 0, steps: 2 },
            spikes: [
              [0, 0, 1],
              [1, 1, -1],
            ],
          },
          { label: '2', rows: 1, window: { from: 1, steps: 2 }, spikes: [] },
        ],
      },
      theme,
    ),
  response: (theme) =>
    responsePlot(
      {
        ...words,
        ...{ steps: 3, window: { from: 1, steps: 2 } },
        rows: [
          { value: 0, spikes: [0, 0, 0] },
          { value: 1, spikes: [0, 1, -1] },
        ],
        decoded: [
          { value: 0, decoded: 0 },
          { value: 0.4, decoded: 0 },
          { value: 0.6, decoded: 0.5 },
          { value: 0.8, decoded: 0.5 },
          { value: 1, decoded: 0.5 },
        ],
      },
      theme,
    ),
  signal: (theme) =>
    signalPlot(
      {
        ...words,
        ...{ x: axis(0, 2), y: axis(-1, 1), signal: [0, 1, -1], reconstruction: [0, 0.5, -0.5], trains: 1 },
        spikes: [
          [0, 1, 1],
          [0, 2, -1],
        ],
      },
      theme,
    ),
};

describe.each(Object.entries(plots))('%s', (name, draw) => {
  it('is an image with a title and a description, escaped', () => {
    const svg = draw(pageTheme);
    expect(svg).toContain('role="img" aria-labelledby="plot-title plot-desc"');
    expect(svg).toContain('<title id="plot-title">a &lt; b &amp; &quot;c&quot;</title>');
    expect(svg).toContain('<desc id="plot-desc">what it&#39;s of</desc>');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('has variables in a page and fixed colours and a size in a paper', () => {
    expect(draw(pageTheme)).toContain('var(--series-1)');
    expect(draw(pageTheme)).not.toMatch(/#[0-9a-f]{6}/i);
    expect(draw(paperTheme)).not.toContain('var(');
    expect(draw(paperTheme)).toContain('width="88mm"');
  });

  it('is drawn as before', async () => {
    await expect(`${draw(paperTheme).replaceAll('><', '>\n<')}\n`).toMatchFileSnapshot(
      `snapshots/${name}.svg`,
    );
  });
});

it('tells series apart by colour, by dash and by marker', () => {
  const styles = OKABE_ITO.map((_, i) => seriesStyle(paperTheme, i));
  for (const field of ['colour', 'dash', 'marker'] as const) {
    expect(new Set(styles.map((style) => style[field])).size).toBe(OKABE_ITO.length);
  }
});

it('keeps more series than colours apart: where the colour is the same, dash and marker are not', () => {
  const styles = Array.from({ length: 36 }, (_, i) => seriesStyle(paperTheme, i));
  for (const field of ['dash', 'marker'] as const) {
    expect(new Set(styles.map((style) => `${style.colour} ${style[field]}`)).size).toBe(36);
  }
});

it('draws a staircase by its corners', () => {
  const svg = plots.response!(paperTheme);
  const [, d] = /<path d="([^"]*)" fill="none"/.exec(svg)!;
  expect(d!.match(/[ML]/g)).toHaveLength(4);
});

// The report page in a real browser: whole, legible, without errors, on a phone and on a screen, dark and printed.
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../data/temp-folder.ts';
import { NEEDS_CHROMIUM, openBrowser, withoutChromium } from './chromium.ts';
import { pageOfDigits, type WrittenPage } from './page-of-digits.ts';

const folder = tempFolder();
const WIDTHS = [390, 1440] as const;
const IN_PAGE = fileURLToPath(new URL('in-page.js', import.meta.url));

interface Placed {
  readonly id: string;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** What the functions of in-page.js give. */
interface InPage {
  readonly overflow: number;
  readonly openAll: undefined;
  readonly visiblePlots: readonly Placed[];
  readonly textsOfPlots: readonly (readonly Placed[])[];
  readonly shownValues: readonly { readonly path: string; readonly value: string; readonly text: string }[];
  readonly contrasts: {
    readonly background: number;
    readonly ratios: readonly { readonly name: string; readonly ratio: number }[];
  };
  readonly focused: { readonly id: string; readonly text: string; readonly outline: string };
  readonly outline: { readonly levels: readonly number[]; readonly ids: readonly string[] };
}

function ask<K extends keyof InPage>(page: Page, question: K): Promise<InPage[K]> {
  return page.evaluate<InPage[K]>(`inPage.${question}()`);
}

describe.skipIf(withoutChromium)(`the report page in a browser ${NEEDS_CHROMIUM}`, () => {
  let browser: Browser;
  let written: WrittenPage;
  beforeAll(async () => {
    written = await pageOfDigits(folder.path('report.html'));
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  /** Opens the page from disk; what it says on the console or asks of a network is kept. */
  async function opened(width: number, colorScheme: 'light' | 'dark' = 'light') {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) said.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(written.path).href);
    const asked = [...said];
    await page.addScriptTag({ path: IN_PAGE });
    return { page, asked };
  }

  describe.each(WIDTHS)('%d px wide', (width) => {
    let page: Page;
    let asked: readonly string[];
    beforeAll(async () => {
      ({ page, asked } = await opened(width));
    });
    afterAll(() => page.close());

    it('says nothing on the console and asks for nothing', () => {
      expect(asked).toEqual([]);
    });

    it('shows every plot, none over another', async () => {
      const plots = await ask(page, 'visiblePlots');
      expect(plots.map(({ id }) => id)).toEqual(
        expect.arrayContaining([
          ...['accuracy-latency', 'accuracy-energy', 'accuracy-steps', 'decoded-error', 'residual-layers'],
          ...['residual-distribution', 'saturation', 'firing-rates', 'spike-distribution', 'spike-raster'],
          ...['energy-ratio', 'layer-operations'],
        ]),
      );
      for (const { id, box } of plots) {
        expect(box.width, id).toBeGreaterThan(250);
        expect(box.height, id).toBeGreaterThan(120);
        expect(box.x + box.width, id).toBeLessThanOrEqual(width);
      }
      expect(overlapping(plots)).toEqual([]);
    });

    it('is no wider than the window, closed and with all data open', async () => {
      expect(await ask(page, 'overflow')).toBeLessThanOrEqual(0);
      await ask(page, 'openAll');
      expect(await ask(page, 'overflow')).toBeLessThanOrEqual(0);
    });

    it('has no text over another text in a plot', async () => {
      await ask(page, 'openAll');
      const texts = await ask(page, 'textsOfPlots');
      expect(texts.flat().length).toBeGreaterThan(100);
      expect(texts.flatMap(overlapping)).toEqual([]);
    });
  });

  it('shows the values of its data, which are those of the file beside it', async () => {
    const { page } = await opened(1440);
    const embedded = JSON.parse((await page.textContent('#data'))!) as unknown;
    expect(embedded).toEqual(written.data);
    const shown = await ask(page, 'shownValues');
    expect(shown.length).toBeGreaterThan(150);
    const wrong = shown.filter(({ path, value, text }) => {
      // What is written in percent is the number, rounded to two decimals.
      const rounded = /^[\d.]+ %$/.test(text) ? Math.abs(Number.parseFloat(text) - 100 * Number(value)) : 0;
      return value !== String(at(written.data, path)) || text === '' || rounded > 0.0051;
    });
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('is dark where that is preferred, and legible there as well', async () => {
    const [light, dark] = [await opened(1440, 'light'), await opened(1440, 'dark')];
    const [inLight, inDark] = [await ask(light.page, 'contrasts'), await ask(dark.page, 'contrasts')];
    expect(inLight.background).toBeGreaterThan(0.8);
    expect(inDark.background).toBeLessThan(0.05);
    for (const { name, ratio } of [...inLight.ratios, ...inDark.ratios]) {
      // WCAG 2 has 4.5 for text; series are told apart by marker and dash as well.
      expect(ratio, name).toBeGreaterThan(name.startsWith('--series') ? 2 : 4.5);
    }
    await Promise.all([light.page.close(), dark.page.close()]);
  });

  it('prints in light colours, without what is of no use on paper', async () => {
    const { page } = await opened(1440, 'dark');
    await page.emulateMedia({ media: 'print' });
    expect(await page.isVisible('nav')).toBe(false);
    expect((await ask(page, 'contrasts')).background).toBeCloseTo(1, 6);
    expect(await ask(page, 'overflow')).toBeLessThanOrEqual(0);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
    await page.close();
  });

  it('can be used by keyboard, and read aloud', async () => {
    const { page } = await opened(390);
    await page.keyboard.press('Tab');
    expect(await ask(page, 'focused')).toMatchObject({ text: 'Skip to the summary', outline: '3px' });
    await page.keyboard.press('Enter');
    expect((await ask(page, 'focused')).id).toBe('main');
    const outline = await ask(page, 'outline');
    expect(outline).toMatchObject({
      ...{ language: 'en', landmarks: [1, 1, 1, 1], unscoped: 0, untitledTables: 0, unnamedPlots: 0 },
    });
    const { levels, ids } = outline;
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.filter((level, i) => level - (levels[i - 1] ?? 0) > 1)).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    await page.close();
  });
});

/** Pairs of which one covers more than a hair of the other. */
function overlapping(all: readonly Placed[]): string[] {
  const HAIR = 1;
  return all.flatMap((a, i) =>
    all.slice(i + 1).flatMap((b) => {
      const across = Math.min(a.box.x + a.box.width, b.box.x + b.box.width) - Math.max(a.box.x, b.box.x);
      const down = Math.min(a.box.y + a.box.height, b.box.y + b.box.height) - Math.max(a.box.y, b.box.y);
      return across > HAIR && down > HAIR ? [`${a.id} | ${b.id}`] : [];
    }),
  );
}

function at(data: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], data);
}

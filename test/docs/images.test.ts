// The plots of docs/codings and docs/signals are what `npm run plots` makes of this code, small, and each on a page.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { codingFigures } from '../../src/coding-figures.ts';
import type { Figure } from '../../src/report/figures/figure.ts';
import { paperSvg } from '../../src/report/plot-files.ts';
import { signalFigures } from '../../src/report/signal-figures.ts';
import { compareSignalEncoders } from '../../src/signals/compare.ts';
import { syntheticVibration } from '../../src/signals/synthetic-vibration.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const MOST_BYTES = 40_000;

/** What `encode --compare --plots` draws. */
const compared = async () =>
  compareSignalEncoders(syntheticVibration()).flatMap(({ defaults, optimised }) =>
    signalFigures(optimised ?? defaults),
  );

describe.each<[string, () => Promise<readonly Figure[]>]>([
  ['codings', codingFigures],
  ['signals', compared],
])('docs/images/%s', (kind, draw) => {
  it('is what the code draws', async () => {
    const files = new Map((await draw()).map((figure) => [`${figure.name}.svg`, paperSvg(figure)]));
    const folder = join(docs, 'images', kind);
    expect(readdirSync(folder).sort()).toEqual([...files.keys()].sort());
    for (const [name, svg] of files) {
      expect(readFileSync(join(folder, name), 'utf8') === svg, `${name}: npm run plots makes it anew`).toBe(
        true,
      );
      expect(svg.length).toBeLessThan(MOST_BYTES);
    }
  });

  it('is on its pages, with words for those who do not see it', () => {
    const pages = readdirSync(join(docs, kind)).map((name) => readFileSync(join(docs, kind, name), 'utf8'));
    const shown = pages.flatMap((page) => [
      ...page.matchAll(/<img src="\.\.\/images\/\w+\/([\w-]+\.svg)" width="\d+" alt="([^"]{40,})">/g),
    ]);
    expect(shown.map(([, name]) => name).sort()).toEqual(readdirSync(join(docs, 'images', kind)).sort());
  });
});

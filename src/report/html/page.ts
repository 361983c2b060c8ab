// The whole page: one file that needs nothing else, made of its data alone.
import { escapeText } from '../../plots/svg.ts';
import type { PageData } from '../page-data.ts';
import { energy } from './energy.ts';
import { fates } from './fates.ts';
import { layers } from './layers.ts';
import { reproduce } from './reproduce.ts';
import { spikes } from './spikes.ts';
import { STYLE } from './style.ts';
import { summary } from './summary.ts';
import { tradeOffs } from './trade-offs.ts';

/** Sections under the summary, in order, with what the list of contents calls them. */
const SECTIONS = [
  { id: 'cost', label: 'Cost', of: tradeOffs },
  { id: 'layers', label: 'Layers', of: layers },
  { id: 'spikes', label: 'Spikes', of: spikes },
  { id: 'energy', label: 'Energy', of: energy },
  { id: 'nodes', label: 'Nodes', of: fates },
  { id: 'reproduce', label: 'Reproduce', of: reproduce },
] as const;

/** The page as HTML. */
export function pageHtml(data: PageData): string {
  const { model } = data.report.network;
  const title = `${model.file} as a spiking network`;
  const sections = SECTIONS.map(({ id, label, of }) => ({ id, label, html: of(data) })).filter(
    ({ html }) => html !== '',
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="${escapeText(data.tool)}">
<link rel="icon" href="data:,">
<title>${escapeText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the summary</a>
<header>
<p class="eyebrow">Conversion report, ${escapeText(data.tool)}</p>
<h1>${escapeText(title)}</h1>
<nav aria-label="Contents"><ul>
${sections.map(({ id, label }) => `<li><a href="#${id}">${label}</a></li>`).join('\n')}
</ul></nav>
</header>
<main id="main" tabindex="-1">
${summary(data)}
${sections.map(({ html }) => html).join('\n')}
</main>
<footer><p>Made by ${escapeText(data.tool)}. All figures of this page are in it as JSON, in the element with the id “data”.</p></footer>
<script type="application/json" id="data">${embedded(data)}</script>
</body>
</html>
`;
}

/** JSON that no reader of HTML takes for the end of its element. */
function embedded(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

// Pieces of HTML: text that is escaped, values that carry themselves, tables, figures.

import { escapeText } from '../../plots/svg.ts';
import { pageTheme } from '../../plots/theme.ts';
import type { Cell, DataTable, Figure, Shown } from '../figures/figure.ts';

/** A value as people read it, which holds itself in full and says where it stands in the page's data. */
export function value({ path, value: itself, text }: Shown): string {
  const attributes = `data-path="${escapeText(path)}" value="${escapeText(String(itself))}"`;
  return `<data ${attributes}>${escapeText(text)}</data>`;
}

function cell(content: Cell): string {
  return typeof content === 'string' ? escapeText(content) : value(content);
}

/** Cells of numbers stand to the right. */
function isNumber(content: Cell): boolean {
  return typeof content !== 'string' && typeof content.value !== 'string';
}

/** A table that scrolls by itself where it is too wide, by keyboard as well. */
export function dataTable({ headings, rows }: DataTable, caption: string): string {
  const numeric = headings.map((_, column) => rows.some((row) => isNumber(row[column] ?? '')));
  const style = (column: number) => (numeric[column] ? ' class="number"' : '');
  const head = headings
    .map((heading, i) => `<th scope="col"${style(i)}>${escapeText(heading)}</th>`)
    .join('');
  const body = rows
    .map(
      (row) =>
        `<tr>${row
          .map((content, i) =>
            i === 0 ? `<th scope="row">${cell(content)}</th>` : `<td${style(i)}>${cell(content)}</td>`,
          )
          .join('')}</tr>`,
    )
    .join('\n');
  const name = escapeText(caption);
  return `<div class="scroll" role="region" aria-label="${name}" tabindex="0">
<table><caption class="unseen">${name}</caption><thead><tr>${head}</tr></thead><tbody>
${body}
</tbody></table></div>`;
}

/** A plot with its words, and its data behind a disclosure. */
export function figure(one: Figure | null): string {
  if (one === null) return '';
  const { name, title, caption, table } = one;
  return `<figure id="figure-${name}">
<h3>${escapeText(title)}</h3>
${one.draw(pageTheme)}
<figcaption>${escapeText(caption)}</figcaption>
<details><summary>Data<span class="unseen"> of ${escapeText(title)}</span></summary>
${dataTable(table, title)}
</details>
</figure>`;
}

/** Figures beside each other where there is room. */
export function figures(...all: readonly (Figure | null)[]): string {
  return `<div class="figures">\n${all.map(figure).join('\n')}\n</div>`;
}

/** A part of the page under a heading of its own. */
export function section(id: string, heading: string, ...content: readonly string[]): string {
  return `<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${escapeText(heading)}</h2>
${content.filter((part) => part !== '').join('\n')}
</section>`;
}

export function paragraph(html: string, kind = ''): string {
  return `<p${kind === '' ? '' : ` class="${kind}"`}>${html}</p>`;
}

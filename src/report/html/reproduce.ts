// How to get the same page again: the command, and hashes of all that went in.
import { escapeText } from '../../plots/svg.ts';
import { type Shown, shown } from '../figures/figure.ts';
import type { PageData } from '../page-data.ts';
import { codingLabel } from '../trade-off-point.ts';
import { paragraph, section, value } from './elements.ts';

export function reproduce(data: PageData): string {
  const { report } = data;
  const text = (path: string): Shown => shown<string>(data, path);
  const hash = (path: string) => `<code class="hash">${value(text(path))}</code>`;
  const { scale, mean, std, channels } = report.network.preprocessing;
  const rows: readonly (readonly [string, string])[] = [
    ['Model', `${value(text('report.network.model.file'))}, SHA-256 ${hash('report.network.model.sha256')}`],
    ...(report.network.calibration.sha256 === null
      ? []
      : [
          [
            'Calibration',
            `${value(shown<number>(data, 'report.network.calibration.images'))} images, SHA-256 ${hash('report.network.calibration.sha256')}`,
          ] as const,
        ]),
    ['Test data', `${value(text('report.data.file'))}, SHA-256 ${hash('report.data.sha256')}`],
    [
      'Coding',
      escapeText(`${report.coding.name}: ${codingLabel(report.coding)}, ${report.coding.encoder} encoder`),
    ],
    ['Amplitudes', value(text('report.network.amplitudes'))],
    [
      'Pixels',
      escapeText(
        `x′ = (x / ${scale} − mean) / std; mean ${mean.join(', ')}; std ${std.join(', ')}; channels ${channels}`,
      ),
    ],
    ['Arithmetic', value(text('report.arithmetic'))],
    ['Engine', value(text('report.engine'))],
    ['Tool', value(text('tool'))],
  ];
  return section(
    'reproduce',
    'To get this page again',
    `<pre tabindex="0"><code>${escapeText(data.command)}</code></pre>`,
    paragraph('The same files and the same command give the same page, byte for byte.'),
    `<dl class="facts">${rows.map(([name, html]) => `<div><dt>${name}</dt><dd>${html}</dd></div>`).join('\n')}</dl>`,
  );
}

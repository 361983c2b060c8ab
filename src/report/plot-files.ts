// Figures as files for papers: SVG with text as text, and PNG.
import { loadSharp } from '../data/images.ts';
import { WIDTH } from '../plots/frame.ts';
import { COLUMN_MM, paperTheme } from '../plots/theme.ts';
import type { Figure } from './figures/figure.ts';

/** Dots per inch of the PNG files, what journals ask of line art. */
const DPI = 600;

/** A figure as it is printed: one column wide, in fixed colours. */
export function paperSvg(figure: Figure): string {
  return `${figure.draw(paperTheme)}\n`;
}

const MM_PER_INCH = 25.4;
/** What a rasteriser takes one unit of a drawing without a size in millimetres to be. */
const UNITS_PER_INCH = 72;

/** The same as PNG. @throws Ann2SnnError `missing-dependency` where sharp is not installed */
export async function paperPng(figure: Figure): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const pixels = (COLUMN_MM / MM_PER_INCH) * DPI;
  // Sizes in millimetres would be scaled twice.
  const svg = figure.draw({ ...paperTheme, width: String(WIDTH) });
  return sharp(Buffer.from(svg), { density: (pixels / WIDTH) * UNITS_PER_INCH })
    .flatten({ background: paperTheme.background })
    .png({ palette: true, effort: 1 })
    .withMetadata({ density: DPI })
    .toBuffer();
}

/** Both files of every figure, by name. */
export async function plotFiles(
  figures: readonly Figure[],
): Promise<ReadonlyMap<string, Uint8Array | string>> {
  const files = new Map<string, Uint8Array | string>();
  for (const figure of figures) {
    files.set(`${figure.name}.svg`, paperSvg(figure));
    files.set(`${figure.name}.png`, await paperPng(figure));
  }
  return files;
}

// How plots look: colours by role. A page gives CSS variables, so that dark mode and print change them; a file for a
// paper has fixed colours and a size in millimetres.

/** How one series is told from the others: by colour, by dash and by marker, so that no one of them is needed. */
export interface SeriesStyle {
  readonly colour: string;
  /** SVG stroke-dasharray; empty for a whole line. */
  readonly dash: string;
  readonly marker: Marker;
}

export const MARKERS = ['circle', 'square', 'triangle', 'diamond', 'cross', 'ring'] as const;
export type Marker = (typeof MARKERS)[number];

export interface Theme {
  readonly name: 'page' | 'paper';
  /** Text and axes, what recedes, grid lines, what is behind. */
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly background: string;
  /** Shading of a region. */
  readonly shade: string;
  readonly series: readonly string[];
  /** Width of the drawing as written on the root element: empty in a page, which scales it. */
  readonly width: string;
}

/** Okabe and Ito's colours (2008), which people with the common kinds of colour blindness tell apart; without the yellow. */
export const OKABE_ITO = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#56B4E9', '#E69F00'] as const;

/** One column of a two-column paper. */
export const COLUMN_MM = 88;

export const paperTheme: Theme = {
  name: 'paper',
  ink: '#1a1a1a',
  muted: '#5a5a5a',
  grid: '#dddddd',
  background: '#ffffff',
  shade: '#eef2f6',
  series: OKABE_ITO,
  width: `${COLUMN_MM}mm`,
};

/** The variables are those of src/report/html/style.ts. */
export const pageTheme: Theme = {
  name: 'page',
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  background: 'var(--surface)',
  shade: 'var(--shade)',
  series: OKABE_ITO.map((_, i) => `var(--series-${i + 1})`),
  width: '',
};

const DASHES = ['', '6 3', '2 2.5', '9 3 2 3', '1.5 1.5', '12 4'] as const;

/**
 * The style of the n-th series, from 0; the same in every plot. After each round of colours, dashes and markers move on by
 * one, so that the first 36 series differ: two of one colour have neither the same dash nor the same marker.
 */
export function seriesStyle(theme: Theme, n: number): SeriesStyle {
  const shape = n + Math.floor(n / theme.series.length);
  return {
    colour: theme.series[n % theme.series.length]!,
    dash: DASHES[shape % DASHES.length]!,
    marker: MARKERS[shape % MARKERS.length]!,
  };
}

// Rows as CSV: one line for each network, columns of one number. docs/sweep.md lists them.
import type { Interval } from '../metrics/confidence.ts';
import type { AblationRow } from './ablation.ts';
import type { Fronts } from './pareto.ts';
import type { RowFigures } from './rows.ts';

type Cell = number | string | boolean | null;

type Cells = Readonly<Record<string, Cell>>;

/** The columns of a sweep in their order, given a row. */
export function csvCells(row: RowFigures & { readonly front: Fronts }): Cells {
  const { energy, latency, opf } = row.front;
  return { ...figureCells(row), front_energy: energy, front_latency: latency, front_opf: opf };
}

/** Those of an ablation. */
export function ablationCells(row: AblationRow): Cells {
  return {
    variant: row.name,
    ...figureCells(row),
    last_phi: row.lastPhi,
    negative_spikes: row.negativeSpikes,
  };
}

function figureCells(row: RowFigures): Cells {
  const { residual } = row;
  return {
    T: row.T,
    beta: row.beta,
    Ts: row.Ts,
    phi: row.phi,
    encoder: row.encoder,
    percentile: row.percentile,
    images: row.images,
    accuracy: row.accuracy,
    ...ends('accuracy', row.accuracyInterval),
    ann_accuracy: row.annAccuracy,
    ...ends('ann_accuracy', row.annAccuracyInterval),
    loss: row.loss,
    ...ends('loss', row.lossInterval),
    agreement: row.agreement,
    ...ends('agreement', row.agreementInterval),
    logit_error: row.logitError,
    latency: row.latency,
    interval: row.interval,
    spikes_per_neuron: row.spikesPerNeuron,
    opf: row.opf,
    opf_with_encoder: row.opfWithEncoder,
    syops: row.syops,
    macs: row.macs,
    energy_mj: row.energyMj,
    ann_energy_mj: row.annEnergyMj,
    residual_mean: residual?.mean ?? null,
    residual_median: residual?.median ?? null,
    residual_p999: residual?.p999 ?? null,
    residual_worst_layer: residual?.worstLayer ?? null,
    residual_worst_layer_p999: residual?.worstLayerP999 ?? null,
  };
}

function ends(name: string, interval: Interval | null): Readonly<Record<string, Cell>> {
  return { [`${name}_low`]: interval?.low ?? null, [`${name}_high`]: interval?.high ?? null };
}

/** Lines of CSV under a line of headings (RFC 4180, but for line ends of one character); null is an empty cell. */
export function csvText(rows: readonly Readonly<Record<string, Cell>>[]): string {
  const headings = Object.keys(rows[0] ?? {});
  const line = (cells: readonly Cell[]) => `${cells.map(cellText).join(',')}\n`;
  return [line(headings), ...rows.map((row) => line(headings.map((heading) => row[heading]!)))].join('');
}

function cellText(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

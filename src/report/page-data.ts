// Everything that a report page says, as data: the page is made of it and holds it, and it is written beside the page.
import type { EnergyColumn } from '../energy/columns.ts';
import type { EnergyConstants } from '../energy/energy-constants.ts';
import type { LayerWork } from '../energy/layer-work.ts';
import type { Fate } from '../graph/fate.ts';
import type { Interval } from '../metrics/confidence.ts';
import type { TradeOffCurve } from '../metrics/trade-off.ts';
import type { Report } from './report.ts';

/** Energies of both networks, millijoules per image; `ratio` is null where the ANN spends nothing. */
export interface EnergyPair {
  readonly snnMj: number;
  readonly annMj: number;
  readonly ratio: number | null;
}

/** Energies in three columns (energy/columns.ts), in all and by layer. */
export interface EnergyTable {
  readonly constants: EnergyConstants;
  /** Bits of the activations of the quantized ANN that the last column compares with. */
  readonly bits: number;
  readonly columns: readonly (EnergyPair & {
    readonly name: EnergyColumn['name'];
    readonly title: string;
    readonly rule: string;
  })[];
  /** `energy` has an entry for each column. */
  readonly layers: readonly (LayerWork & { readonly energy: readonly EnergyPair[] })[];
}

/** What was left in the membranes, by layer. */
export interface ResidualTable {
  readonly images: number;
  /** Ends of the bins, in units of theta. */
  readonly edges: readonly number[];
  readonly layers: readonly {
    readonly name: string;
    readonly counts: readonly number[];
    /** Outside the bins. */
    readonly below: number;
    readonly above: number;
  }[];
}

/** The spikes of one image. */
export interface RasterTable {
  /** Index in the data set. */
  readonly image: number;
  readonly label: number | null;
  /** The class that the network chooses; null without class scores. */
  readonly answer: number | null;
  /** Time steps until the last readout. */
  readonly steps: number;
  readonly layers: readonly {
    readonly name: string;
    /** Neurons of the layer, and which of them are shown, by index. */
    readonly neurons: number;
    readonly shown: readonly number[];
    readonly start: number;
    /** Position in `shown`, time step from 0, and sign of each spike. */
    readonly spikes: readonly (readonly [row: number, step: number, sign: number])[];
  }[];
}

export interface PageData {
  /** Version of this structure. */
  readonly format: 1;
  readonly tool: string;
  /** What was typed. */
  readonly command: string;
  /** All of evaluate's report but what differs from run to run: times, threads and memory. */
  readonly report: Omit<Report, 'memory' | 'workers' | 'seconds'>;
  /** 95 % intervals of the accuracies. */
  readonly intervals: { readonly ann: Interval | null; readonly snn: Interval | null };
  readonly curves: readonly TradeOffCurve[];
  /** Where the curves come from, in words. */
  readonly curvesFrom: string;
  /** Why there is no curve of the rate-coded network; null where there is one, or where a sweep took the place of all. */
  readonly baselineMissing: string | null;
  readonly energy: EnergyTable;
  readonly residuals: ResidualTable;
  readonly raster: RasterTable | null;
  /** What became of every node of the ONNX file; null where the file was not given. */
  readonly fates: readonly Fate[] | null;
}

// What each part of the neuron is good for: the network as converted beside networks that lack it.
import { event } from '../engines/event/index.ts';
import { engines } from '../engines/index.ts';
import { Ann2SnnError } from '../errors.ts';
import { DEFAULT_PERCENTILE } from '../pipeline.ts';
import { codingFor } from '../snn/conversion/coding-for.ts';
import type { CodingOverrides } from '../snn/network/coding.ts';
import { type MeasureOptions, openBench } from './bench.ts';
import { measureSettings } from './measure-settings.ts';
import type { RowFigures } from './rows.ts';
import { type Provenance, provenanceOf } from './sweep.ts';
import { type Variant, variantsOf } from './variants.ts';

export interface AblationOptions extends MeasureOptions {
  /** Preset; `sws` for a quantized model and `css` for any other unless given. */
  readonly coding?: string;
  /** Parameters in the place of the preset's. */
  readonly parameters?: CodingOverrides;
  /** 99.99 unless given. */
  readonly percentile?: number;
  /** The longest silent period that is tried: 4 unless given, and never more than T - 1. */
  readonly longest?: number;
}

export type AblationRow = Pick<Variant, 'name' | 'label' | 'source'> & {
  /** Threshold at the last step as a fraction of theta. */
  readonly lastPhi: number;
  /** False where neurons of layers without negative values emit no negative spikes. */
  readonly negativeSpikes: boolean;
} & RowFigures;

/** An ablation as it is written as JSON (docs/ablation.md). It holds no times. */
export interface Ablation extends Provenance {
  readonly format: 'ann2snn-ablation/1';
  readonly coding: string;
  /** Variants, and how many of them are among the rows: fewer where it was ended early. */
  readonly variants: number;
  readonly measured: number;
  readonly rows: readonly AblationRow[];
}

/** Told before anything is measured. */
function lacksNeurons(found: string): Ann2SnnError {
  const others = engines.flatMap(({ name }) => (name === found ? [] : [name])).join(', ');
  return new Ann2SnnError('invalid-option', {
    where: 'engine',
    message: `expected one that runs neurons without negative spikes (${others}), found ${found}`,
  });
}

/** The silent period that CSS Fig. 4 needs without negative spikes. */
const LONGEST = 4;

/**
 * Measures the variants of one coding on one model.
 * @param path of the ONNX file
 * @throws Ann2SnnError naming the file, every node or every option that is wrong
 */
export async function runAblation(
  path: string,
  options: AblationOptions,
): Promise<{ readonly ablation: Ablation; readonly before: number }> {
  if (options.engine.name === event.name) throw lacksNeurons(event.name);
  const bench = await openBench(path, options);
  const coding = codingFor(bench.model.plan, options.coding, options.parameters);
  const { percentile = DEFAULT_PERCENTILE, longest = LONGEST } = options;
  const variants = variantsOf(coding, longest);
  const settings = variants.map((variant) => ({ ...variant, percentile }));
  const { rows, before } = await measureSettings(bench, settings);
  const measured = rows.flatMap((row, i): AblationRow[] => {
    if (row === null) return [];
    const { name, label, source, change } = variants[i]!;
    const { lastPhi = 1 / 2, negativeSpikes = true } = change;
    return [{ name, label, source, lastPhi, negativeSpikes, ...row.figures }];
  });
  const ablation: Ablation = {
    format: 'ann2snn-ablation/1',
    ...provenanceOf(bench),
    coding: coding.name,
    variants: variants.length,
    measured: measured.length,
    rows: measured,
  };
  return { ablation, before };
}

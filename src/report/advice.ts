// What to try where a conversion loses: the largest jumps of the error, put into words.
import { type Loss, TOLERATED_AGREEMENT, TOLERATED_ERROR } from '../metrics/losses.ts';
import type { Network } from '../snn/network/network.ts';
import type { LayerReport, Report } from './report.ts';
import { figure, percent } from './table.ts';

/**
 * The losses with what to try, where there is one worth naming: agreement below 99 %, or an output that is no vector of
 * scores and is off by more than 5 %. Nothing otherwise.
 * @param scores the output whose classes are compared
 */
export function adviceOn(
  network: Network,
  losses: readonly Loss[],
  layers: readonly LayerReport[],
  lost: {
    readonly agreement: number | null;
    readonly heads: Report['heads'];
    readonly scores: string | null;
  },
): Report['diagnosis'] {
  const disagrees = lost.agreement !== null && lost.agreement < TOLERATED_AGREEMENT;
  const off = lost.heads.some(
    ({ name, relativeError }) =>
      name !== lost.scores && relativeError !== null && relativeError > TOLERATED_ERROR,
  );
  if (!disagrees && !off) return [];
  return losses.map((loss) => ({
    ...loss,
    advice: advice(network, loss, layers.find(({ name }) => name === loss.layer)!),
  }));
}

function advice(network: Network, { cause }: Loss, layer: LayerReport): string {
  const { T } = network.coding;
  const { amplitudes } = network.provenance;
  const quantized = amplitudes.startsWith('quantizers');
  switch (cause) {
    case 'saturation':
      return quantized
        ? `more steps (--steps ${T + 1})`
        : `a larger amplitude: a higher --percentile (now ${amplitudes}), or calibration images more like these`;
    case 'residual': {
      const threshold = layer.phi > 0.5 ? ', a threshold of 1/2 (--threshold 1/2)' : '';
      const adjust = quantized ? '' : ', or larger amplitudes (--adjust 3)';
      return `a longer silent period (--silent ${layer.Ts + 1} or more)${threshold}${adjust}`;
    }
    case 'rounding':
      return `more steps (--steps ${T + 2})`;
    case 'sources':
      return `the layers in front of it first: more steps (--steps ${T + 2}) or a longer silent period (--silent ${layer.Ts + 1})`;
  }
}

/** The losses as a paragraph; nothing where there are none. */
export function lossText({ diagnosis, layers }: Report): string[] {
  return diagnosis.map(({ layer, error, sourceError, cause, advice: remedy }, i) => {
    const found = layers.find(({ name }) => name === layer)!;
    const jump = `error ${percent(error)} behind ${percent(sourceError)}`;
    return `${i === 0 ? 'largest loss' : 'then'}: ${layer} (${jump}): ${reason(cause, found)}; try ${remedy}`;
  });
}

function reason(cause: Loss['cause'], { saturated, residualP999 }: LayerReport): string {
  switch (cause) {
    case 'saturation':
      return `its code is full for ${percent(saturated)} of the values`;
    case 'residual':
      return `its neurons do not keep up, residual ${figure(residualP999)} theta`;
    case 'rounding':
      return 'its values are small beside theta, which rounds them';
    case 'sources':
      return 'its weights amplify the errors that come in';
  }
}

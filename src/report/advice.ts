// What to try where a conversion loses: the largest jumps of the error, put into words.
import { type Loss, TOLERATED_AGREEMENT, TOLERATED_ERROR } from '../metrics/losses.ts';
import { MAX_STEPS } from '../snn/network/coding.ts';
import { type Network, type NeuronNode, neuronLayers, runningSources } from '../snn/network/network.ts';
import type { LayerReport, Report } from './report.ts';
import { figure, percent } from './table.ts';

/** Above this residual a neuron is more than half a spike behind at the end of its window. */
const KEEPS_UP = 1;

/**
 * The losses with what to try, where there is one worth naming: agreement below 99 %, or an output that is no vector of
 * scores and is off by more than 5 %. Nothing otherwise.
 * @param scores the output whose classes are compared
 */
export function adviceOn(
  network: Network,
  losses: readonly Loss[],
  lost: {
    readonly agreement: number | null;
    readonly outputs: Report['outputs'];
    readonly scores: string | null;
  },
): Report['diagnosis'] {
  const disagrees = lost.agreement !== null && lost.agreement < TOLERATED_AGREEMENT;
  const off = lost.outputs.some(
    ({ name, relativeError }) =>
      name !== lost.scores && relativeError !== null && relativeError > TOLERATED_ERROR,
  );
  if (!disagrees && !off) return [];
  const layers = new Map(neuronLayers(network).map((node) => [node.name, node]));
  return losses.map((loss) => ({ ...loss, advice: advice(network, loss, layers.get(loss.layer)!) }));
}

/** What to try for a layer with this residual, in units of theta; null where its neurons keep up. */
export function keepingUp(network: Network, node: NeuronNode, residual: number): string | null {
  return residual > KEEPS_UP ? advice(network, { cause: 'residual' }, node) : null;
}

function advice(network: Network, { cause }: Pick<Loss, 'cause'>, node: NeuronNode): string {
  const remedies = remediesFor(network, cause, node).filter((remedy) => remedy !== null);
  const all =
    remedies.length === 0 ? 'another preset (--coding): this one is at its limits' : remedies.join(', or ');
  return cause === 'sources' ? `the layers in front of it first: ${all}` : all;
}

function remediesFor(network: Network, cause: Loss['cause'], node: NeuronNode): (string | null)[] {
  const { coding, provenance } = network;
  const measured = isMeasured(network, node);
  switch (cause) {
    case 'saturation':
      return measured
        ? [
            `a larger amplitude: a higher --percentile (now ${provenance.amplitudes})`,
            'calibration images more like these',
          ]
        : [steps(coding.T, 1)];
    case 'residual': {
      const cancels = behindMean(network, node);
      return [
        silence(coding.T, node.Ts, cancels ? 2 : 1, cancels ? DIFFERENCE : ''),
        node.phi > 0.5 ? 'a threshold of 1/2 (--threshold 1/2)' : null,
        measured ? 'larger amplitudes (--adjust 3)' : null,
      ];
    }
    case 'rounding':
      return [steps(coding.T, 2)];
    case 'sources':
      return [steps(coding.T, 2), silence(coding.T, node.Ts, 1)];
  }
}

/**
 * Whether calibration gave the amplitude, and not a quantizer. A quantizer whose integers the file does not hold under the
 * layer's name leaves no grid; then the rule decides, where it is one for all.
 */
function isMeasured({ provenance: { amplitudes } }: Network, { annGrid }: NeuronNode): boolean {
  return annGrid === undefined && amplitudes !== 'quantizers';
}

/** Why a layer behind a mean waits longer than others (docs/neurons.md). */
const DIFFERENCE = ': behind a mean, what it tracks is a small difference of large sums';

function steps(T: number, more: number): string | null {
  return T >= MAX_STEPS ? null : `more steps (--steps ${Math.min(T + more, MAX_STEPS)})`;
}

function silence(T: number, Ts: number, more: number, why = ''): string | null {
  const longest = T - 1;
  if (Ts >= longest) return null;
  const next = Math.min(Ts + more, longest);
  return `a longer silent period (--silent ${next}${next < longest ? ' or more' : ''}${why})`;
}

const MEANS: ReadonlySet<string> = new Set(['GlobalAveragePool', 'ReduceMean']);

/** Whether a mean lies between a layer and the spikes that it reads. */
function behindMean({ nodes }: Network, layer: NeuronNode): boolean {
  const wanted = new Set(runningSources(layer).map(({ value }) => value));
  for (const node of nodes.toReversed()) {
    if (node.kind !== 'linear' || !wanted.has(node.output)) continue;
    if (MEANS.has(node.op)) return true;
    for (const { value } of runningSources(node)) wanted.add(value);
  }
  return false;
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

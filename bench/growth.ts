// How the event engine's time grows: with the steps of a train, and with the spikes of a neuron at the same steps.
import { EventNetwork } from '../src/engines/event/event-network.ts';
import { addTrace, emptyTally, totalSpikes } from '../src/metrics/tally.ts';
import { spikingLayers } from '../src/snn/network/network.ts';
import { sizeOf } from '../src/tensor/tensor.ts';
import { type Case, converted, headOf } from './cases.ts';
import { linearFit } from './linear-fit.ts';

const STEPS = [4, 6, 8, 10, 12, 14];
/** What amplitudes are multiplied by: the larger they are, the fewer spikes carry the same values, and the coarser. */
const AMPLITUDES = [1, 1.5, 2, 3, 4, 6, 8, 16];
const ROUNDS = 21;
const IMAGES = 2;

interface Point {
  readonly label: string;
  readonly spikes: number;
  readonly milliseconds: number;
}

/** Time over T, and the line through it. */
export async function growthWithSteps(entry: Case): Promise<string> {
  const points = await measured(STEPS.map((T) => ({ label: `T ${T}`, entry: { ...entry, T } })));
  const fit = linearFit(points.map(({ milliseconds }, i) => [STEPS[i]!, milliseconds]));
  return `With T: ${shown(points)}. ${lineText(fit, 'step')}`;
}

/** Time over spikes per neuron at T 8, and the line through it. */
export async function growthWithSpikes(entry: Case): Promise<string> {
  const points = await measured(
    AMPLITUDES.map((amplitudes) => ({ label: `theta x ${amplitudes}`, entry: { ...entry, amplitudes } })),
  );
  const fit = linearFit(points.map(({ spikes, milliseconds }) => [spikes, milliseconds]));
  return `With spikes per neuron at T ${entry.T}: ${shown(points)}. ${lineText(fit, 'spike per neuron')}`;
}

/** The quietest quarter of each one's times, all in turn. */
async function measured(
  settings: readonly { readonly label: string; readonly entry: Case }[],
): Promise<Point[]> {
  const jobs = [];
  for (const { label, entry } of settings) {
    const { network, images: few } = await converted(entry);
    const images = headOf(few, IMAGES);
    const event = new EventNetwork(network);
    const tally = emptyTally();
    addTrace(tally, event.run(images, {}));
    const layers = spikingLayers(network).filter(({ kind }) => kind === 'neuron');
    const neurons = layers.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const spikes = layers.reduce((sum, { name }) => sum + totalSpikes(tally, name), 0) / neurons / IMAGES;
    jobs.push({ label, spikes, times: [] as number[], run: () => event.run(images, {}) });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { run, times } of jobs) {
      const began = performance.now();
      run();
      times.push((performance.now() - began) / IMAGES);
    }
  }
  return jobs.map(({ label, spikes, times }) => ({
    label,
    spikes,
    milliseconds: times.sort((a, b) => a - b)[Math.floor(times.length / 4)]!,
  }));
}

function shown(points: readonly Point[]): string {
  return points
    .map(({ label, spikes, milliseconds }) => `${label} ${milliseconds.toFixed(2)} ms (${spikes.toFixed(2)})`)
    .join(', ');
}

function lineText({ slope, intercept, r2 }: ReturnType<typeof linearFit>, unit: string): string {
  return `${slope.toFixed(2)} ms for each ${unit} and ${intercept.toFixed(2)} ms, R2 ${r2.toFixed(4)}`;
}

// Latency as stepping shows it, beside the window rule's.
import type { CompiledNetwork, Trace } from '../engines/engine.ts';
import { runStepped } from '../engines/reference/stepped.ts';
import { argmax, scoredReadout } from '../metrics/accuracy.ts';
import { TOLERATED_ERROR } from '../metrics/losses.ts';
import type { Report } from '../report/report.ts';
import { relativeDifference } from '../runtime/relative-difference.ts';
import type { Network } from '../snn/network/network.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../tensor/tensor.ts';

export type MeasuredLatency = Pick<Report['latency'], 'measured' | 'whyNotMeasured'>;

/** Above this many products the stepped run in plain TypeScript would take longer than anyone waits. */
const STEPPED_PRODUCTS = 2e9;

/** Why a network is not stepped; null where it is. */
export function whyNotStepped({ coding, annOperations }: Network): string | null {
  return 2 * coding.T * annOperations.macs > STEPPED_PRODUCTS
    ? 'the stepped run of a network of this size would take too long'
    : null;
}

/**
 * Steps two images through the pipeline: how long they take, and whether their answers are the engine's.
 * @param images [1 or 2, ...image]; a single one is taken twice
 */
export async function steppedLatency(
  network: Network,
  compiled: CompiledNetwork,
  images: FloatTensor,
): Promise<MeasuredLatency> {
  const size = sizeOf(images.shape.slice(1));
  const pair = floatTensor([2, ...images.shape.slice(1)]);
  pair.data.set(images.data.subarray(0, size));
  pair.data.set(images.data.subarray(images.data.length - size), size);
  const { latencySteps, intervalSteps, trace } = runStepped(network, pair);
  return {
    measured: {
      steps: latencySteps,
      interval: intervalSteps!,
      sameAnswers: sameAnswers(network, trace, await compiled.run(pair)),
    },
    whyNotMeasured: null,
  };
}

/** Whether two runs of two images choose the same classes; without scores, whether they decode nearly the same. */
function sameAnswers(network: Network, stepped: Trace, expected: Trace): boolean {
  const last = (logits: Float32Array) => logits.subarray(logits.length - logits.length / network.coding.T);
  const scores = scoredReadout(network);
  if (scores === null) {
    return [...expected.logits].every(
      ([name, logits]) => relativeDifference(last(logits), last(stepped.logits.get(name)!)) < TOLERATED_ERROR,
    );
  }
  const [own, others] = [stepped, expected].map(({ logits }) => last(logits.get(scores.name)!));
  return [0, scores.classes].every(
    (offset) => argmax(own!, offset, scores.classes) === argmax(others!, offset, scores.classes),
  );
}

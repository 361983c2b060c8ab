// The engines against each other on real weights, and what an evaluation of real size takes.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { preprocess } from '../../src/data/preprocessing.ts';
import { dense } from '../../src/engines/dense/index.ts';
import { event } from '../../src/engines/event/index.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { argmax, scoredReadout } from '../../src/metrics/accuracy.ts';
import type { Report } from '../../src/report/report.ts';
import { imageShapeOf } from '../../src/snn/network/inputs.ts';
import { type Network, spikingLayers } from '../../src/snn/network/network.ts';
import { loadNetwork } from '../../src/snn/network/network-store.ts';
import { writeNpz } from '../../src/tensor/npz.ts';
import { type FloatTensor, indexTensor, sizeOf, type Tensor } from '../../src/tensor/tensor.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { loadGolden } from '../engines/golden.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { builtLibrary } from '../workers/built.ts';
import { IMAGENET_NORMALISATION } from './evaluation.ts';
import { type Comparison, compareForced } from './teacher-forcing.ts';

/** One neuron that decides otherwise once may do so in several steps: enough images that one is no share of 1e-4. */
const FORCED_IMAGES = 8;

const folder = tempFolder();
const built = builtLibrary();

interface Ran {
  readonly report: Report;
  /** Resident megabytes at their most, all threads together. */
  readonly peak: number;
}

/** Tells the process's largest resident set as it ends. */
const TELL_PEAK =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+" kB\\n"))';

/** Runs the compiled command in a process of its own. */
async function ann2snn(...args: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, ['--import', TELL_PEAK, built.path('cli/main.js'), ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`ann2snn ${args.join(' ')} ended with ${code}: ${stderr}`);
  return { stdout, stderr };
}

async function evaluated(...args: string[]): Promise<Ran> {
  const { stdout, stderr } = await ann2snn('evaluate', ...args, '--json');
  const peaks = [...stderr.matchAll(/^peak (\d+) kB$/gm)].map(([, kB]) => Number(kB) / 1000);
  return { report: JSON.parse(stdout) as Report, peak: Math.max(...peaks) };
}

async function converted(name: string, model: string, calibration: string, ...options: string[]) {
  const path = folder.path(name);
  const images = ['--calibration', shared(`data/${calibration}`), ...IMAGENET_NORMALISATION];
  await ann2snn('convert', shared(`models/${model}`), ...images, ...options, '-o', path);
  return path;
}

const resnet20 = () =>
  converted(
    'resnet20.snn',
    'cifar10/resnet20.onnx',
    'cifar10-calibration-1000.npz',
    ...['--coding', 'canonical', '--silent', '1'],
  );

describe.skipIf(withoutShared)(`event on the real weights of ResNet-20 ${NEEDS_SHARED}`, () => {
  it("differs in at most 1e-4 of the spikes of any layer that is given the reference's own", async () => {
    const { network, images } = await loadGolden('resnet20_canonical_T8_b2_Ts1');
    const [, ...shape] = images.shape;
    const compiled = await reference.compile(network);
    const compared = new Map<string, Comparison>();
    for (let image = 0; image < FORCED_IMAGES; image++) {
      const data = images.data.subarray(image * sizeOf(shape), (image + 1) * sizeOf(shape));
      const one: FloatTensor = { dtype: 'float32', shape: [1, ...shape], data };
      const trace = await compiled.run(one, { spikes: true });
      const expected = new Map([...trace.layers].map(([name, { spikes }]) => [name, spikes!]));
      for (const [layer, { differing, spikes }] of compareForced(network, one, expected)) {
        const before = compared.get(layer) ?? { differing: 0, spikes: 0 };
        compared.set(layer, {
          differing: before.differing + differing,
          spikes: before.spikes + spikes,
        });
      }
    }
    for (const [layer, { differing, spikes }] of compared) {
      console.log(`${layer}: ${differing} of ${spikes} spikes differ`);
    }
    const sum = (of: 'differing' | 'spikes') => [...compared.values()].reduce((so, one) => so + one[of], 0);
    expect(sum('spikes')).toBeGreaterThan(100_000);
    for (const [layer, { differing, spikes }] of compared) {
      expect(differing, layer).toBeLessThanOrEqual(1e-4 * spikes);
    }
  });

  it('answers as the dense engine does on all but 5 of 1,000 images', async () => {
    const network = await loadNetwork(await resnet20());
    const data = await openDataset(shared('data/cifar10-test-5000.npz'), { limit: 1000 });
    const differing = new Map(spikingLayers(network).map(({ name }) => [name, { differing: 0, spikes: 0 }]));
    const engines = [await event.compile(network), await dense.compile(network)];
    let others = 0;
    for (let from = 0; from < data.count; from += 8) {
      const images = preprocess(
        await data.read(from, from + 8),
        network.preprocessing,
        imageShapeOf(network),
      );
      const [a, b] = [
        await engines[0]!.run(images, { spikes: true }),
        await engines[1]!.run(images, { spikes: true }),
      ];
      const [own, theirs] = [answersOf(network, a.logits), answersOf(network, b.logits)];
      others += own.filter((answer, i) => answer !== theirs[i]).length;
      for (const [name, count] of differing) {
        const [s, wanted] = [a.layers.get(name)!.spikes!, b.layers.get(name)!.spikes!];
        for (let i = 0; i < s.length; i++) {
          if (s[i] !== wanted[i]) count.differing++;
          if (wanted[i] !== 0) count.spikes++;
        }
      }
    }
    for (const engine of engines) await engine.release();
    for (const [name, { differing: count, spikes }] of differing) {
      console.log(`${name}: ${(count / spikes).toExponential(1)} of its spikes differ`);
    }
    console.log(`${others} of 1,000 answers differ`);
    expect(others).toBeLessThanOrEqual(5);
  });
});

/** The class that each image is given at the last step. */
function answersOf(network: Network, logits: ReadonlyMap<string, Float32Array>): number[] {
  const { name, classes } = scoredReadout(network)!;
  const all = logits.get(name)!;
  const last = all.subarray((all.length / network.coding.T) * (network.coding.T - 1));
  return Array.from({ length: last.length / classes }, (_, i) => argmax(last, i * classes, classes));
}

describe.skipIf(withoutShared)(`evaluations of real size ${NEEDS_SHARED}`, () => {
  it.each([1, 2])(
    'SqueezeNet at T = 12 stays below 1.5 GB with %d workers, the ANN beside it',
    async (workers) => {
      const model = 'imagenet/squeezenet1.1.onnx';
      const net = await converted(
        'squeezenet.snn',
        model,
        'imagenet-calibration-100',
        ...['--limit', '20', '--coding', 'canonical', '--steps', '12'],
      );
      const data = ['--data', shared('data/imagenet-sample-400'), '--limit', '40'];
      const { report, peak } = await evaluated(
        net,
        ...data,
        ...['--ann', shared(`models/${model}`), '--workers', String(workers)],
      );
      console.log(`SqueezeNet, T 12, ${workers} workers: ${peak.toFixed(0)} MB at most`);
      expect(report.images).toBe(40);
      expect(peak).toBeLessThan(1500);
    },
  );

  it('10,000 images go through ResNet-20 at T = 8 in one command', async () => {
    const images = folder.path('ten-thousand.npz');
    await writeFile(images, writeNpz(await twice(shared('data/cifar10-test-5000.npz'))));
    const { report } = await evaluated(await resnet20(), '--data', images);
    console.log(`10,000 images: ${report.seconds.total.toFixed(0)} s with ${report.workers.used} workers`);
    expect(report.images).toBe(10_000);
    expect(report.interrupted).toBeNull();
    expect(report.enginePlan!.assumed).toBe(0);
  });
});

/** Every image and label of a data set two times. */
async function twice(path: string): Promise<ReadonlyMap<string, Tensor>> {
  const data = await openDataset(path);
  const once = await data.read(0, data.count);
  const shape = [2 * data.count, ...once.shape.slice(1)];
  const images = new (once.data.constructor as new (length: number) => Uint8Array)(2 * once.data.length);
  images.set(once.data as Uint8Array);
  images.set(once.data as Uint8Array, once.data.length);
  return new Map<string, Tensor>([
    ['images', { dtype: once.dtype, shape, data: images } as Tensor],
    ['labels', indexTensor([...data.labels!, ...data.labels!])],
  ]);
}

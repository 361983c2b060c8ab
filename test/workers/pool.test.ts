// The pool itself, in a library compiled for the purpose: whatever runs the shards, the report is the same.
import { spawn } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as Library from '../../src/index.ts';
import { writeOnnxGraph } from '../../src/onnx/write.ts';
import { intAttribute } from '../../src/ops/attributes.ts';
import { writeNpz } from '../../src/tensor/npz.ts';
import { floatTensor, type Tensor } from '../../src/tensor/tensor.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL, TEST_SET } from '../cli/digits.ts';
import { succeed } from '../cli/invoke.ts';
import { node } from '../cli/tiny-onnx.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { filled, normal } from '../snn/tiny.ts';
import { builtLibrary } from './built.ts';

/** Neither whole batches nor whole shards of any engine. */
const IMAGES = 150;
/** So that both kinds of shards have a last one that is short. */
const DIAGNOSED = 20;

const folder = tempFolder();
const built = builtLibrary();
let library: typeof Library;
let net = '';

beforeAll(async () => {
  library = await built.module<typeof Library>('index.js');
  net = folder.path('digits.snn');
  // Two steps: few enough for the network to make mistakes.
  await succeed(...CONVERT_DIGITS, '--limit', '50', '--steps', '2', '-o', net);
});

interface Run extends Partial<Library.EvaluateOptions> {
  readonly data?: string;
  readonly limit?: number;
}

async function evaluated(
  engine: string,
  workers: number,
  { data = TEST_SET, limit = IMAGES, ...more }: Run = {},
) {
  const { evaluate, engineNamed, loadNetwork, openDataset, prepare } = library;
  const dataOptions = { limit };
  const dataset = await openDataset(data, dataOptions);
  const { file: ann } = await prepare(MODEL);
  const options = { engine: engineNamed(engine), ann, workers, dataOptions, diagnosed: DIAGNOSED };
  return evaluate(await loadNetwork(net), dataset, { ...options, ...more });
}

/** The text of all that does not depend on the number of workers. */
const figures = ({ seconds: _, workers: __, ...rest }: Library.Report) => JSON.stringify(rest);

describe('one, two and three workers', () => {
  it.each(['dense', 'reference'])('give the same report with the %s engine', async (engine) => {
    const alone = await evaluated(engine, 1);
    expect(alone).toMatchObject({ images: IMAGES, diagnosedImages: DIAGNOSED, interrupted: null });
    expect(alone.snn.agreement).toBeLessThan(1);
    expect(alone.workers).toEqual({ used: 1, asked: 1 });
    for (const workers of [2, 3]) {
      const shared = await evaluated(engine, workers);
      expect(shared.workers).toEqual({ used: workers, asked: workers });
      expect(figures(shared)).toBe(figures(alone));
    }
  });

  it('follow one plan, given or made, with the engine auto', async () => {
    const { autoWith, loadNetwork, planEngine } = library;
    const made = planEngine(await loadNetwork(net));
    const layers = made.layers.map((layer, i) => ({
      ...layer,
      currents: i % 2 === 0 ? ('dense' as const) : ('event' as const),
    }));
    const engine = autoWith({ ...made, neurons: 'event', layers }, 'plan');
    for (const more of [{}, { engine }]) {
      const alone = await evaluated('auto', 1, more);
      const shared = await evaluated('auto', 2, more);
      expect(figures(shared)).toBe(figures(alone));
    }
  });

  it('tell one progress, which ends at the last image', async () => {
    const seen: number[] = [];
    await evaluated('reference', 2, { progress: (done, total) => seen.push(done / total) });
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(1);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('share a network of several inputs', async () => {
    const gauss = normal(5);
    const bytes = writeOnnxGraph(
      {
        name: 'two',
        inputs: [
          { name: 'left', dtype: 'float32', shape: ['N', 3] },
          { name: 'right', dtype: 'float32', shape: ['N', 4] },
        ],
        outputs: [{ name: 'scores', dtype: 'float32', shape: ['N', 5] }],
        nodes: [
          node('join', 'Concat', ['left', 'right'], 'j', { axis: intAttribute(1) }),
          node('hidden', 'MatMul', ['j', 'w'], 'h'),
          node('relu', 'Relu', ['h'], 'r'),
          node('out', 'MatMul', ['r', 'v'], 'scores'),
        ],
        initializers: new Map<string, Tensor>([
          ['w', filled([7, 6], gauss)],
          ['v', filled([6, 5], gauss)],
        ]),
      },
      { opset: 13, irVersion: 8 },
    );
    const model = await folder.put('two.onnx', bytes);
    const inputs = new Map([
      ['left', filled([50, 3], gauss)],
      ['right', filled([50, 4], gauss)],
    ]);
    const data = await folder.put('two.npz', writeNpz(inputs));
    const two = folder.path('two.snn');
    await succeed('convert', model, '--calibration', data, '--coding', 'canonical', '-o', two);
    const { evaluate, engineNamed, loadNetwork, openDataset, prepare } = library;
    const network = await loadNetwork(two);
    const encoders = network.nodes.filter((one) => one.kind === 'encoder');
    const dataset = await openDataset(data, { inputs: encoders.map(({ name, shape }) => ({ name, shape })) });
    const { file: ann } = await prepare(model);
    const run = (workers: number) =>
      evaluate(network, dataset, { engine: engineNamed('reference'), ann, workers });
    const [alone, shared] = [await run(1), await run(2)];
    expect(shared.workers.used).toBe(2);
    expect(figures(shared)).toBe(figures(alone));
  });

  it('are no more than there are shards', async () => {
    expect((await evaluated('dense', 4, { limit: 20 })).workers).toEqual({ used: 1, asked: 4 });
  });
});

describe('a pool that is stopped', () => {
  it('reports the images until then', async () => {
    const controller = new AbortController();
    const progress = (done: number) => {
      if (done > 0) controller.abort();
    };
    const { interrupted, images, ann, snn, latency } = await evaluated('reference', 2, {
      progress,
      signal: controller.signal,
    });
    expect(interrupted).toEqual({ measured: images, of: IMAGES });
    expect(images).toBeGreaterThan(0);
    expect(images).toBeLessThan(IMAGES);
    // Whole numbers of right answers, of the images that were measured.
    for (const share of [ann.accuracy!, snn.accuracy!, snn.agreement!])
      expect(share * images).toBeCloseTo(Math.round(share * images), 9);
    expect(latency.whyNotMeasured).toBe('interrupted');
  });

  it('by Ctrl-C prints what it has and ends with 130', async () => {
    const args = ['evaluate', net, '--data', TEST_SET, '--engine', 'reference', '--workers', '2'];
    // Only on a terminal is there a bar, which tells when to interrupt.
    const terminal = ['--import', 'data:text/javascript,process.stderr.isTTY=true'];
    const child = spawn(process.execPath, [...terminal, built.path('cli/main.js'), ...args], {
      stdio: 'pipe',
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      if (err === '') child.kill('SIGINT');
      err += text.toString();
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    // The bar's line and nothing else: no error, no stack.
    expect(err.split('\r\x1b[K').every((line) => /^(evaluating .*)?$/.test(line))).toBe(true);
    expect(err.endsWith('\r\x1b[K')).toBe(true);
    expect(out).toMatch(/^interrupted after \d+ of \d+ images\n\nimages +\d+\n/);
  });
});

describe('an error inside a worker', () => {
  it('is the one that the calling thread would throw, once', async () => {
    const { data: some } = await (await library.openDataset(TEST_SET)).read(0, IMAGES);
    const data = floatTensor([IMAGES, 1, 8, 8], Float32Array.from(some));
    data.data[64 * 40] = Number.NaN;
    data.data[64 * 60] = Number.NaN;
    const path = await folder.put('nan.npz', writeNpz(new Map([['x', data]])));
    const failure = async (workers: number) => {
      const work = evaluated('reference', workers, { data: path });
      return work.then(
        () => null,
        ({ code, message }: Library.Ann2SnnError) => ({ code, message }),
      );
    };
    const alone = await failure(1);
    expect(alone).toMatchObject({ code: 'invalid-data' });
    expect(await failure(2)).toEqual(alone);
  });

  it('tells of a data set that opens to other images', async () => {
    const { evaluate, engineNamed, loadNetwork, openDataset } = library;
    const dataset = await openDataset(TEST_SET, { limit: IMAGES });
    const first = await (await openDataset(CALIBRATION_SET)).read(0, IMAGES);
    const changed = { ...dataset, read: async () => first };
    const work = evaluate(await loadNetwork(net), changed, { engine: engineNamed('reference'), workers: 2 });
    await expect(work).rejects.toMatchObject({ code: 'invalid-option', problems: [{ where: TEST_SET }] });
  });

  it('tells of a file that is gone', async () => {
    const { prepare } = library;
    const { file } = await prepare(MODEL);
    const gone = { ...file, path: folder.path('gone.onnx') };
    await expect(evaluated('reference', 2, { ann: gone })).rejects.toMatchObject({
      code: 'file-not-readable',
      problems: [{ where: gone.path }],
    });
  });

  it('does not arise for an engine of the caller, which is refused before', async () => {
    const { engineNamed } = library;
    const engine = { ...engineNamed('reference') };
    await expect(evaluated('reference', 2, { engine })).rejects.toMatchObject({
      code: 'invalid-option',
      problems: [{ where: 'workers' }],
    });
    expect((await evaluated('reference', 1, { engine })).images).toBe(IMAGES);
  });
});

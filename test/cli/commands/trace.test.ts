import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/data/dataset.ts';
import { preprocess } from '../../../src/data/preprocessing.ts';
import { reference } from '../../../src/engines/reference/index.ts';
import { TsaPopulation } from '../../../src/neurons/tsa.ts';
import { IntegerTsaPopulation } from '../../../src/neurons/tsa-integer.ts';
import { isSmall } from '../../../src/report/recording.ts';
import { neuronLayers } from '../../../src/snn/network/network.ts';
import { loadNetwork } from '../../../src/snn/network/network-store.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { png, sharp } from '../../data/sharp-present.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { readNpz } from '../../tensor/read-npz.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL, TEST_SET } from '../digits.ts';
import { misused, refused, succeed } from '../invoke.ts';

const folder = tempFolder();
const INT8 = MODEL.replace('digits.onnx', 'digits-int8.onnx');
const CONVERT_INT8 = ['convert', INT8, '--calibration', CALIBRATION_SET, '--scale', '16', '--look-ahead'];
let net = '';
let int8 = '';

beforeAll(async () => {
  net = folder.path('digits.snn');
  int8 = folder.path('int8.snn');
  await succeed(...CONVERT_DIGITS, '-o', net);
  await succeed(...CONVERT_INT8, '-o', int8);
});

describe('trace', () => {
  it.each([['float32'], ['integer']])('writes what the %s populations did', async (arithmetic) => {
    const path = arithmetic === 'integer' ? int8 : net;
    const output = folder.path(`${arithmetic}.npz`);
    await succeed('trace', path, '--data', TEST_SET, '--index', '3', '-o', output);
    const arrays = readNpz(await readFile(output), output);
    const network = await loadNetwork(path);
    expect(network.arithmetic).toBe(arithmetic);
    const raw = await (await openDataset(TEST_SET)).read(3, 4);
    const image = preprocess(raw, network.preprocessing, network.nodes[0]!.shape);
    const { trace, populations } = await watched(() =>
      reference.compile(network).then((c) => c.run(image, { spikes: true })),
    );
    const { T } = network.coding;
    neuronLayers(network).forEach((node, n) => {
      expect(arrays.get(`spikes/${node.name}`)!.data).toEqual(trace.layers.get(node.name)!.spikes);
      const g = arrays.get(`output/${node.name}`)!;
      expect(g.shape).toEqual([T, ...node.shape]);
      const { h, g: lastG } = populations[n] as {
        h: ArrayLike<number> | ArrayLike<number>[];
        g: ArrayLike<number>;
      };
      expect([...g.data.slice(-lastG.length)]).toEqual(Array.from(lastG));
      const sources = arithmetic === 'integer' ? (h as ArrayLike<number>[]) : [h as ArrayLike<number>];
      sources.forEach((last, k) => {
        const member = sources.length === 1 ? node.name : `${node.name}/source${k}`;
        const potentials = arrays.get(`potentials/${member}`)!;
        expect(potentials.shape).toEqual([T + node.Ts, ...node.potentialShape]);
        expect([...potentials.data.slice(-last.length)]).toEqual(Array.from(last));
      });
    });
  });

  it('writes rows of small layers, or of those that are named, and says so', async () => {
    const [output, csv] = [folder.path('t.npz'), folder.path('t.csv')];
    const text = await succeed('trace', net, '--data', TEST_SET, '-o', output, '--csv', csv);
    expect(text).toMatch(/^image 0, label \d, answer \d\n/);
    for (const file of [output, csv]) expect(text).toContain(`\nwrote ${file} (`);
    expect(text).not.toContain('not in');
    const small = (await readFile(csv, 'utf8')).trimEnd().split('\n');
    // Spikes of 64 pixels; spikes, output and potentials of 384 pooled neurons and of two layers of 768.
    const rowsOf = (neurons: number, wide = neurons) => 12 * 2 * neurons + 13 * wide;
    expect(small).toHaveLength(1 + 12 * 64 + rowsOf(384, 1536) + 2 * rowsOf(768));
    const layer = (neurons: number) => ({
      ...{ name: 'x', potentials: [] },
      spikes: tensor('int8', [2, neurons]),
    });
    expect([1024, 1025].map((neurons) => isSmall(layer(neurons)))).toEqual([true, false]);
    expect(small[1]).toBe('image,spikes,,1,0,0');
    const named = ['--layers', '/MaxPool_output_0', '--csv', csv];
    await succeed('trace', net, '--data', TEST_SET, '-o', output, ...named);
    const rows = (await readFile(csv, 'utf8')).trimEnd().split('\n');
    expect(rows.filter((row) => row.includes(',spikes,'))).toHaveLength(12 * 24 * 16);
    expect(rows.find((row) => row.includes(',output,'))).toMatch(/^\/MaxPool_output_0,output,,2,0,/);
    expect(rows.filter((row) => row.includes(',potentials,'))).toHaveLength(13 * 24 * 64);
    expect([...readNpz(await readFile(output), output).keys()]).toHaveLength(3);
  });

  it('refuses unknown layers and images, and leaves no file', async () => {
    const output = folder.path('none.npz');
    const data = ['--data', TEST_SET, '-o', output];
    const text = await refused('unknown-name', 'trace', net, ...data, '--layers', '/MaxPol_output_0');
    expect(text).toContain('did you mean "/MaxPool_output_0"?');
    expect(await refused('invalid-data', 'trace', net, ...data, '--index', '500')).toContain(
      `${TEST_SET}: expected an --index from 0 to 499, found 500`,
    );
    expect(existsSync(output)).toBe(false);
  });

  it.skipIf(sharp === null)(
    'traces a picture as the data set that it came from (skipped without sharp)',
    async () => {
      const raw = await (await openDataset(TEST_SET)).read(5, 6);
      const [, , height, width] = raw.shape as [number, number, number, number];
      const picture = await folder.put('five.png', await png(width, height, 1, Array.from(raw.data)));
      const [seen, known] = [folder.path('picture.npz'), folder.path('set.npz')];
      await succeed('trace', net, '--image', picture, '-o', seen);
      await succeed('trace', net, '--data', TEST_SET, '--index', '5', '-o', known);
      expect(await readFile(seen)).toEqual(await readFile(known));
    },
  );

  it('wants a picture or a data set, and an index of a data set', async () => {
    const either = 'expected either --image with a picture or --data with a data set';
    expect(await misused('trace', net, '-o', 'a.npz')).toContain(either);
    const both = ['--image', 'a.png', '--data', TEST_SET];
    expect(await misused('trace', net, ...both, '-o', 'a.npz')).toContain(either);
    expect(await misused('trace', net, '--image', 'a.png', '--index', '1', '-o', 'a.npz')).toContain(
      '--index',
    );
    expect(await misused('trace', net, '--data', TEST_SET, '--index', '-1', '-o', 'a.npz')).toContain(
      'whole number from 0',
    );
    expect(await misused('trace', net, '--data', TEST_SET, '-o', 'a.csv')).toContain('ends in .npz');
  });
});

/** Runs the engine and keeps its populations in the order of their layers: their last h and g are what is compared. */
async function watched<T>(
  run: () => Promise<T>,
): Promise<{ trace: T; populations: Record<string, unknown>[] }> {
  const populations: Record<string, unknown>[] = [];
  const restore = [TsaPopulation, IntegerTsaPopulation].map(({ prototype }) => {
    const { atEnd } = prototype;
    prototype.atEnd = function (this: typeof prototype) {
      populations.push(this as unknown as Record<string, unknown>);
      return atEnd.call(this as never);
    };
    return () => {
      prototype.atEnd = atEnd;
    };
  });
  try {
    return { trace: await run(), populations };
  } finally {
    for (const undo of restore) undo();
  }
}

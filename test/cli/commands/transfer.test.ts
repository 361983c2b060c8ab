// The committed direct-coded network of the digits, transferred to events from the command line.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readNir } from '../../../src/nir/read-nir.ts';
import { compileNir } from '../../../src/nir/simulation/program.ts';
import { writeNir } from '../../../src/nir/write-nir.ts';
import type { TransferSummary } from '../../../src/report/transfer.ts';
import { writeNpy } from '../../../src/tensor/npy.ts';
import { floatTensor } from '../../../src/tensor/tensor.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { full, graphOf } from '../../nir/simulation/tiny-graph.ts';
import { CALIBRATION_SET, TEST_SET } from '../digits.ts';
import { misused, refused, succeed } from '../invoke.ts';

const folder = tempFolder();
const DIRECT = fileURLToPath(new URL('../../../models/digits-direct.nir', import.meta.url));
const DATA = ['--calibration', CALIBRATION_SET, '--data', TEST_SET, '--scale', '16'];

describe('transfer of the digits', () => {
  it('comes within 2 points of the direct-coded network without a product; the naive switch does not', async () => {
    const [out, json] = [folder.path('events.nir'), folder.path('events.json')];
    const text = await succeed('transfer', DIRECT, ...DATA, '-o', out, '--json', json);
    const summary = JSON.parse(await readFile(json, 'utf8')) as TransferSummary;
    const of = (name: string) => summary.stages.find(({ stage }) => stage === name)!;
    const [direct, naive, transferred] = [of('direct'), of('naive'), of('biases')];
    expect(direct.accuracy).toBeGreaterThan(0.95);
    expect(transferred.accuracy).toBeGreaterThanOrEqual(direct.accuracy! - 0.02);
    expect(naive.accuracy).toBeLessThan(transferred.accuracy! - 0.03);
    expect(transferred.operations).toMatchObject({ macs: 0, macsOnce: 0 });
    // 22 * 22 pairs of a pixel and a tap of a padded 3x3 kernel, 16 channels, 8 steps.
    expect(direct.operations).toMatchObject({ macs: 22 * 22 * 16 * 8, macsOnce: 22 * 22 * 16 });
    expect(transferred.energyMj).toBeLessThan(direct.energyOnceMj);
    expect(text).toMatch(/^biases +9\d\.\d\d % /m);
    expect(text).toContain(`wrote ${out}`);

    const graph = await readNir(await readFile(out));
    expect(graph.metadata).toMatchObject({ steps: 8, dt: 1e-4, discretisation: 'euler', input: 'events' });
    expect(compileNir(graph, out).stages.get('conv1')!.reads).toBe('spikes');
  });

  it('writes the same bytes again', async () => {
    const few = ['--limit', '4', '--steps', '2', '--discretisation', 'exponential', '--dt', '1e-4'];
    const [first, second] = [folder.path('first.nir'), folder.path('second.nir')];
    for (const out of [first, second]) await succeed('transfer', DIRECT, ...DATA, ...few, '-o', out);
    expect(Buffer.compare(await readFile(first), await readFile(second))).toBe(0);
  });

  it('says which weights still multiply, where weights follow weights', async () => {
    const weight = full([2, 2], 1);
    const twice = graphOf(
      [2],
      {
        first: { type: 'Linear', weight },
        second: { type: 'Linear', weight },
        fire: { type: 'IF', r: full([2], 1), v_threshold: full([2], 1) },
      },
      [2],
    );
    const path = await folder.put('twice.nir', await writeNir(twice));
    const images = await folder.put('two.npy', writeNpy(floatTensor([3, 2], [0, 1, 0.5, 0.2, 1, 0])));
    const given = ['--calibration', images, '--data', images, '--steps', '4', '--dt', '1'];
    const text = await succeed('transfer', path, ...given, '-o', folder.path('twice-events.nir'));
    expect(text).toMatch(/^still MACs +second /m);
    expect(text).toMatch(/^biases +- /m);
  });
});

describe('what is refused', () => {
  const out = () => folder.path('never.nir');

  it('nodes that are not stepped, and a file that does not say its steps', async () => {
    const delayed = graphOf([1, 8, 8], { wait: { type: 'Delay', delay: full([1, 8, 8], 1) } }, [1, 8, 8]);
    const path = await folder.put('delay.nir', await writeNir(delayed));
    expect(await refused('unsupported-operator', 'transfer', path, ...DATA, '-o', out())).toMatch(
      /node "wait".*found Delay/,
    );
    const silent = await folder.put('silent.nir', await writeNir(graphOf([1, 8, 8], {}, [1, 8, 8])));
    expect(await refused('invalid-option', 'transfer', silent, ...DATA, '-o', out())).toMatch(
      /--steps: expected/,
    );
  });

  it('a file that is none, and other endings', async () => {
    await refused('invalid-network', 'transfer', TEST_SET, ...DATA, '-o', out());
    await refused('invalid-option', 'transfer', DIRECT, ...DATA, '--dt', '0', '-o', out());
    expect(await misused('transfer', DIRECT, ...DATA, '-o', 'x.snn')).toMatch(/ends in \.nir/);
  });
});

// The same shards on one worker thread and on two, in turn: what starting threads takes is not in it.
import { openDataset } from '../src/data/dataset.ts';
import { engineNamed } from '../src/engines/index.ts';
import { openPool } from '../src/workers/pool.ts';
import { stopFlag } from '../src/workers/runner.ts';
import { cutShards } from '../src/workers/shards.ts';
import { CASES, converted, median, root } from './cases.ts';

export const WORKER_COLUMNS = ['network', 'one worker, ms', 'two workers, ms', 'one over two'] as const;

const IMAGES = 480;
const ROUNDS = 3;

/** Rows of the ResNet-20s at T 8, by WORKER_COLUMNS. */
export async function workerRows(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const entry of CASES.filter(({ name }) => /^ResNet-20.*T 8/.test(name))) {
    const { network } = await converted(entry);
    const dataOptions = { limit: IMAGES };
    const dataset = await openDataset(`${root}${entry.images}`, dataOptions);
    const engine = engineNamed('auto');
    const subject = { network, dataset, engine, ann: undefined };
    const shards = cutShards(IMAGES, engine.batch(network), 0);
    const pools = await Promise.all(
      [1, 2].map((workers) =>
        openPool(subject, { workers, dataOptions, flag: stopFlag(), measured: () => {} }),
      ),
    );
    const times: [number[], number[]] = [[], []];
    for (let round = -1; round < ROUNDS; round++) {
      for (const [i, pool] of pools.entries()) {
        const began = performance.now();
        await Promise.all(shards.map((shard) => pool.measure(shard)));
        if (round >= 0) times[i as 0 | 1].push((performance.now() - began) / IMAGES);
      }
    }
    for (const pool of pools) await pool.close();
    const [one, two] = times.map(median) as [number, number];
    const ratio = median(times[0].map((time, i) => time / times[1][i]!));
    rows.push([entry.name, one.toFixed(2), two.toFixed(2), ratio.toFixed(2)]);
  }
  return rows;
}

import { totalmem } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { engineNamed } from '../../src/engines/index.ts';
import type { Subject } from '../../src/workers/measurement.ts';
import { allowedBytes, workerBytes, workersFor } from '../../src/workers/memory.ts';
import { TEST_SET } from '../cli/digits.ts';
import { digitsNetwork } from './digits-network.ts';

const [plain] = [[{ from: 0, to: 1, diagnosed: false }]];
let subject: Subject;

beforeAll(async () => {
  const { network } = await digitsNetwork();
  subject = { network, dataset: await openDataset(TEST_SET), engine: engineNamed('dense'), ann: undefined };
});

describe('the memory of a worker', () => {
  it('grows with the weights, the batch and the data set', () => {
    const { network, engine } = subject;
    const bytes = workerBytes(subject, plain, 0);
    expect(workerBytes(subject, plain, 1000) - bytes).toBe(1000);
    const twice = { ...engine, batch: () => 2 * engine.batch(network) };
    const largest = Math.max(...network.nodes.map(({ shape }) => shape.reduce((a, b) => a * b, 1)));
    expect(workerBytes({ ...subject, engine: twice }, plain, 0) - bytes).toBe(
      4 * 4 * largest * network.coding.T * engine.batch(network),
    );
    const heavier = new Map([
      ...network.constants,
      ['more', { dtype: 'float32', shape: [250], data: new Float32Array(250) }] as const,
    ]);
    expect(workerBytes({ ...subject, network: { ...network, constants: heavier } }, plain, 0) - bytes).toBe(
      4000,
    );
    expect(workerBytes(subject, [{ from: 0, to: 1, diagnosed: true }], 0)).toBeGreaterThan(bytes);
  });

  it('is at most half of the machine in all', () => {
    expect(allowedBytes()).toBe(Math.floor(totalmem() / 2));
    expect(workersFor(4, 100, 10, 100)).toBe(4);
    expect(workersFor(4, 100, 30, 100)).toBe(3);
    expect(workersFor(4, 2, 10, 100)).toBe(2);
    expect(workersFor(4, 100, 1000, 100)).toBe(1);
  });
});

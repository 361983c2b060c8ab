// Running examples/python on a network and images that a test has in memory.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Network } from '../../src/snn/network/network.ts';
import { writeNetwork } from '../../src/snn/network/network-file.ts';
import { writeNpz } from '../../src/tensor/npz.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { readNpz } from '../tensor/read-npz.ts';

const CLASSIFY = fileURLToPath(new URL('../../examples/python/classify.py', import.meta.url));

/** A Python that has numpy, or null; suites say so in their titles. */
export const python =
  ['/usr/bin/python3', 'python3'].find(
    (candidate) => spawnSync(candidate, ['-c', 'import numpy']).status === 0,
  ) ?? null;

/** What a skipped title ends with. */
export const NEEDS_NUMPY = '(needs python3 with numpy, skipped where it is absent)';

/** Runs the example's command; -B keeps it from writing compiled files beside its own. */
export function classify(...args: string[]) {
  return spawnSync(python!, ['-B', '-W', 'error', CLASSIFY, ...args], { encoding: 'utf8' });
}

/**
 * What the example writes of a network on raw images [N, ...]: `logits/NAME` and `spikes/NAME`, [T, N, ...shape].
 * @param images of a network of several inputs, those of each by its name
 */
export function simulateInPython(
  network: Network,
  images: Tensor | ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  const folder = mkdtempSync(join(tmpdir(), 'ann2snn-python-'));
  try {
    const [net, data, run] = ['net.snn', 'images.npz', 'run.npz'].map((name) => join(folder, name));
    writeFileSync(net!, writeNetwork(network));
    writeFileSync(data!, writeNpz(images instanceof Map ? images : new Map([['x', images as Tensor]])));
    const { status, stderr } = classify(net!, data!, '-o', run!);
    if (status !== 0) throw new Error(stderr);
    return readNpz(readFileSync(run!), run!);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// `export` in a process of its own, told to end while it writes, and on a disk with no room: nothing half written is left.
import { spawn, spawnSync } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { type Network, neuronLayers } from '../../src/snn/network/network.ts';
import { writeNetwork } from '../../src/snn/network/network-file.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { dyadicNetwork } from '../engines/dyadic-network.ts';
import { filled } from '../snn/tiny.ts';
import { builtLibrary } from '../workers/built.ts';

const folder = tempFolder();
const built = builtLibrary();

/** A network with a constant that no node reads, so large that writing it takes a while. */
function largeNetwork(megabytes: number): Network {
  const { network } = dyadicNetwork(1);
  expect(neuronLayers(network).length).toBeGreaterThan(0);
  const ballast = filled([megabytes * 2 ** 18], () => 0);
  return { ...network, constants: new Map([...network.constants, ['ballast', ballast]]) };
}

const command = (...args: string[]) => [built.path('cli/main.js'), 'export', ...args];

it.each(['SIGINT', 'SIGTERM'] as const)('%s while it writes', async (signal) => {
  const place = folder.path(signal);
  await mkdir(place, { recursive: true });
  const net = await folder.put('large.snn', writeNetwork(largeNetwork(48)));
  const child = spawn(
    process.execPath,
    command(net, '--format', 'safetensors', '-o', `${place}/out.safetensors`),
  );
  let seen = false;
  const watcher = watch(place, () => {
    seen = true;
    child.kill(signal);
  });
  const ended = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
  watcher.close();
  expect(seen).toBe(true);
  expect(ended).toBe(signal);
  expect(await readdir(place)).toEqual([]);
});

it.skipIf(process.platform === 'win32')('a file larger than it may be', async () => {
  const place = folder.path('limited');
  await mkdir(place, { recursive: true });
  await writeFile(`${place}/net.snn`, writeNetwork(largeNetwork(1)));
  // A limit on the size of files, in blocks of 512 bytes or of 1024: less than the network either way.
  const run = ['-c', 'ulimit -f 100; trap "" XFSZ; exec "$0" "$@"', process.execPath];
  const args = command(`${place}/net.snn`, '--format', 'safetensors', '-o', `${place}/out.safetensors`);
  const { status, stderr } = spawnSync('/bin/sh', [...run, ...args], { encoding: 'utf8' });
  expect(stderr).toMatch(/^error \[file-not-writable\]\n.*out\.safetensors: EFBIG/);
  expect(status).toBe(1);
  expect(await readdir(place)).toEqual(['net.snn']);
});

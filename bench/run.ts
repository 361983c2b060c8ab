// `npm run bench`: what the engines take beside the plain ANN in ONNX Runtime, how that grows, and what a second worker
// gives, one thread each unless said. Everything that a ratio is made of is measured in turn, so that a drifting machine
// cancels out. The tables are printed and written to bench/results/.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { costTable } from '../src/engines/auto/cost-table.ts';
import { CASES, root } from './cases.ts';
import { ENGINE_COLUMNS, engineTimes } from './engine-times.ts';
import { growthWithSpikes, growthWithSteps } from './growth.ts';
import { WORKER_COLUMNS, workerRows } from './worker-times.ts';

const began = performance.now();
const date = new Date().toISOString().slice(0, 10);
const machine = `${cpus()[0]!.model.trim()}, ${cpus().length} cores`;
const report: string[] = [];

function say(text: string): void {
  console.log(text);
  report.push(text);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

say(`# Engines on ${date}\n`);
say(`${machine}, Node ${process.version}; cost table of ${costTable.date}. \`npm run bench\`.\n`);
say('## Time per image\n');
say(
  '"x T x ANN": time over T times that of the ANN at its own best batch. SyOPs by true fan-out. "of the limit": what the kernels of layers with 64 channels and more take by themselves, over what they take in the network. "x best": auto over the better of dense and event, each at the batch that `evaluate` gives it.\n',
);
const rows: string[][] = [];
const sizes: string[] = [];
for (const entry of CASES) {
  if (!existsSync(`${root}${entry.model}`)) {
    console.log(`${entry.name}: skipped, ${entry.model} is absent`);
    continue;
  }
  const times = await engineTimes(entry);
  rows.push(...times.rows);
  sizes.push(times.size);
}
say(`${markdown(ENGINE_COLUMNS, rows)}\n`);
say(`With the size of the network, event engine:\n\n${sizes.map((size) => `- ${size}`).join('\n')}\n`);

const steps = CASES.find(({ name }) => name.startsWith('ResNet-20, T 8'))!;
if (existsSync(`${root}${steps.model}`)) {
  say('## Growth, event engine, ResNet-20\n');
  say(`${await growthWithSteps(steps)}\n`);
  say(`${await growthWithSpikes(steps)}\n`);
  say('## Two workers, engine auto, without the ANN\n');
  say(`${markdown(WORKER_COLUMNS, await workerRows())}\n`);
}
console.log(`${((performance.now() - began) / 1000).toFixed(0)} s in all`);

const slug = machine
  .toLowerCase()
  .replace(/[^a-z0-9]+/g, '-')
  .replace(/-$/, '');
mkdirSync(`${root}bench/results`, { recursive: true });
writeFileSync(`${root}bench/results/${date}-${slug}.md`, `${report.join('\n').trim()}\n`);

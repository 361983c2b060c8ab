// README says what the code does: its example is the file that runs here, its tables come from the lists.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commands } from '../src/cli/commands/index.ts';
import { datasetReaders } from '../src/data/index.ts';
import { encoders } from '../src/encoders/index.ts';
import { engines } from '../src/engines/index.ts';
import { exporters } from '../src/export/index.ts';
import { neurons } from '../src/neurons/index.ts';
import { signalEncoders } from '../src/signals/index.ts';
import { codings } from '../src/snn/network/coding.ts';

const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
const example = readFileSync(fileURLToPath(new URL('../examples/library.ts', import.meta.url)), 'utf8');

describe('README', () => {
  afterEach(() => vi.restoreAllMocks());

  it('shows the library example that runs', async () => {
    expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
    const printed: unknown[][] = [];
    vi.spyOn(console, 'log').mockImplementation((...values) => {
      printed.push(values);
    });
    await import('../examples/library.ts');
    const [accuracy, spikesPerNeuron, ratio] = printed[0] as [number, number, number];
    expect(accuracy).toBeGreaterThan(0.97);
    expect(spikesPerNeuron).toBeGreaterThan(0.5);
    expect(spikesPerNeuron).toBeLessThan(2.5);
    expect(ratio).toBeGreaterThan(0.1);
    expect(ratio).toBeLessThan(0.6);
    expect(example.split('\n').filter((line) => line !== '').length).toBeLessThan(15);
  });

  it.each([
    ['command', commands],
    ['data reader', datasetReaders],
    ['encoder', encoders],
    ['engine', engines],
    ['export format', exporters],
    ['neuron', neurons],
    ['signal encoder', signalEncoders],
    ['coding', codings],
  ])('names every %s', (_, list) => {
    for (const { name } of list) expect(readme).toContain(`\`${name}\``);
  });
});

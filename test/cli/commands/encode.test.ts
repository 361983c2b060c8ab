import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readSignal } from '../../../src/signals/signal-file.ts';
import { sharp } from '../../data/sharp-present.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { invoke, misused, refused, succeed } from '../invoke.ts';

const folder = tempFolder();

/** Two features with a header line and a column that is no feature: times that are not even. */
async function csvFile(): Promise<string> {
  const path = folder.path('signal.csv');
  const rows = Array.from({ length: 200 }, (_, t) =>
    [t + (t % 2) / 4, Math.sin(t / 9), 20 + Math.cos(t / 31)].join(','),
  );
  await writeFile(path, `time,speed,temperature\n${rows.join('\n')}\n`);
  return path;
}

describe('encode', () => {
  it('without a signal encodes a synthetic vibration', async () => {
    const text = await succeed('encode');
    expect(text).toContain('sf: step-forward, reference rules');
    expect(text).toContain('1 feature, 3000 samples');
  });

  it.each(['npz', 'npy', 'csv'])('writes spikes as .%s that decode reads', async (format) => {
    const signal = await csvFile();
    const [spikes, json, decoded, direct] = [`s.${format}`, 's.json', 'd.csv', 'r.csv'].map(folder.path) as [
      string,
      string,
      string,
      string,
    ];
    const input = [
      'encode',
      signal,
      '--columns',
      'temperature,speed',
      '--method',
      'lif',
      '--set',
      'leak=0.3',
    ];
    await succeed(...input, '-o', spikes, '--json', json, '--reconstruction', direct);
    const said = await succeed('decode', spikes, '--encoding', json, '-o', decoded);
    expect(said).toBe(`wrote ${decoded}: 2 features, 200 samples\n`);
    const again = JSON.parse(await succeed('decode', spikes, '--encoding', json, '-o', decoded, '--json'));
    expect(again).toEqual({ file: decoded, method: 'lif', features: ['temperature', 'speed'], time: 200 });
    expect(await readFile(decoded, 'utf8')).toBe(await readFile(direct, 'utf8'));
    expect((await readSignal(decoded)).features.map(({ name }) => name)).toEqual(['temperature', 'speed']);
  });

  it('says what it wrote, and what decoding it will take', async () => {
    const spikes = folder.path('said.npz');
    const record = ['--json', folder.path('said.json')];
    const said = await succeed('encode', '-o', spikes);
    expect(said).toMatch(/\nwrote .*said\.npz\nto decode it later keep the record: --json FILE\n$/);
    expect(await succeed('encode', '-o', spikes, ...record)).toMatch(/\nwrote .*said\.npz\n$/);
  });

  it('notes a first column that looks like time', async () => {
    const rows = Array.from({ length: 50 }, (_, t) => `${(t / 30).toFixed(4)},${Math.sin(t / 9)}`);
    const path = await folder.put('timed.csv', `t,v\n${rows.join('\n')}\n`);
    const err = 'note: column t looks like time; --columns v leaves it out\n';
    expect(await invoke('encode', path)).toMatchObject({ code: 0, err });
    await succeed('encode', path, '--columns', 'v');
  });

  it('gives the same JSON every time, with the search or without', async () => {
    const signal = await csvFile();
    const json = (...more: string[]) => succeed('encode', signal, '--method', 'bsa', '--json', ...more);
    expect(await json('--optimise', '--trials', '12')).toBe(await json('--optimise', '--trials', '12'));
    const record = JSON.parse(await json('--optimise', '--trials', '12'));
    expect(record).toMatchObject({ signal: 'signal.csv', method: 'bsa', behaviour: 'reference', trials: 12 });
    expect(record.features).toHaveLength(3);
    const fixed = JSON.parse(await json('--optimise', '--trials', '12', '--set', 'filterOrder=40'));
    expect(fixed.features[0].parameters.filterOrder).toBe(40);
    expect(JSON.parse(await json('--corrected')).behaviour).toBe('corrected');
  });

  it('encodes another signal like an earlier one', async () => {
    const signal = await csvFile();
    const json = folder.path('like.json');
    await succeed('encode', signal, '--columns', 'speed', '--method', 'pwm', '--optimise', '--json', json);
    const earlier = JSON.parse(await readFile(json, 'utf8'));
    const again = JSON.parse(
      await succeed('encode', signal, '--columns', 'temperature', '--like', json, '--json'),
    );
    expect(again.method).toBe('pwm');
    expect(again.features[0]).toMatchObject({
      name: 'temperature',
      low: earlier.features[0].low,
      high: earlier.features[0].high,
      parameters: earlier.features[0].parameters,
    });
    expect(await refused('invalid-data', 'encode', signal, '--like', json)).toContain(
      'expected an encoding of 3 features, as the signal has, found one of 1',
    );
  });

  it('compares methods: the table of the talk', async () => {
    const signal = await csvFile();
    const text = await succeed('encode', signal, '--compare', '--trials', '5', '--columns', 'speed');
    for (const name of ['lif', 'sf', 'pwm', 'bsa', 'bin', 'rate'])
      expect(text).toMatch(new RegExp(`^${name} `, 'm'));
    expect(text).toMatch(/^error {11}sf < /m);
    const json = await succeed(
      'encode',
      signal,
      '--compare',
      '--trials',
      '5',
      '--method',
      'sf,rate',
      '--json',
    );
    const { methods } = JSON.parse(json);
    expect(methods.map(({ method }: { method: string }) => method)).toEqual(['sf', 'rate']);
    expect(methods[0].optimised.mse).toBeLessThanOrEqual(methods[0].defaults.mse);
    expect(methods[0].parameters).toHaveLength(3);
    expect(methods[1].optimised).toBe(null);
  });

  it.skipIf(sharp === null)('writes a plot for each feature or method (needs sharp)', async () => {
    const [plots, compared] = [folder.path('plots'), folder.path('compared')];
    const said = await succeed('encode', await csvFile(), '--columns', 'speed,temperature', '--plots', plots);
    expect(said).toContain(`${plots}   4 files: sf-1-speed.svg, sf-1-speed.png`);
    expect(await readFile(`${plots}/sf-2-temperature.svg`, 'utf8')).toMatch(
      /^<svg .*>temperature<.*>sample</s,
    );
    const some = ['--compare', '--method', 'sf,rate', '--trials', '2'];
    await succeed('encode', ...some, '--plots', compared);
    expect((await readdir(compared)).sort()).toEqual(['rate.png', 'rate.svg', 'sf.png', 'sf.svg']);
  });

  it('says what the corrected rules would give', async () => {
    expect(await succeed('encode', '--method', 'pwm')).toMatch(/MSE .* with --corrected: 0\.\d+/);
    expect(await succeed('encode', '--method', 'pwm', '--corrected')).not.toContain('with --corrected');
  });

  it('lists every method with its parameters', async () => {
    const help = await succeed('encode', '--help');
    expect(help).toContain('threshold = 0.5');
    expect(help).toContain('filterCutoff = 0.2');
  });

  it('refuses signals, methods, parameters and columns that it cannot use, and leaves no file', async () => {
    const signal = await csvFile();
    const output = folder.path('none.npy');
    const bad = folder.path('bad.csv');
    await writeFile(bad, 'a,b\n1,x\n');
    expect(await refused('invalid-data', 'encode', bad, '-o', output)).toContain(
      `${bad}: row 2, column 2 (b): expected a number, found "x"`,
    );
    expect(await refused('unknown-name', 'encode', signal, '--method', 'bsb', '-o', output)).toContain(
      'did you mean "bsa"?',
    );
    expect(await refused('unknown-name', 'encode', signal, '--columns', 'speeds')).toContain(
      'expected features among time, speed, temperature, found "speeds"',
    );
    const faults = ['--set', 'threshold=-1', '--set', 'downSpikes=1', '--set', 'x=1', '-o', output];
    const text = await refused('invalid-option', 'encode', signal, ...faults);
    expect(text).toContain('threshold: expected a number from');
    expect(text).toContain('downSpikes: expected true or false, found "1"');
    expect(text).toContain('x: expected one of the parameters threshold, downSpikes, start');
    expect(await refused('invalid-option', 'encode', '--method', 'rate', '--optimise')).toContain(
      'expected a parameter to optimise',
    );
    await refused('file-not-readable', 'encode', folder.path('absent.csv'));
    expect(existsSync(output)).toBe(false);
  });

  it('is told when options contradict each other', async () => {
    expect(await misused('encode', '--compare', '-o', 'a.npz', '--set', 'threshold=1')).toContain(
      'expected no --set, --output beside --compare',
    );
    expect(await misused('encode', '--like', 'a.json', '--method', 'sf')).toContain(
      'expected no --method beside --like',
    );
    expect(await misused('encode', '--trials', '3')).toContain(
      'expected --optimise or --compare with --trials',
    );
    expect(await misused('encode', '--range', '2,1')).toContain('the lower first');
    expect(await misused('encode', '-o', 'a.txt')).toContain('.npz or .npy or .csv');
  });
});

describe('decode', () => {
  it('refuses spikes of another encoding', async () => {
    const signal = await csvFile();
    const [spikes, json] = [folder.path('d.npy'), folder.path('d.json')];
    await succeed('encode', signal, '-o', spikes);
    await succeed('encode', signal, '--columns', 'speed', '--json', json);
    const output = folder.path('never.csv');
    expect(await refused('invalid-data', 'decode', spikes, '--encoding', json, '-o', output)).toContain(
      'expected spikes [200], as the encoding says, found [3, 200]',
    );
    expect(existsSync(output)).toBe(false);
  });
});

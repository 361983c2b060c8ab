// Round trips through files: the spikes and the record beside them are all that decoding takes.
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { decodeSignal, encodeSignal } from '../../src/signals/encoding.ts';
import { encodingRecord, parseEncodingRecord } from '../../src/signals/encoding-record.ts';
import { signalEncoders } from '../../src/signals/index.ts';
import { type MeasuredEncoding, measureEncoding } from '../../src/signals/measure.ts';
import { readSignal, writeSignal } from '../../src/signals/signal-file.ts';
import { readSpikes, SPIKE_FORMATS, writeSpikes } from '../../src/signals/spike-file.ts';
import { writeNpy } from '../../src/tensor/npy.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { readNpz } from '../tensor/read-npz.ts';
import { encodeBy, signalFrom } from './signals.ts';

const folder = tempFolder();
const wave = Array.from({ length: 30 }, (_, t) => Math.sin(t / 4) / 3);
const two = signalFrom(
  wave,
  wave.map((x, t) => 5 * x + t / 10),
);
const bytesOf = (measured: MeasuredEncoding) =>
  new TextEncoder().encode(JSON.stringify(encodingRecord(measured, { source: 'a.csv', trials: 0 })));

describe('spike files', () => {
  it.each(signalEncoders.flatMap(({ name }) => SPIKE_FORMATS.map((format) => [name, format] as const)))(
    '%s as .%s decodes to the same signal',
    async (name, format) => {
      for (const signal of [two, signalFrom(wave)]) {
        const encoder = signalEncoders.find((candidate) => candidate.name === name)!;
        const measured = measureEncoding(signal, encodeSignal(encoder, signal, { behaviour: 'corrected' }));
        const path = folder.path(`${name}.${format}`);
        await writeFile(path, writeSpikes(measured, format));
        const settings = parseEncodingRecord(bytesOf(measured), 'a.json');
        const read = await readSpikes(path, settings);
        expect(read.spikes).toEqual(measured.encoding.spikes);
        expect(decodeSignal(read)).toEqual(measured.reconstruction);
      }
    },
  );

  it('as .npz hold what a plot shows', () => {
    const measured = measureEncoding(two, encodeBy('bin', two));
    const arrays = readNpz(writeSpikes(measured, 'npz') as Uint8Array, 'a.npz');
    expect([...arrays].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['spikes', 'int8', [2, 10, 300]],
      ['signal', 'float64', [2, 30]],
      ['reconstruction', 'float64', [2, 30]],
    ]);
    expect([...arrays.get('signal')!.data.subarray(0, 30)]).toEqual(wave);
  });

  it('as .csv have a column for each train', () => {
    const signal = signalFrom([0, 1, -1]);
    const text = writeSpikes(measureEncoding(signal, encodeBy('sf', signal, { threshold: 0.4 })), 'csv');
    expect(text).toBe('x0\n0\n1\n-1\n');
    const rates = writeSpikes(measureEncoding(signal, encodeBy('rate', signal, { steps: 1 })), 'csv');
    expect(rates).toBe('x0/0,x0/1\n0,0\n1,0\n0,1\n');
  });

  it('that do not belong to the record are refused', async () => {
    const measured = measureEncoding(two, encodeBy('sf', two));
    const settings = parseEncodingRecord(bytesOf(measured), 'a.json');
    const path = folder.path('bad.npy');
    await writeFile(path, writeNpy(tensor('int8', [30, 2])));
    await expect(readSpikes(path, settings)).rejects.toThrow(
      'expected spikes [2, 30], as the encoding says, found [30, 2]',
    );
    const data = new Int8Array(60);
    data[31] = 2;
    await writeFile(path, writeNpy(tensor('int8', [2, 30], data)));
    await expect(readSpikes(path, settings)).rejects.toThrow(
      'element 31: expected a spike of -1, 0 or 1, found 2',
    );
    await writeFile(folder.path('bad.csv'), 'a\n1\n');
    await expect(readSpikes(folder.path('bad.csv'), settings)).rejects.toThrow('found [1, 1]');
    await expect(readSpikes(folder.path('bad.txt'), settings)).rejects.toThrow('.npz, .npy, .csv');
  });
});

describe('records', () => {
  const measured = measureEncoding(two, encodeBy('lif', two));
  const record = encodingRecord(measured, { source: 'a.csv', trials: 0 });
  const parse = (value: unknown) =>
    parseEncodingRecord(new TextEncoder().encode(JSON.stringify(value)), 'r.json');

  it('hold no time of the clock', () => {
    expect(bytesOf(measureEncoding(two, encodeBy('lif', two)))).toEqual(bytesOf(measured));
  });

  it('that are wrong are refused, field by field', () => {
    expect(() => parseEncodingRecord(new TextEncoder().encode('{'), 'r.json')).toThrow(
      'r.json: expected the JSON',
    );
    expect(() => parse({ ...record, method: 'lit' })).toThrow('did you mean "lif"?');
    expect(() => parse({ ...record, behaviour: 'x', time: -1 })).toThrow(
      /r\.json: behaviour.*\n.*r\.json: time/,
    );
    const [first, second] = record.features;
    const broken = { ...second, parameters: { ...second!.parameters, leak: 3, lek: 1 } };
    expect(() => parse({ ...record, features: [first, broken] })).toThrow(
      /r\.json: x1: leak: expected a number from 0 to 1, found 3\n.*lek: expected one of the parameters/,
    );
    expect(() => parse({ ...record, flat: true })).toThrow('expected one feature of a flat signal, found 2');
  });

  it('give every feature the same trains and steps', () => {
    const rates = encodingRecord(measureEncoding(two, encodeBy('rate', two)), { source: 'a', trials: 0 });
    const [first, second] = rates.features;
    const other = { ...second, parameters: { ...second!.parameters, steps: 3 } };
    expect(() => parse({ ...rates, features: [first, other] })).toThrow('expected equal channels and steps');
  });
});

describe('signal files', () => {
  it.each(['csv', 'npy'] as const)('.%s read back the same', async (format) => {
    for (const signal of [two, signalFrom(wave)]) {
      const path = folder.path(`signal.${format}`);
      await writeFile(path, writeSignal(signal, format));
      expect(await readSignal(path)).toEqual(signal);
    }
  });

  it('of another rank, kind or content are refused', async () => {
    const path = folder.path('rank.npy');
    await writeFile(path, writeNpy(tensor('float32', [2, 3, 4])));
    await expect(readSignal(path)).rejects.toThrow('expected a signal [time] or [features, time]');
    await writeFile(path, writeNpy(tensor('float32', [2, 2], [0, 1, Number.NaN, 2])));
    await expect(readSignal(path)).rejects.toThrow('feature x1, sample 0: expected a number, found NaN');
    await expect(readSignal(folder.path('a.wav'))).rejects.toThrow('.csv or .npy');
    await expect(readFile(folder.path('a.wav'))).rejects.toThrow();
  });
});

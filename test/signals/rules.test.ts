// Spike for spike and value for value against the reference's rules in numpy (rules.py), on signals with noise.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeSignal } from '../../src/signals/encoding.ts';
import { signalTensor } from '../../src/signals/signal.ts';
import { syntheticVibration } from '../../src/signals/synthetic-vibration.ts';
import { writeNpy } from '../../src/tensor/npy.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { NEEDS_NUMPY, python } from '../examples/python.ts';
import { encodeBy, signalFrom } from './signals.ts';

const RULES = fileURLToPath(new URL('rules.py', import.meta.url));
const folder = tempFolder();

type Answer = Readonly<Record<string, { readonly spikes: number[]; readonly decoded: number[] }>>;

/** Parameters by their names here, and there. */
const settings = [
  {
    lif: { threshold: 0.5, leak: 0.9 },
    pwm: { frequency: 1 },
    bsa: { threshold: 0.5, order: 10, cutoff: 0.2 },
  },
  {
    lif: { threshold: 0.3, leak: 0.4 },
    pwm: { frequency: 77.3 },
    bsa: { threshold: 0.8, order: 37, cutoff: 0.08 },
  },
  {
    lif: { threshold: 0.1, leak: 0.1 },
    pwm: { frequency: 601 },
    bsa: { threshold: 0.4, order: 5, cutoff: 0.25 },
  },
];

describe.skipIf(python === null)(`the reference's rules in numpy ${NEEDS_NUMPY}`, () => {
  it.each(settings)('%j', (given) => {
    const rows = [1, 2, 3].map((seed) => syntheticVibration({ time: 600, seed }).features[0]!.values);
    const signal = signalFrom(...rows);
    const [signals, options] = [folder.path('signals.npy'), folder.path('settings.json')];
    writeFileSync(signals, writeNpy(signalTensor(signal)));
    writeFileSync(options, JSON.stringify(given));
    const { stdout, stderr } = spawnSync(python!, ['-B', RULES, signals, options], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const answers = JSON.parse(stdout) as Answer[];
    const { threshold, order, cutoff } = given.bsa;
    const ours = {
      lif: given.lif,
      pwm: given.pwm,
      bsa: { threshold, filterOrder: order, filterCutoff: cutoff },
    };
    for (const [method, values] of Object.entries(ours)) {
      const encoding = encodeBy(method, signal, values);
      const decoded = decodeSignal(encoding);
      answers.forEach((answer, f) => {
        const { spikes, decoded: expected } = answer[method]!;
        expect([...encoding.spikes[f]!]).toEqual(spikes.map((s) => s + 0));
        expected.forEach((value, t) => {
          expect(decoded.features[f]!.values[t]).toBeCloseTo(value, 10);
        });
      });
    }
  });
});

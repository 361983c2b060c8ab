import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Calibration } from '../../../src/calibration/calibration.ts';
import type { ConversionSummary } from '../../../src/report/conversion.ts';
import { neuronLayers } from '../../../src/snn/network/network.ts';
import { readNetwork, writeNetwork } from '../../../src/snn/network/network-file.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { withoutRates } from '../../snn/without-rates.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL, TEST_SET } from '../digits.ts';
import { invoke, misused, refused, succeed } from '../invoke.ts';
import { node, tinyOnnx } from '../tiny-onnx.ts';

const folder = tempFolder();
let calibrated = '';

beforeAll(async () => {
  calibrated = folder.path('calibrated.json');
  await succeed('calibrate', MODEL, '--data', CALIBRATION_SET, '--scale', '16', '-o', calibrated);
});

/** Converts the digits with further options and reads the network back. */
async function network(name: string, ...options: string[]) {
  const path = folder.path(name);
  await succeed('convert', MODEL, '--calibration', calibrated, '-o', path, ...options);
  return readNetwork(await readFile(path), path);
}

describe('convert', () => {
  it('makes the same bytes from its images again, and but for spike rates from the calibration file', async () => {
    const paths = ['from-file.snn', 'from-images.snn', 'again.snn'].map(folder.path);
    await succeed('convert', MODEL, '--calibration', calibrated, '-o', paths[0]!);
    await succeed(...CONVERT_DIGITS, '-o', paths[1]!);
    await succeed(...CONVERT_DIGITS, '-o', paths[2]!);
    const [fromFile, fromImages, again] = await Promise.all(paths.map((path) => readFile(path)));
    expect(again!.equals(fromImages!)).toBe(true);
    const [file, images] = [fromFile!, fromImages!].map((bytes) => readNetwork(bytes, 'made'));
    expect(images).not.toEqual(file);
    expect(fromFile!.equals(writeNetwork(withoutRates(images!)))).toBe(true);
  });

  it('says what it made, as text and as JSON', async () => {
    const path = folder.path('told.snn');
    const args = ['convert', MODEL, '--calibration', calibrated, '-o', path];
    expect(await succeed(...args)).toBe(
      [
        `${path}: digits.onnx as 1920 TSA neurons in 3 layers`,
        'css coding: T 12, beta 1.5, Ts 1, phi 0.5; amplitudes: percentile 99.99',
        "input: x' = pixel / 16   (no --mean, no --std: right only for a network trained so)",
        'arithmetic: float32 (the weights of Conv "/stem/stem.0/Conv" are not quantized)',
        'latency 15 steps through 3 TSA layers on the longest path, a new image every 13',
        '',
      ].join('\n'),
    );
    expect(JSON.parse(await succeed(...args, '--json'))).toEqual({
      file: path,
      model: 'digits.onnx',
      coding: { name: 'css', T: 12, beta: 1.5, Ts: 1, phi: 0.5, encoder: 'css' },
      amplitudes: 'percentile 99.99',
      preprocessing: { scale: 16, mean: [0], std: [1], channels: 'as-is' },
      largestPixel: null,
      layers: 3,
      neurons: 1920,
      latency: { steps: 15, tsaLayers: 3, interval: 13 },
      respiked: [],
      cautions: [],
      analog: { products: [], decoded: [], reEncoded: [], reEncoders: 0, fedByCurrents: [], macs: 0 },
      arithmetic: 'float32',
      bits: null,
      whyFloat: 'the weights of Conv "/stem/stem.0/Conv" are not quantized',
      lookAhead: null,
      silentSearch: null,
      adjustment: null,
    });
  });

  it('notes that 8-bit images fill little of the range that they are divided by, where no scale was given', async () => {
    const args = ['convert', MODEL, '--calibration', CALIBRATION_SET, '-o', folder.path('faint.snn')];
    const limited = [...args, '--limit', '20'];
    const note =
      'note: the largest pixel is 16, and pixels are divided by 255; give --scale 16 if the network was trained on pixel / 16';
    expect((await succeed(...limited)).split('\n')).toContain(note);
    for (const scale of ['16', '255'])
      expect(await succeed(...limited, '--scale', scale)).not.toContain('note:');
  });

  it('adjusts amplitudes from residuals where asked to, and says what it did', async () => {
    const path = folder.path('adjusted.snn');
    const images = [
      ...CONVERT_DIGITS,
      '--limit',
      '30',
      '--steps',
      '6',
      '--beta',
      '2',
      '--silent',
      '0',
      '-o',
      path,
    ];
    const text = await succeed(...images, '--adjust', '2');
    expect(text).toMatch(/amplitudes: percentile 99.99, adjusted (once|2 times)\n/);
    expect(text).toMatch(
      /\nadjusted, round 1: \d layers; largest residual [\d.]+ theta before, [\d.]+ after \(30 images\)\n/,
    );
    const { adjustment } = JSON.parse(
      await succeed(...images, '--adjust', '2', '--json'),
    ) as ConversionSummary;
    expect(adjustment!.images).toBe(30);
    expect(Object.values(adjustment!.scales).every((scale) => scale > 1)).toBe(true);
    const stored = ['convert', MODEL, '--calibration', calibrated, '-o', path, '--adjust', '2'];
    expect(await refused('invalid-option', ...stored)).toContain(
      'adjusting amplitudes: expected calibration images',
    );
    expect(await misused(...images, '--adjust', '0')).toContain('--adjust');
  });

  it('takes presets, and parameters in their place, written as arithmetic where one likes', async () => {
    expect((await network('canonical.snn', '--coding', 'canonical')).coding).toMatchObject({
      ...{ name: 'canonical', T: 8, beta: 2, Ts: 2, phi: 2 / 3, encoder: 'css' },
    });
    const given = ['--steps', '2*4', '--beta', '1.25', '--silent', '3', '--threshold', '2/3'];
    for (const [option, input, encoder] of [
      ['--encoder', 'constant-current', 'constant-current'],
      ['--input', 'current', 'constant-current'],
      ['--input', 'rate', 'rate'],
    ] as const) {
      expect((await network('given.snn', ...given, option, input)).coding).toEqual({
        ...{ name: 'css', T: 8, beta: 1.25, Ts: 3, phi: 2 / 3, encoder },
      });
    }
  });

  it('reaches the percentile asked for: theta times kappa, the maximum at 100', async () => {
    const { layers } = JSON.parse(await readFile(calibrated, 'utf8')) as Calibration;
    const kappa = Array.from({ length: 12 }, (_, i) => 1.5 ** i).reduce((a, b) => a + b, 0);
    for (const [percentile, of] of [
      ['99', (layer: { percentiles: Record<string, number> }) => layer.percentiles['99']!],
      ['100', (layer: { max: number }) => layer.max],
    ] as const) {
      const { nodes } = await network(`p${percentile}.snn`, '--percentile', percentile);
      for (const neuron of nodes.filter(({ kind }) => kind === 'neuron')) {
        if (neuron.kind !== 'neuron') continue;
        const measured = layers[neuron.annValue]!;
        if (!('max' in measured)) throw new Error(`${neuron.annValue} was not measured`);
        expect(neuron.theta).toBeCloseTo(of(measured) / kappa, 12);
      }
    }
  });

  it('converts a network written here, from amplitudes given by hand', async () => {
    const model = await folder.put('tiny.onnx', tinyOnnx());
    const calibration = await folder.put(
      'by-hand.json',
      JSON.stringify({
        format: 'ann2snn-calibration/1',
        preprocessing: { scale: 1, mean: [0], std: [1], channels: 'as-is' },
        layers: { x: { amplitude: 0.25 }, y: { amplitude: 0.5 } },
      }),
    );
    const path = folder.path('tiny.snn');
    await succeed('convert', model, '--calibration', calibration, '-o', path);
    const { nodes, provenance } = readNetwork(await readFile(path), path);
    expect(provenance.amplitudes).toBe('given');
    expect(nodes.flatMap((n) => ('theta' in n ? [n.theta] : []))).toEqual([0.25, 0.5]);
  });
});

const embedded = (file: string) => MODEL.replace('digits.onnx', file);
const INT8 = embedded('digits-int8.onnx');
const INT4 = embedded('digits-int4.onnx');

/** Converts with further options, and returns the summary with the network as read back. */
async function converted(model: string, ...options: string[]) {
  const path = folder.path('quantized.snn');
  const json = await succeed('convert', model, ...options, '-o', path, '--json');
  return { summary: JSON.parse(json) as ConversionSummary, network: readNetwork(await readFile(path), path) };
}

const FEW = ['--calibration', CALIBRATION_SET, '--limit', '16', '--scale', '16'];

describe('convert of a quantized model', () => {
  it('needs no images, and takes as many steps as it has bits', async () => {
    const { summary, network: made } = await converted(INT8, '--scale', '16');
    expect(summary).toMatchObject({
      coding: { name: 'sws', T: 8, beta: 2, Ts: 2, phi: 0.5, encoder: 'css' },
      amplitudes: 'quantizers',
      arithmetic: 'integer',
      whyFloat: null,
      preprocessing: { scale: 16 },
      latency: { steps: 8 + 3 * 2, tsaLayers: 3, interval: 10 },
      lookAhead: null,
      silentSearch: null,
    });
    expect(made.provenance.calibration).toEqual({ images: 0, sha256: null });
    const { summary: four } = await converted(INT4, '--scale', '16');
    expect(four.coding).toMatchObject({ name: 'sws', T: 4, Ts: 2 });
    expect(four.arithmetic).toBe('integer');
  });

  it('says so in its text', async () => {
    const path = folder.path('told-int8.snn');
    expect(await succeed('convert', INT8, '--scale', '16', '-o', path)).toBe(
      [
        `${path}: digits-int8.onnx as 1920 TSA neurons in 3 layers`,
        'sws coding: T 8, beta 2, Ts 2, phi 0.5; amplitudes: quantizers',
        "input: x' = pixel / 16   (no --mean, no --std: right only for a network trained so)",
        'arithmetic: integer weights and currents, exact membranes',
        'latency 14 steps through 3 TSA layers on the longest path, a new image every 10',
        '',
      ].join('\n'),
    );
  });

  it('makes the same network from images as without, but for their trace and spike rates', async () => {
    const { network: without } = await converted(INT8, '--scale', '16');
    const { network: from } = await converted(INT8, ...FEW);
    expect(from.provenance.calibration.images).toBe(16);
    expect({ ...withoutRates(from), provenance: null }).toEqual({ ...without, provenance: null });
  });

  it('listens T - 1 steps with --silent exact', async () => {
    const { summary, network: made } = await converted(INT8, '--scale', '16', '--silent', 'exact');
    expect(neuronLayers(made).map(({ Ts }) => Ts)).toEqual([7, 7, 7]);
    expect(summary.latency).toMatchObject({ steps: 8 + 3 * 7, interval: 15 });
    const { network: ten } = await converted(INT8, '--scale', '16', '--silent', 'exact', '--steps', '10');
    expect(neuronLayers(ten).map(({ Ts }) => Ts)).toEqual([9, 9, 9]);
  });

  it('listens as long as each layer must with --silent auto, and less where some may differ', async () => {
    const { summary, network: made } = await converted(INT8, ...FEW, '--silent', 'auto');
    const search = summary.silentSearch!;
    expect(search).toMatchObject({ images: 16, integers: 16 * 1920, differing: 0, exactLatency: 29 });
    const periods = Object.fromEntries(neuronLayers(made).map(({ name, Ts }) => [name, Ts]));
    expect(search.layers).toEqual(periods);
    expect(summary.latency.steps).toBe(search.latency);
    expect(search.latency).toBeLessThan(search.exactLatency);
    const tolerant = await converted(INT8, ...FEW, '--silent', 'auto', '--differing', '1/50');
    const { latency, differing } = tolerant.summary.silentSearch!;
    expect(latency).toBeLessThan(search.latency);
    expect(differing).toBeGreaterThan(0);
    expect(differing).toBeLessThanOrEqual((16 * 1920) / 50);
    const text = await succeed('convert', INT8, ...FEW, '--silent', 'auto', '-o', folder.path('auto.snn'));
    expect(text).toContain(
      `\nsilent periods: ${Object.values(periods).join(' ')}; 0 of ${16 * 1920} integers of 16 images differ`,
    );
  });

  it('looks ahead where silent periods are searched for or it is asked to, and says so', async () => {
    const forecasting = async (...options: string[]) => {
      const { summary, network: made } = await converted(INT8, ...options);
      expect(summary.lookAhead?.forecasting ?? 0).toBe(neuronLayers(made).filter((n) => n.forecast).length);
      return summary.lookAhead;
    };
    const all = { forecasting: 3, ahead: 1, longestSteps: 2 };
    expect(await forecasting('--scale', '16')).toBe(null);
    expect(await forecasting('--scale', '16', '--look-ahead')).toEqual(all);
    // Behind a higher threshold nothing can be forecast; skips run ahead all the same.
    const canonical = await forecasting('--scale', '16', '--look-ahead', '--threshold', '2/3');
    expect(canonical).toEqual({ ...all, forecasting: 0 });
    expect(await forecasting(...FEW, '--silent', 'auto')).toMatchObject({ forecasting: 3 });
    expect(await forecasting(...FEW, '--silent', 'auto', '--no-look-ahead')).toBe(null);
    const text = await succeed('convert', INT8, '--scale', '16', '--look-ahead', '-o', folder.path('l.snn'));
    expect(text).toContain(
      '\nlooking ahead: 3 layers with a forecast, 1 layer with a source up to 2 steps ahead',
    );
  });

  it('takes fewer steps than bits in a coarser code, and more', async () => {
    const thetas = async (steps: string) => {
      const { summary, network: made } = await converted(INT8, '--scale', '16', '--steps', steps);
      expect(summary).toMatchObject({ coding: { T: Number(steps) }, arithmetic: 'integer' });
      return neuronLayers(made).map(({ theta }) => theta as number);
    };
    const eight = await thetas('8');
    // 5 steps count to 31: each stands for 255 / 31 of the quantizer's.
    const five = await thetas('5');
    for (const [i, theta] of five.entries()) expect(theta).toBeCloseTo((eight[i]! * 255) / 31, 12);
    expect(await thetas('10')).toEqual(eight);
    const { summary } = await converted(INT8, '--scale', '16', '--steps', '2');
    expect(summary.coding).toMatchObject({ T: 2, Ts: 1 });
  });

  it('is float32 where beta is not 2, and says why', async () => {
    const { summary } = await converted(INT8, '--scale', '16', '--beta', '1.5', '--steps', '14');
    expect(summary).toMatchObject({ arithmetic: 'float32', whyFloat: 'beta is 1.5, not 2' });
  });
});

describe('convert --weight-bits', () => {
  it.each(['8', '4'])('puts the weights of a float model on grids of %s bits', async (bits) => {
    const reach = 2 ** (Number(bits) - 1) - 1;
    const { summary, network: made } = await converted(
      MODEL,
      ...FEW,
      ...['--coding', 'canonical', '--weight-bits', bits],
    );
    expect(summary).toMatchObject({ arithmetic: 'integer', amplitudes: 'percentile 99.99' });
    const weights = made.nodes.flatMap((each) => {
      if (each.kind !== 'linear') return [];
      return each.sources.flatMap((source) => ('constant' in source ? [source.constant] : []));
    });
    expect(weights.length).toBeGreaterThan(4);
    const largest = weights.map((name) => {
      const { dtype, data } = made.constants.get(name)!;
      expect(dtype, name).toBe('int8');
      return Math.max(...Array.from(data, Math.abs));
    });
    expect(Math.max(...largest)).toBe(reach);
  });

  it('says what keeps the network float32 under another beta', async () => {
    const { summary } = await converted(MODEL, ...FEW, '--weight-bits', '8');
    expect(summary).toMatchObject({ arithmetic: 'float32', whyFloat: 'beta is 1.5, not 2' });
  });

  it('has 8 or 4 bits', async () => {
    const args = ['convert', MODEL, ...FEW, '--weight-bits', '6', '-o', folder.path('six.snn')];
    expect(await misused(...args)).toMatch(/'6' is invalid. Allowed choices are 8, 4/);
  });
});

describe('convert refuses', () => {
  const output = () => folder.path('refused.snn');
  const convert = (calibration: string, ...rest: string[]) => [
    ...['convert', MODEL, '--calibration', calibration, '-o', output()],
    ...rest,
  ];

  it.each<[string, string[], string[]]>([
    ['steps 0', ['--steps', '0'], ['steps (T): expected a whole number from 1 to 30, found 0']],
    ['half a step', ['--steps', '2.5'], ['steps (T): expected a whole number from 1 to 30, found 2.5']],
    ['beta 3', ['--beta', '3'], ['beta: expected a number above 1 and at most 2, found 3']],
    ['beta 1', ['--beta', '1'], ['beta: expected a number above 1 and at most 2, found 1']],
    ['silent = steps', ['--steps', '4', '--silent', '4'], ['from 0 to 3 (T - 1), found 4']],
    ['a threshold above theta', ['--threshold', '3/2'], ['from 0.5 to 1, found 1.5']],
    [
      'all of them at once',
      ['--steps', '31', '--beta', '-1', '--silent', '40', '--threshold', '0'],
      ['steps (T)', 'beta', 'silent period (Ts)', 'threshold (phi)'],
    ],
  ])('%s', async (_, options, expected) => {
    const text = await refused('invalid-option', ...convert(calibrated, ...options));
    for (const line of expected) expect(text).toContain(line);
    expect(existsSync(output())).toBe(false);
  });

  it.each<[string, string[], RegExp]>([
    ['a threshold that is no number', ['--threshold', 'abc'], /--threshold: expected a number, found "abc"/],
    ['an unknown coding', ['--coding', 'rate'], /'rate' is invalid. Allowed choices are css, canonical, sws/],
    ['an unknown input', ['--input', 'poisson'], /one of analog, css, current, rate, found "poisson"/],
    ['two names of the input', ['--input', 'css', '--encoder', 'css'], /cannot be used with option/],
    ['an unknown encoder', ['--encoder', 'poisson'], /Allowed choices are css, constant-current/],
    ['a percentile above 100', ['--percentile', '101'], /--percentile: .* at most 100, found "101"/],
    [
      'options of a data set with a calibration file, which would be ignored',
      ['--scale', '255', '--limit', '3'],
      /--limit, --scale: expected only with a data set, found a calibration file/,
    ],
  ])('%s, as wrong usage', async (_, options, expected) => {
    expect(await misused(...convert(calibrated, ...options))).toMatch(expected);
    expect(existsSync(output())).toBe(false);
  });

  const edited: Readonly<Record<string, (file: Record<string, unknown>) => unknown>> = {
    'fields of the wrong kind': (file) => ({ ...file, preprocessing: { scale: -1, mean: 'x' } }),
    'another format': (file) => ({ ...file, format: 'ann2snn-calibration/2' }),
    'no layers at all': ({ layers: _, ...file }) => file,
    'a layer too few': (file) => ({
      ...file,
      layers: Object.fromEntries(
        Object.entries(file.layers as object).filter(([name]) => name !== '/block/Relu_1_output_0'),
      ),
    }),
    'those of another model': (file) => ({ ...file, model: { file: 'other.onnx', sha256: '00' } }),
  };
  const expectations: Readonly<Record<string, readonly string[]>> = {
    'fields of the wrong kind': ['preprocessing.scale', 'preprocessing.mean', 'preprocessing.std'],
    'another format': ['format'],
    'no layers at all': ['layers'],
    'a layer too few': ['layer "/block/Relu_1_output_0"'],
    'those of another model': ['the calibration of digits.onnx', 'another file (other.onnx)'],
  };
  it.each(Object.keys(edited))('calibration with %s', async (name) => {
    const file = JSON.parse(await readFile(calibrated, 'utf8')) as Record<string, unknown>;
    const path = await folder.put('edited.json', JSON.stringify(edited[name]!(file)));
    const text = await refused('invalid-calibration', ...convert(path));
    for (const line of expectations[name]!) expect(text).toContain(line);
    expect(existsSync(output())).toBe(false);
  });

  it('calibration that lacks the percentile, naming those it has', async () => {
    const text = await refused('invalid-calibration', ...convert(calibrated, '--percentile', '98'));
    expect(text.match(/expected percentile 98, the calibration holds 99, 99.5,/g)).toHaveLength(3);
  });

  it('calibration that is not JSON, or not there', async () => {
    const path = await folder.put('broken.json', '{"format": ');
    expect(await refused('invalid-calibration', ...convert(path))).toContain(`${path}: expected JSON`);
    await refused('file-not-readable', ...convert(folder.path('none.json')));
    expect(existsSync(output())).toBe(false);
  });

  it('a float model without images, saying how much they would measure', async () => {
    const text = await refused('invalid-calibration', 'convert', MODEL, '-o', output());
    const [problem, help, ...others] = text.trimEnd().split('\n').slice(1);
    expect(problem).toContain(
      'digits.onnx: expected calibration images to measure 4 amplitudes on, as the activations are not quantized; found none',
    );
    expect(help).toBe('help: give calibration images: --calibration IMAGES');
    expect(others).toEqual([]);
    expect(existsSync(output())).toBe(false);
  });

  it.each<[string, () => string[]]>([
    ['no images at all', () => []],
    ['a calibration file', () => ['--calibration', calibrated]],
  ])('--silent auto with %s', async (_, options) => {
    const args = ['convert', INT8, ...options(), '--silent', 'auto', '-o', output()];
    expect(await refused('invalid-option', ...args)).toContain(
      'silent period "auto": expected calibration images to try it on, found none',
    );
    expect(existsSync(output())).toBe(false);
  });

  it('--differing without --silent auto, as wrong usage', async () => {
    const args = ['convert', INT8, '--silent', '3', '--differing', '0.1', '-o', output()];
    expect(await misused(...args)).toMatch(/--differing: expected --silent auto/);
    expect(existsSync(output())).toBe(false);
  });

  it('--look-ahead of a float32 network, saying why it is one', async () => {
    const args = ['convert', MODEL, ...FEW, '--look-ahead', '-o', output()];
    expect(await refused('invalid-option', ...args)).toMatch(
      /looking ahead: expected an integer network; the weights of Conv .* are not quantized/,
    );
    expect(existsSync(output())).toBe(false);
  });

  it('--silent auto where there are no integers, saying why', async () => {
    const text = await refused(
      'invalid-option',
      'convert',
      MODEL,
      ...FEW,
      '--silent',
      'auto',
      '-o',
      output(),
    );
    expect(text).toMatch(
      /silent period "auto": expected an integer network.*; the weights of Conv .* are not quantized/,
    );
    expect(existsSync(output())).toBe(false);
  });

  it('options of a data set where there is none', async () => {
    const { code, err } = await invoke('convert', INT8, '--limit', '3', '-o', output());
    expect(code).toBe(2);
    expect(err).toMatch(/--limit: expected only with a data set, found none/);
  });

  it('a network as the ONNX file', async () => {
    const net = folder.path('already.snn');
    await succeed(...CONVERT_DIGITS, '--limit', '8', '-o', net);
    const args = ['convert', net, '--calibration', TEST_SET, '-o', output()];
    expect(await refused('not-onnx', ...args)).toContain(`${net}: expected an ONNX model`);
    expect(existsSync(output())).toBe(false);
  });

  it('every unknown operator at once', async () => {
    const middle = [node('one', 'Det', ['x'], 'a'), node('two', 'Acosh', ['a'], 'y')];
    const model = await folder.put('unknown.onnx', tinyOnnx({ middle }));
    const args = ['convert', model, '--calibration', TEST_SET, '-o', output()];
    const text = await refused('unsupported-operator', ...args);
    expect(text).toMatch(/node "one" \(Det\): .*\nnode "two" \(Acosh\): /);
    expect(existsSync(output())).toBe(false);
  });
});

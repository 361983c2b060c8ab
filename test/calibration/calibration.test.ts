// The calibration file: round trip, amplitudes by hand, and what is said when it does not fit.
import { describe, expect, it } from 'vitest';
import {
  amplitudesOf,
  type Calibration,
  calibrationOf,
  measuredLayer,
  parseCalibration,
  STORED_PERCENTILES,
} from '../../src/calibration/calibration.ts';
import { emptyHistogram, observe, percentile } from '../../src/calibration/histogram.ts';
import { Ann2SnnError } from '../../src/errors.ts';
import { normal } from '../snn/tiny.ts';

const CODING = { T: 4, beta: 2 }; // K = 15
const PREPROCESSING: Calibration['preprocessing'] = { scale: 255, mean: [0.5], std: [0.25], channels: 'rgb' };

const gauss = normal(3);
const histogram = emptyHistogram();
observe(
  histogram,
  Float32Array.from({ length: 5000 }, () => Math.max(0, gauss())),
);

const calibration = calibrationOf({
  model: { file: 'net.onnx', sha256: 'ab' },
  data: { file: 'images.npz', sha256: 'cd', images: 10 },
  preprocessing: PREPROCESSING,
  layers: {
    x: { max: 3, zeroFraction: 0, count: 10, percentiles: { '99.99': 1 } },
    relu: measuredLayer(histogram, [98.7]),
    scalar: { amplitude: 0.25 },
    channels: { amplitude: [0.5, 1] },
    silent: { max: 0, zeroFraction: 1, count: 10, percentiles: { '99.99': 0 } },
    rare: { max: 30, zeroFraction: 0.9999999, count: 10, percentiles: { '99.99': 0 } },
  },
});

const amplitudes = (neurons: readonly string[], percent = 99.99) =>
  amplitudesOf(calibration, { inputs: ['x'], layers: neurons }, CODING, percent);

/** The error that `run` must throw. */
function refusalOf(run: () => unknown): Ann2SnnError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(Ann2SnnError);
    return error as Ann2SnnError;
  }
  throw new Error('expected an error');
}

describe('measuredLayer', () => {
  it('holds the usual percentiles and the one asked for', () => {
    const layer = measuredLayer(histogram, [98.7, 99]);
    const wanted = [98.7, ...STORED_PERCENTILES];
    expect(layer.percentiles).toEqual(
      Object.fromEntries(wanted.map((p) => [String(p), percentile(histogram, p)])),
    );
    expect(layer).toMatchObject({ max: histogram.max, count: 5000, zeroFraction: histogram.zeros / 5000 });
  });
});

describe('a calibration file', () => {
  it('comes back as it was written', () => {
    expect(parseCalibration(JSON.stringify(calibration), 'c.json')).toEqual(calibration);
  });

  it('may be written by hand: amplitudes and preprocessing are enough', () => {
    const text = JSON.stringify({
      format: 'ann2snn-calibration/1',
      preprocessing: PREPROCESSING,
      layers: { x: { amplitude: 0.1 }, relu: { amplitude: [0.2, 0.3] } },
    });
    const read = parseCalibration(text, 'c.json');
    expect(read).toMatchObject({ model: null, data: null });
    expect(amplitudesOf(read, { inputs: ['x'], layers: ['relu'] }, CODING, 99.99)).toEqual(
      new Map<string, unknown>([
        ['x', 0.1],
        ['relu', [0.2, 0.3]],
      ]),
    );
  });

  it.each([
    ['no JSON', '{', /expected JSON/],
    ['another format', JSON.stringify({ ...calibration, format: 'x/2' }), /c\.json: format/],
    ['no layers', JSON.stringify({ ...calibration, layers: undefined }), /c\.json: layers/],
    ['an amplitude of 0', JSON.stringify({ ...calibration, layers: { a: { amplitude: 0 } } }), /layers\.a/],
    [
      'a negative one',
      JSON.stringify({ ...calibration, layers: { a: { amplitude: [1, -1] } } }),
      /layers\.a/,
    ],
    [
      'a list as preprocessing',
      JSON.stringify({ ...calibration, preprocessing: [] }),
      /c\.json: preprocessing/,
    ],
    ['a list', '[]', /c\.json: file/],
    ['null', 'null', /c\.json: file/],
  ])('is refused with %s', (_, text, message) => {
    const error = refusalOf(() => parseCalibration(text, 'c.json'));
    expect(error.code).toBe('invalid-calibration');
    expect(error.message).toMatch(message);
  });
});

describe('amplitudesOf', () => {
  it('divides the percentile by K, and the maximum of the input', () => {
    expect(amplitudes(['relu', 'scalar', 'channels'])).toEqual(
      new Map<string, unknown>([
        ['x', 3 / 15],
        ['relu', percentile(histogram, 99.99) / 15],
        ['scalar', 0.25],
        ['channels', [0.5, 1]],
      ]),
    );
  });

  it('takes the maximum for percentile 100 and for a layer that hardly ever is active', () => {
    expect(amplitudes(['relu'], 100).get('relu')).toBe(histogram.max / 15);
    expect(amplitudes(['rare']).get('rare')).toBe(30 / 15);
  });

  it('gives a layer that never was active any amplitude', () => {
    expect(amplitudes(['silent']).get('silent')).toBe(1);
  });

  it('names every layer that is missing', () => {
    const error = refusalOf(() => amplitudes(['nowhere', 'relu', 'constructor']));
    expect(error.code).toBe('invalid-calibration');
    expect(error.problems.map((problem) => problem.where)).toEqual([
      'layer "nowhere"',
      'layer "constructor"',
    ]);
  });

  it('names the percentile that is not held, and those that are', () => {
    const error = refusalOf(() => amplitudes(['relu'], 42));
    expect(error.message).toMatch(/layer "relu": expected percentile 42, .* holds 99, 98\.7, 99\.5/);
  });
});

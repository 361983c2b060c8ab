import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { VERSION } from '../../src/tool.ts';
import { invoke, misused, refused, succeed } from './invoke.ts';

const DATA = ['--limit', '--layout', '--labels', '--classes'];
const PLAN = ['--analog', '--linear'];
const NORMALISATION = ['--scale', '--mean', '--std', '--channels'];

/** Of commands that measure many networks. */
const MANY = [
  ...[
    '<model.onnx>',
    '--calibration',
    '--data',
    '--images',
    '--engine',
    '--workers',
    '--output',
    '--journal',
  ],
  ...['--json', ...PLAN, ...DATA, ...NORMALISATION],
];

/** Every option that a command must explain. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  demo: ['--page', '--json'],
  inspect: ['<model.onnx>', '--json', ...PLAN],
  calibrate: [
    '<model.onnx>',
    '--data',
    '--output',
    '--percentile',
    '--json',
    ...PLAN,
    ...DATA,
    ...NORMALISATION,
  ],
  convert: [
    '<model.onnx>',
    ...['--calibration', '--output', '--coding', '--steps', '--beta', '--silent', '--threshold'],
    ...[
      '--differing',
      '--look-ahead',
      '--no-look-ahead',
      '--adjust',
      '--percentile',
      '--weight-bits',
      '--input',
      '--encoder',
      '--json',
      ...PLAN,
      ...DATA,
      ...NORMALISATION,
    ],
  ],
  evaluate: [
    ...['<net.snn>', '--data', '--ann', '--engine', '--engine-plan', '--save-engine-plan'],
    ...['--workers', '--json', ...DATA],
  ],
  report: [
    ...[
      '<model>',
      '--data',
      '--output',
      '--calibration',
      '--ann',
      '--images',
      '--coding',
      '--steps',
      '--beta',
    ],
    ...[
      '--silent',
      '--threshold',
      '--percentile',
      '--curve',
      '--no-baseline',
      '--sweep',
      '--energy-constants',
    ],
    ...['--plots', '--engine', '--workers', '--json', ...PLAN, ...DATA.slice(1), ...NORMALISATION],
  ],
  plot: ['<rows.json>', '--x', '--y', '--series', '--title', '--log', '--no-log', '--output', '--json'],
  sweep: [
    ...MANY,
    '--coding',
    '--steps',
    '--beta',
    '--silent',
    '--threshold',
    '--percentile',
    '--encoder',
    '--plot',
  ],
  tune: [
    ...['<model.onnx>', '--calibration', '--validation', '--data', '--output', '--max-loss', '--max-latency'],
    ...['--minimise', '--budget', '--engine', '--json'],
    ...[...PLAN, ...DATA, ...NORMALISATION],
  ],
  ablate: [...MANY, '--coding', '--steps', '--beta', '--silent', '--threshold', '--percentile', '--longest'],
  compare: [
    ...['<model.onnx>', '--calibration', '--data', '--codings', '--images', '--plots', '--json'],
    ...[...PLAN, ...DATA, ...NORMALISATION],
  ],
  predict: ['<net.snn>', '[image...]', '--data', '--output', '--engine', '--json', ...DATA],
  trace: ['<net.snn>', '--image', '--data', '--index', '--layers', '--output', '--csv', '--json', ...DATA],
  export: ['<net.snn>', '--format', '--output', '--outputs', '--unroll', '--json'],
  encode: [
    ...['--method', '--set', '--like', '--optimise', '--trials', '--corrected', '--columns', '--range'],
    ...['--compare', '--output', '--reconstruction', '--plots', '--json'],
  ],
  decode: ['<spikes>', '--encoding', '--output', '--json'],
  transfer: [
    '<net.nir>',
    ...['--calibration', '--data', '--output', '--steps', '--dt', '--discretisation', '--reset', '--json'],
    ...DATA,
    ...NORMALISATION,
  ],
};

describe('help', () => {
  it.each(commands.map(({ name }) => name))('%s --help lists its arguments and options', async (name) => {
    const help = await succeed(name, '--help');
    const arguments_ = help.slice(0, help.indexOf('\n')).match(/<[a-z.]+>|\[[a-z]+\.{3}\]/g) ?? [];
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option!);
    expect([...arguments_, ...options].sort()).toEqual([...OPTIONS[name]!, '--help'].sort());
  });

  it('names every command, and the version of package.json', async () => {
    const help = await succeed('--help');
    for (const { name } of commands) expect(help).toMatch(new RegExp(`^ +${name} `, 'm'));
    expect(await succeed('--version')).toBe(`${VERSION}\n`);
    const manifest = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as unknown;
    expect(manifest).toMatchObject({ version: VERSION });
  });

  it('is the answer, and wrong usage, where no command is given', async () => {
    const { code, out, err } = await invoke();
    expect({ code, err }).toEqual({ code: 2, err: '' });
    expect(out).toContain('Usage: ann2snn');
  });
});

describe('wrong usage is exit 2 with one line that names it', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['an unknown command', ['bogus'], /unknown command 'bogus'/],
    ['a near miss', ['convrt'], /Did you mean convert/],
    ['an unknown option', ['demo', '--nope'], /unknown option '--nope'/],
    ['too many arguments', ['demo', 'extra'], /too many arguments/],
    ['a missing argument', ['inspect'], /missing required argument 'model.onnx'/],
    ['a missing option', ['convert', 'a.onnx'], /'-o, --output <file>' not specified/],
    [
      'an unknown engine',
      ['evaluate', 'a.snn', '--data', 'b', '--engine', 'warp'],
      /auto, dense, event, reference/,
    ],
    ['no images at all', ['evaluate', 'a.snn', '--data', 'b', '--limit', '0'], /whole number above 0/],
    [
      'half an image',
      ['evaluate', 'a.snn', '--data', 'b', '--limit', '1.5'],
      /whole number above 0, found "1.5"/,
    ],
  ])('%s', async (_, args, expected) => {
    const text = await misused(...args);
    expect(text).toMatch(expected);
    expect(text).toContain('--help shows the options)');
  });
});

describe('errors', () => {
  it('show a stack with --debug only', async () => {
    expect(await refused('file-not-readable', 'inspect', 'no-such.onnx')).toContain('no-such.onnx: ');
    const { code, err } = await invoke('--debug', 'inspect', 'no-such.onnx');
    expect(code).toBe(1);
    expect(err).toMatch(/^ +at /m);
  });
});

// Converting and evaluating through the command line, as a user would.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { runCli } from '../../src/cli/run.ts';
import type { Report } from '../../src/report/report.ts';
import { shared } from '../shared.ts';

export interface Job {
  /** A file of ../shared/models, or any other by its whole path. */
  readonly model: string;
  /** Absent for a quantized model that needs none. */
  readonly calibration?: string;
  readonly calibrationLimit?: number;
  readonly data: string;
  /** Options of `convert`. */
  readonly options: readonly string[];
  readonly limit?: number;
}

async function command(args: readonly string[]): Promise<void> {
  let errors = '';
  const code = await runCli(args, {
    out: () => {},
    err: (text) => {
      errors += text;
    },
    interactive: false,
  });
  if (code !== 0) throw new Error(`ann2snn ${args.join(' ')} ended with ${code}: ${errors}`);
}

/** Runs `convert` and `evaluate` and returns the report. */
export async function convertAndEvaluate(job: Job): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'ann2snn-verify-'));
  try {
    const network = join(folder, 'net.snn');
    const json = join(folder, 'report.json');
    const model = isAbsolute(job.model) ? job.model : shared(`models/${job.model}`);
    await command([
      'convert',
      model,
      ...(job.calibration === undefined ? [] : ['--calibration', shared(`data/${job.calibration}`)]),
      ...(job.calibrationLimit === undefined ? [] : ['--limit', String(job.calibrationLimit)]),
      ...job.options,
      '-o',
      network,
    ]);
    const limit = job.limit === undefined ? [] : ['--limit', String(job.limit)];
    await command([
      'evaluate',
      network,
      '--data',
      shared(`data/${job.data}`),
      '--ann',
      model,
      ...limit,
      '--json',
      json,
    ]);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
    console.log(summary(job, report));
    return report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function summary({ model, options }: Job, report: Report): string {
  const percent = (value: number | null) => (value === null ? '-' : `${(100 * value).toFixed(2)} %`);
  return [
    `${model} ${options.filter((option) => !/[,]/.test(option)).join(' ')}`,
    `${report.images} images`,
    `ANN ${percent(report.ann.accuracy)}`,
    `SNN ${percent(report.snn.accuracy)}`,
    `agreement ${percent(report.snn.agreement)}`,
    `${report.spikes.perNeuron.toFixed(3)} spikes per neuron`,
    `latency ${report.latency.steps}`,
    `${report.seconds.snn.toFixed(1)} s`,
  ].join(', ');
}

/** torchvision's normalisation. */
export const IMAGENET_NORMALISATION = ['--mean', '.485,.456,.406', '--std', '.229,.224,.225'];
/** That of the models trained on CIFAR's own statistics. */
export const CIFAR_NORMALISATION = ['--mean', '.4914,.4822,.4465', '--std', '.2470,.2435,.2616'];

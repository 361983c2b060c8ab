// Report -> the text that `evaluate` prints.
import { classCount } from '../metrics/accuracy.ts';
import { showShape } from '../tensor/tensor.ts';
import { lossText } from './advice.ts';
import { enginePlanText } from './engine-plan-text.ts';
import { inputLine } from './input-line.ts';
import { nearChance } from './near-chance.ts';
import type { LayerReport, Report } from './report.ts';
import { count, energy as energyText, figure, percent, plural, table } from './table.ts';

/** The whole report as text: accuracy, time, operations and energy, then the layers. */
export function reportText(report: Report): string {
  const { interrupted } = report;
  const until =
    interrupted === null ? [] : [`interrupted after ${interrupted.measured} of ${interrupted.of} images`];
  return [...until, summary(report), layers(report)].join('\n\n');
}

function summary(report: Report): string {
  const { snn, coding, latency, operations, energy, spikes } = report;
  const rows: [string, string][] = [
    ['images', String(report.images)],
    ['input', inputLine(report.network.preprocessing)],
    [
      'coding',
      `${coding.name}: T ${coding.T}, beta ${coding.beta}, Ts ${silentText(report)}, phi ${figure(coding.phi)}, ${coding.encoder} encoder`,
    ],
    ['arithmetic', report.arithmetic === 'integer' ? 'integer, exact membranes' : 'float32'],
    ...answers(report),
    ['latency', latencyText(latency)],
    [
      'spikes per neuron',
      `${figure(spikes.perNeuron)}   (${count(spikes.total)} per image, input encoder not counted)`,
    ],
    [
      'SyOPs, true fan-out',
      `${count(operations.syops.fanOut)} AC${macsText(operations.macs.fanOut)}   (ANN: ${count(operations.annEffectiveMacs)} effective MAC, ${count(operations.annMacs)} dense)`,
    ],
    [
      'SyOPs, syops-counter',
      `${count(operations.syops.syopsCounter)} AC${macsText(operations.macs.syopsCounter)}   (ANN: ${count(operations.annSyopsCounter)} MAC)`,
    ],
    [
      'OPF (SWS Eq. 10)',
      `${count(operations.opf)}   (with the input encoder: ${count(operations.opfWithEncoder)})`,
    ],
    [
      'not in the SyOPs',
      `${count(operations.neuronUpdates)} neuron updates, ${count(operations.biasAdds)} bias adds, ${count(operations.delayLineAccesses)} delay-line accesses`,
    ],
    ...energy.rules.map((rule): [string, string] => [
      'energy per image',
      `${energyText(rule.snnMj)} against ${energyText(rule.annMj)}: ${figure(rule.ratio)} of the ${energy.ann}   (${rule.rule})`,
    ]),
    [
      'energy model',
      `${energy.constants.acPj} pJ per AC, ${figure(energy.constants.macPj)} pJ per MAC, arithmetic only: memory accesses are not in it (\`report\` counts them)`,
    ],
    ...(scored(report)
      ? [
          [
            'accuracy by readout step',
            snn.accuracyPerStep === null
              ? '-'
              : snn.accuracyPerStep.map((a) => (100 * a).toFixed(1)).join(' '),
          ] as [string, string],
        ]
      : []),
    [
      'run',
      `${report.engine} engine, ${figure(report.seconds.snn)} s for the SNN, ${figure(report.seconds.total)} s in all`,
    ],
    ...(report.enginePlan === null
      ? []
      : [['engine plan', enginePlanText(report.enginePlan)] as [string, string]]),
    ['memory', memoryText(report)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** Whether an output is a vector of class scores. */
function scored(report: Report): boolean {
  return classesOf(report) !== null;
}

/** Classes of the first output that is a vector of class scores; null where there is none. */
function classesOf({ outputs }: Report): number | null {
  for (const { shape } of outputs) {
    const classes = classCount(shape);
    if (classes !== null) return classes;
  }
  return null;
}

/** What is known of the answers: accuracies where there are class scores, the error of every output that is something else. */
function answers(report: Report): [string, string][] {
  const { ann, snn, outputs, conversionLoss } = report;
  const others = outputs.length === 1 && scored(report) ? [] : outputs;
  return [
    ...(scored(report)
      ? ([
          [
            'ANN top-1 / top-5',
            `${percent(ann.accuracy)} / ${percent(ann.top5)}${ann.why === null ? '' : `   (${ann.why})`}`,
          ],
          ['SNN top-1 / top-5', `${percent(snn.accuracy)} / ${percent(snn.top5)}`],
          ['conversion loss', conversionLoss === null ? '-' : `${(100 * conversionLoss).toFixed(2)} points`],
          ['agreement', percent(snn.agreement)],
        ] as [string, string][])
      : []),
    ...others.map((output): [string, string] => ['output', outputText(output)]),
  ];
}

function outputText({
  name,
  shape,
  relativeError,
  worstImage,
  pixelAgreement,
}: Report['outputs'][number]): string {
  const what = `${name} ${showShape(shape)}`;
  if (relativeError === null) return `${what}: error -   (needs the ANN: --ann MODEL.onnx)`;
  const pixels = pixelAgreement === null ? '' : `, ${percent(pixelAgreement)} of the pixels agree`;
  return `${what}: error ${percent(relativeError)}, worst image ${percent(worstImage)}${pixels}   (relative RMS against the ANN)`;
}

function latencyText({ steps, tsaLayers, interval, measured, whyNotMeasured }: Report['latency']): string {
  const rule = `${steps} steps through ${plural(tsaLayers, 'TSA layer')} on the longest path, a new image every ${interval}`;
  if (measured === null) return `${rule}   (by the window rule; ${whyNotMeasured})`;
  const asRuled = measured.steps === steps && measured.interval === interval;
  const found = asRuled
    ? 'stepping two images takes as long'
    : `STEPPING TAKES ${measured.steps} AND ${measured.interval}`;
  return `${rule}   (${found}, with ${measured.sameAnswers ? 'the same' : 'OTHER'} answers)`;
}

function layers(report: Report): string {
  const integer = report.arithmetic === 'integer';
  const rows = report.layers.map((layer) => [
    layer.name,
    layer.kind,
    String(layer.neurons),
    figure(layer.theta),
    figure(layer.spikesPerNeuron),
    percent(layer.ratePerStep.reduce((a, b) => a + b, 0) / layer.ratePerStep.length),
    count(layer.synapticOperations),
    figure(layer.residualP999),
    percent(layer.saturated),
    figure(layer.decodedError),
    ...(integer ? [bitsText(layer.membrane)] : []),
  ]);
  const headings = [
    'layer',
    'neuron',
    'neurons',
    'theta',
    'spikes/n',
    'rate/step',
    'SyOPs',
    'residual',
    'saturated',
    'error',
    ...(integer ? ['bits'] : []),
  ];
  return [table(headings, rows), ...remarks(report)].join('\n');
}

function memoryText({ memory: { perWorker, allowed }, workers: { used, asked } }: Report): string {
  const text = `about ${count(perWorker)}B for each of ${plural(used, 'worker')}`;
  // Fewer images than workers are no lack of memory.
  return used === asked || (used + 1) * perWorker <= allowed
    ? text
    : `${text}   (${asked} would take more than ${count(allowed)}B, half of the machine's)`;
}

/** MACs of the SNN itself, where it has any. */
function macsText(macs: number): string {
  return macs === 0 ? '' : ` + ${count(macs)} MAC`;
}

/** Kinds of layers that have no silent period. */
const ENCODERS: ReadonlySet<string> = new Set(['encoder', 're-encoder']);

/** The silent periods: the coding's where all layers keep to it, else their range. */
function silentText({ layers, coding }: Report): string {
  const periods = layers.filter(({ kind }) => !ENCODERS.has(kind)).map((layer) => layer.Ts);
  const [shortest, longest] = [Math.min(...periods), Math.max(...periods)];
  if (periods.length === 0) return String(coding.Ts);
  return shortest === longest ? String(shortest) : `${shortest} to ${longest}`;
}

/** Bits of the membranes: as many as were needed, of as many as any image could need. */
function bitsText(membrane: Report['layers'][number]['membrane']): string {
  return membrane === null ? '-' : `${membrane.bitsSeen ?? '?'} of ${membrane.bits}`;
}

function remarks(report: Report): string[] {
  const behind = report.layers.filter(({ advice }) => advice !== null);
  const worst = behind.reduce<LayerReport | null>(
    (most, layer) => (most === null || layer.residualP999! > most.residualP999! ? layer : most),
    null,
  );
  const error = report.layers.every((layer) => layer.decodedError === null)
    ? 'error: needs the ANN'
    : 'error: relative RMS against the ANN';
  return [
    `residual: 99.9th percentile in units of theta, about 0.5 where neurons keep up; ${error} (${report.diagnosedImages} images)`,
    ...(report.arithmetic === 'integer'
      ? ['bits: of a signed register for the largest membrane seen, of what any image could reach']
      : []),
    ...lossText(report),
    // Where the losses are named, their advice says more.
    ...(worst === null || report.diagnosis.length > 0
      ? []
      : [`not keeping up: ${behind.map((layer) => layer.name).join(', ')}; try ${worst.advice}`]),
    ...nearChance(report.ann.accuracy, classesOf(report)),
  ];
}

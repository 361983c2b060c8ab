import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { planEngine } from '../../../src/engines/auto/choose-plan.ts';
import type { Report } from '../../../src/report/report.ts';
import type { Network } from '../../../src/snn/network/network.ts';
import { loadNetwork } from '../../../src/snn/network/network-store.ts';
import { writeNpz } from '../../../src/tensor/npz.ts';
import { floatTensor, indexTensor } from '../../../src/tensor/tensor.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL, TEST_SET } from '../digits.ts';
import { misused, refused, succeed } from '../invoke.ts';
import { tinyOnnx } from '../tiny-onnx.ts';

const folder = tempFolder();
let net = '';

beforeAll(async () => {
  net = folder.path('digits.snn');
  await succeed(...CONVERT_DIGITS, '-o', net);
});

const network = () => loadNetwork(net);
const membraneLayers = (of: Network) =>
  of.nodes.flatMap(({ kind, name }) => (kind === 'neuron' || kind === 'readout' ? [`${kind} ${name}`] : []));

async function report(...options: string[]): Promise<Report> {
  const args = ['evaluate', net, '--data', TEST_SET, '--limit', '20', '--json', ...options];
  return JSON.parse(await succeed(...args)) as Report;
}

/** Every leaf of a report, as "energy.snnMj number". */
function leaves(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [path] : leaves(value.at(-1), `${path}[]`);
  if (typeof value !== 'object' || value === null)
    return [`${path} ${value === null ? 'null' : typeof value}`];
  return Object.entries(value).flatMap(([key, v]) => leaves(v, path === '' ? key : `${path}.${key}`));
}

describe('evaluate', () => {
  it('reports every figure', async () => {
    expect(leaves(await report('--ann', MODEL))).toMatchInlineSnapshot(`
      [
        "images number",
        "interrupted null",
        "network.model.file string",
        "network.model.sha256 string",
        "network.calibration.images number",
        "network.calibration.sha256 string",
        "network.amplitudes string",
        "network.tool string",
        "network.preprocessing.scale number",
        "network.preprocessing.mean[] number",
        "network.preprocessing.std[] number",
        "network.preprocessing.channels string",
        "data.file string",
        "data.sha256 string",
        "ann.accuracy number",
        "ann.top5 number",
        "ann.why null",
        "snn.accuracy number",
        "snn.top5 number",
        "snn.agreement number",
        "snn.accuracyPerStep[] number",
        "conversionLoss number",
        "outputs[].name string",
        "outputs[].shape[] number",
        "outputs[].relativeError number",
        "outputs[].worstImage number",
        "outputs[].pixelAgreement null",
        "outputs[].errorPerStep[] number",
        "arithmetic string",
        "whyFloat string",
        "coding.name string",
        "coding.T number",
        "coding.beta number",
        "coding.Ts number",
        "coding.phi number",
        "coding.encoder string",
        "latency.steps number",
        "latency.tsaLayers number",
        "latency.interval number",
        "latency.measured.steps number",
        "latency.measured.interval number",
        "latency.measured.sameAnswers boolean",
        "latency.whyNotMeasured null",
        "spikes.perNeuron number",
        "spikes.total number",
        "operations.opf number",
        "operations.opfWithEncoder number",
        "operations.syops.fanOut number",
        "operations.syops.syopsCounter number",
        "operations.macs.fanOut number",
        "operations.macs.syopsCounter number",
        "operations.neuronUpdates number",
        "operations.biasAdds number",
        "operations.delayLineAccesses number",
        "operations.annMacs number",
        "operations.annEffectiveMacs number",
        "operations.annSyopsCounter number",
        "energy.snnMj number",
        "energy.annMj number",
        "energy.ratio number",
        "energy.model string",
        "energy.ann string",
        "energy.rules[].rule string",
        "energy.rules[].snnMj number",
        "energy.rules[].annMj number",
        "energy.rules[].ratio number",
        "energy.constants.macPj number",
        "energy.constants.acPj number",
        "energy.constants.source string",
        "layers[].name string",
        "layers[].kind string",
        "layers[].neurons number",
        "layers[].theta number",
        "layers[].Ts number",
        "layers[].phi number",
        "layers[].start number",
        "layers[].spikes number",
        "layers[].spikesPerNeuron number",
        "layers[].ratePerStep[] number",
        "layers[].synapticOperations number",
        "layers[].residualP999 number",
        "layers[].saturated number",
        "layers[].decodedError number",
        "layers[].advice null",
        "layers[].membrane null",
        "diagnosis",
        "diagnosedImages number",
        "engine string",
        "enginePlan.neurons string",
        "enginePlan.layers[].kind string",
        "enginePlan.layers[].name string",
        "enginePlan.layers[].currents string",
        "enginePlan.expected.plan number",
        "enginePlan.expected.event number",
        "enginePlan.expected.dense number",
        "enginePlan.assumed number",
        "memory.perWorker number",
        "memory.allowed number",
        "workers.used number",
        "workers.asked number",
        "seconds.ann number",
        "seconds.snn number",
        "seconds.total number",
      ]
    `);
  });

  it('says that agreement means nothing where the ANN itself guesses', async () => {
    const unscaled = folder.path('unscaled.snn');
    await succeed('convert', MODEL, '--calibration', CALIBRATION_SET, '--limit', '50', '-o', unscaled);
    const run = (path: string) =>
      succeed('evaluate', path, '--data', TEST_SET, '--limit', '100', '--ann', MODEL);
    expect(await run(unscaled)).toMatch(
      /\nnote: the ANN itself is near chance \([\d.]+ % of 10 classes\): check --scale/,
    );
    expect(await run(net)).not.toContain('near chance');
  });

  it('finds the figures consistent with each other', async () => {
    const { ann, snn, conversionLoss, energy, operations, spikes, layers, latency } = await report(
      '--ann',
      MODEL,
    );
    expect(snn.accuracyPerStep).toHaveLength(12);
    expect(snn.accuracyPerStep!.at(-1)).toBe(snn.accuracy);
    expect(conversionLoss).toBe(ann.accuracy! - snn.accuracy!);
    expect(energy.snnMj).toBeCloseTo(operations.syops.fanOut * 0.9e-9, 12);
    expect(energy.annMj).toBeCloseTo(operations.annEffectiveMacs * 4.6e-9, 12);
    expect(energy.ratio).toBeCloseTo(energy.snnMj / energy.annMj, 12);
    const neurons = layers.filter(({ kind }) => kind !== 'encoder');
    const total = neurons.reduce((sum, layer) => sum + layer.spikes, 0);
    expect(spikes.total).toBeCloseTo(total, 6);
    expect(spikes.perNeuron).toBeCloseTo(total / 1920, 9);
    const caused = layers.reduce((sum, layer) => sum + layer.synapticOperations, 0);
    expect(operations.syops.fanOut).toBeCloseTo(caused, 3);
    expect(latency).toMatchObject({ steps: 12 + 3, tsaLayers: 3, interval: 12 + 1 });
  });

  it('plans the engine auto, says so, and follows a plan that it saved', async () => {
    const saved = folder.path('plan.json');
    const planned = await report('--save-engine-plan', saved);
    expect(planned.engine).toBe('auto');
    const plan = planned.enginePlan!;
    expect(plan.assumed).toBe(0);
    expect(plan.layers.map(({ kind, name }) => `${kind} ${name}`)).toEqual(membraneLayers(await network()));
    expect(JSON.parse(await readFile(saved, 'utf8'))).toEqual({ format: 'ann2snn-engine-plan/1', ...plan });
    const again = await report('--engine-plan', saved);
    expect(again.enginePlan).toEqual({ ...plan, expected: null });
    expect(again.snn).toEqual(planned.snn);
    const text = await succeed('evaluate', net, '--data', TEST_SET, '--limit', '20', '--engine-plan', saved);
    expect(text).toMatch(/\nengine plan +(dense|event), .*\(as given\)\n/);
  });

  it('follows a plan that mixes both, with the same answers', async () => {
    const mixed = folder.path('mixed.json');
    const { layers, ...rest } = planEngine(await network());
    const choices = layers.map((layer, i) => ({ ...layer, currents: i % 2 === 0 ? 'event' : 'dense' }));
    const plan = { format: 'ann2snn-engine-plan/1', ...rest, neurons: 'event', layers: choices };
    await writeFile(mixed, JSON.stringify(plan));
    const [found, expected] = [await report('--engine-plan', mixed), await report('--engine', 'dense')];
    expect(found.snn).toEqual(expected.snn);
    expect(expected.enginePlan).toBeNull();
  });

  it('refuses a plan of another network, naming its layers, and a file that is no plan', async () => {
    const other = folder.path('other.json');
    const { layers, ...rest } = planEngine(await network());
    const renamed = layers.map((layer, i) => (i === 0 ? { ...layer, name: 'conv9' } : layer));
    const plan = { format: 'ann2snn-engine-plan/1', ...rest, layers: renamed };
    await writeFile(other, JSON.stringify(plan));
    const evaluate = ['evaluate', net, '--data', TEST_SET, '--engine-plan', other];
    const text = await refused('invalid-plan', ...evaluate);
    expect(text).toContain('neuron "conv9": expected a layer of the network');
    expect(text).toContain(`neuron "${layers[0]!.name}": expected every layer, found it missing`);
    await writeFile(other, '{ "neurons": "both" }');
    expect(await refused('invalid-plan', ...evaluate)).toContain('neurons');
    await writeFile(other, 'event');
    expect(await refused('invalid-plan', ...evaluate)).toContain('as JSON');
    await misused(...evaluate, '--engine', 'dense');
  });

  it('gives the same predictions, spikes and operations on either engine', async () => {
    const dense = await report('--ann', MODEL, '--engine', 'dense');
    const reference = await report('--ann', MODEL, '--engine', 'reference');
    expect([dense.engine, reference.engine]).toEqual(['dense', 'reference']);
    expect(dense.snn).toEqual(reference.snn);
    expect(dense.ann).toEqual(reference.ann);
    expect(Math.abs(dense.spikes.total / reference.spikes.total - 1)).toBeLessThan(0.01);
    expect(dense.layers.map(({ name }) => name)).toEqual(reference.layers.map(({ name }) => name));
  });

  it('leaves the figures of the ANN empty without --ann, and says why', async () => {
    const alone = await report();
    expect(alone.ann).toEqual({
      accuracy: null,
      top5: null,
      why: expect.stringContaining('--ann') as string,
    });
    expect(alone.snn.agreement).toBeNull();
    expect(alone.conversionLoss).toBeNull();
    expect(alone.layers.every(({ decodedError }) => decodedError === null)).toBe(true);
    const text = await succeed('evaluate', net, '--data', TEST_SET, '--limit', '20');
    expect(text).toMatch(
      /\nANN top-1 \/ top-5 +- \/ - +\(the ONNX file was not given \(--ann MODEL.onnx\)\)\n/,
    );
    expect(text).toMatch(/\nconversion loss +-\n/);
  });

  it('compares without labels, and says why accuracies are missing', async () => {
    const x = floatTensor(
      [2, 1, 8, 8],
      Float32Array.from({ length: 128 }, (_, i) => i % 17),
    );
    const data = await folder.put('bare.npz', writeNpz(new Map([['x', x]])));
    const args = ['evaluate', net, '--data', data, '--ann', MODEL, '--json'];
    const bare = JSON.parse(await succeed(...args)) as Report;
    expect(bare.ann).toEqual({ accuracy: null, top5: null, why: 'the data set has no labels' });
    expect(bare.snn).toMatchObject({ accuracy: null, top5: null, accuracyPerStep: null });
    expect(bare.snn.agreement).toBeGreaterThanOrEqual(0);
  });

  it('says the same twice, but for the time it took', async () => {
    const timeless = ({ seconds: _, ...rest }: Report) => rest;
    expect(timeless(await report('--ann', MODEL))).toEqual(timeless(await report('--ann', MODEL)));
  });

  it('writes --json into a file and still prints the table', async () => {
    const file = folder.path('report.json');
    const text = await succeed('evaluate', net, '--data', TEST_SET, '--limit', '5', '--json', file);
    expect(text).toMatch(/^images +5\n/);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ images: 5, engine: 'auto' });
  });
});

describe('evaluate says where most is lost', () => {
  it('and what to try, in the report and under the table', async () => {
    const path = folder.path('saturated.snn');
    await succeed(...CONVERT_DIGITS, '--percentile', '90', '-o', path);
    const file = folder.path('saturated.json');
    const args = ['evaluate', path, '--data', TEST_SET, '--ann', MODEL, '--json', file];
    const text = await succeed(...args);
    const { diagnosis, layers } = JSON.parse(await readFile(file, 'utf8')) as Report;
    const { layer, cause, advice, sourceError, error } = diagnosis[0]!;
    expect(cause).toBe('saturation');
    expect(advice).toContain('--percentile (now percentile 90)');
    const found = layers.find(({ name }) => name === layer)!;
    expect([error, found.saturated! > 0.02]).toEqual([found.decodedError, true]);
    expect(sourceError).toBeLessThan(error);
    expect(text).toContain(`\nlargest loss: ${layer} (error `);
    expect(text).toContain(
      `: its code is full for ${(100 * found.saturated!).toFixed(2)} % of the values; try `,
    );
    expect(text).not.toContain('not keeping up');
  });

  it('and nothing where the network agrees, or nothing can be compared', async () => {
    const text = await succeed('evaluate', net, '--data', TEST_SET, '--ann', MODEL);
    expect(text).not.toContain('largest loss');
    expect((await report('--ann', MODEL)).diagnosis).toEqual([]);
    expect((await report()).diagnosis).toEqual([]);
  });
});

describe('evaluate refuses', () => {
  const evaluate = (path: string, ...rest: string[]) => ['evaluate', path, '--data', TEST_SET, ...rest];

  it('labels beyond the classes of the network, and images of another size', async () => {
    const x = floatTensor([2, 1, 8, 8]);
    const labels = await folder.put(
      'labels.npz',
      writeNpz(
        new Map([
          ['x', x],
          ['y', indexTensor([9, 10])],
        ]),
      ),
    );
    expect(await refused('invalid-data', 'evaluate', net, '--data', labels)).toContain(
      'expected labels to be classes 0 to 9, found 1 of 2 that are not: 10 (image 1)',
    );
    const small = await folder.put('small.npz', writeNpz(new Map([['x', floatTensor([2, 1, 4, 4])]])));
    expect(await refused('invalid-data', 'evaluate', net, '--data', small)).toContain(
      'expected images of shape [1, 8, 8], found [1, 4, 4]',
    );
  });

  it('another ANN than the one the network was made from', async () => {
    const other = await folder.put('other.onnx', tinyOnnx());
    const text = await refused('invalid-option', ...evaluate(net, '--ann', other));
    expect(text).toContain(`${other}: expected the file that the network was converted from (digits.onnx,`);
  });

  it('files of the wrong kind: a network as --ann, an ONNX file as network or data', async () => {
    expect(await refused('not-onnx', ...evaluate(net, '--ann', net))).toContain(net);
    expect(await refused('invalid-network', ...evaluate(MODEL))).toContain(MODEL);
    expect(await refused('invalid-data', 'evaluate', net, '--data', MODEL)).toContain(MODEL);
  });

  const header = (bytes: Buffer) => 8 + Number(bytes.readBigUInt64LE(0));
  it.each<[string, (bytes: Buffer) => Buffer | string]>([
    ['cut in the header', (bytes) => bytes.subarray(0, 2000)],
    ['cut in the weights', (bytes) => bytes.subarray(0, header(bytes) + 5000)],
    ['lacking its last byte', (bytes) => bytes.subarray(0, -1)],
    ['with bytes to spare', (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
    ['empty', () => ''],
    ['text', () => 'not a network at all'],
    ['of another version', (bytes) => edit(bytes, 'ann2snn-network/2', 'ann2snn-network/9')],
    ['with a neuron of no known kind', (bytes) => edit(bytes, 'tsa-relu', 'tsa-rely')],
    ['with an edge to nowhere', (bytes) => edit(bytes, '"value\\":\\"image', '"value\\":\\"imagE')],
  ])('a network that is %s', async (name, damage) => {
    const path = await folder.put(`${name.replaceAll(' ', '-')}.snn`, damage(await readFile(net)));
    expect(await refused('invalid-network', ...evaluate(path))).toContain(path);
  });

  it('a network that is not there', async () => {
    await refused('file-not-readable', ...evaluate(folder.path('none.snn')));
  });
});

/** Replaces the first occurrence of a text by one of the same length. */
function edit(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(from);
  if (at < 0) throw new Error(`the network does not hold ${from}`);
  const copy = Buffer.from(bytes);
  copy.write(to, at);
  return copy;
}

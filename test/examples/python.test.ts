// The numpy simulator of examples/python against the reference engine and an independent implementation.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { preprocess } from '../../src/data/preprocessing.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { neuronLayers, readouts, spikingLayers } from '../../src/snn/network/network.ts';
import { loadNetwork } from '../../src/snn/network/network-store.ts';
import { sizeOf } from '../../src/tensor/tensor.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL, TEST_SET } from '../cli/digits.ts';
import { succeed } from '../cli/invoke.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { ablated } from '../engines/ablated.ts';
import { loadGolden } from '../engines/golden.ts';
import { NEEDS_SHARED, withoutShared } from '../shared.ts';
import { agreementOf } from './agreement.ts';
import { classify, NEEDS_NUMPY, python, simulateInPython } from './python.ts';

const folder = tempFolder();
const readme = new URL('../../examples/python/README.md', import.meta.url);

describe.skipIf(python === null || withoutShared)(
  `dyadic golden networks in Python ${NEEDS_NUMPY} ${NEEDS_SHARED}`,
  () => {
    it.each(['dyadic-residual-maxpool', 'dyadic-residual-canonical-phi', 'dyadic-concat-depthwise'])(
      '%s: every spike and logit',
      async (name) => {
        const golden = await loadGolden(name);
        const run = simulateInPython(golden.network, golden.images);
        for (const { name: layer, kind } of spikingLayers(golden.network)) {
          const key = kind === 'encoder' ? 'spikes_input' : `spikes_${layer}`;
          const expected = golden.arrays.get(key) ?? golden.arrays.get('spikes_relu_of_m4')!;
          expect(run.get(`spikes/${layer}`)!.data, layer).toEqual(expected.data);
        }
        const logits = run.get(`logits/${readouts(golden.network)[0]!.name}`)!;
        expect(logits.data).toEqual(golden.arrays.get('snn_logits_per_step')!.data);
      },
    );
  },
);

describe.skipIf(python === null)(`the embedded networks in Python ${NEEDS_NUMPY}`, () => {
  const IMAGES = 30;
  const INT8 = MODEL.replace('digits.onnx', 'digits-int8.onnx');
  const CONVERT_INT8 = ['convert', INT8, '--calibration', CALIBRATION_SET, '--scale', '16'];

  async function bothRuns(command: readonly string[], isAblated = false) {
    const path = folder.path('net.snn');
    await succeed(...command, '-o', path);
    const loaded = await loadNetwork(path);
    const network = isAblated ? ablated(loaded) : loaded;
    const images = await (await openDataset(TEST_SET)).read(0, IMAGES);
    const compiled = await reference.compile(network);
    const shape = network.nodes[0]!.shape;
    const trace = await compiled.run(preprocess(images, network.preprocessing, shape), { spikes: true });
    return { network, trace, run: simulateInPython(network, images) };
  }

  it('answers as the reference engine does on the float network', async () => {
    const { network, trace, run } = await bothRuns(CONVERT_DIGITS);
    const { name, shape } = readouts(network)[0]!;
    const { agreement, largestDifference } = agreementOf(
      run.get(`logits/${name}`)!.data,
      trace.logits.get(name)!,
      network.coding.T,
      sizeOf(shape),
    );
    expect(agreement).toBe(1);
    expect(largestDifference).toBeLessThanOrEqual(0.03);
  });

  it.each([
    ['int8', []],
    ['int8 with Ts = T - 1', ['--silent', 'exact']],
    ['int8, looking ahead', ['--look-ahead']],
    ['int8, ablated', []],
  ])('gives every spike and logit of the reference engine: %s', async (title, options) => {
    const { network, trace, run } = await bothRuns([...CONVERT_INT8, ...options], title.endsWith('ablated'));
    expect(network.arithmetic).toBe('integer');
    if (title.endsWith('ahead')) {
      const ahead = neuronLayers(network).some(({ sources }) => sources.some((s) => (s.aheadSteps ?? 0) > 0));
      expect(ahead || neuronLayers(network).some(({ forecast }) => forecast !== undefined)).toBe(true);
    }
    for (const { name } of spikingLayers(network)) {
      expect(run.get(`spikes/${name}`)!.data, name).toEqual(trace.layers.get(name)!.spikes);
    }
    for (const { name } of readouts(network)) {
      expect(run.get(`logits/${name}`)!.data, name).toEqual(trace.logits.get(name));
    }
  });

  it('prints what its README shows', async () => {
    const path = folder.path('readme.snn');
    await succeed(...CONVERT_DIGITS, '-o', path);
    const { stdout } = classify(path, TEST_SET, '--limit', '5');
    expect(await readFile(readme, 'utf8')).toContain(`\`\`\`\n${stdout}\`\`\``);
  });

  it('refuses other files in one line, exit code 1', () => {
    const { status, stderr } = classify(TEST_SET, TEST_SET);
    expect(status).toBe(1);
    expect(stderr).toBe(`error: ${TEST_SET}: expected a .snn file, found another\n`);
  });
});

// From the command line: a network of two inputs and two outputs, and nodes that stay analog.
import { describe, expect, it } from 'vitest';
import { writeOnnxGraph } from '../../../src/onnx/write.ts';
import { intAttribute } from '../../../src/ops/attributes.ts';
import type { Report } from '../../../src/report/report.ts';
import { writeNpz } from '../../../src/tensor/npz.ts';
import { floatTensor, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { filled, normal } from '../../snn/tiny.ts';
import { refused, succeed } from '../invoke.ts';
import { node } from '../tiny-onnx.ts';

const folder = tempFolder();
const gauss = normal(17);

/** A picture and a vector, joined; one output of four numbers and one of scores [3, 2, 2]. */
function twoInputs(): Uint8Array {
  return writeOnnxGraph(
    {
      name: 'two',
      inputs: [
        { name: 'picture', dtype: 'float32', shape: ['N', 2, 4, 4] },
        { name: 'state', dtype: 'float32', shape: ['N', 3] },
      ],
      outputs: [
        { name: 'numbers', dtype: 'float32', shape: ['N', 4] },
        { name: 'scores', dtype: 'float32', shape: ['N', 3, 2, 2] },
      ],
      nodes: [
        node('conv', 'Conv', ['picture', 'w'], 'c'),
        node('relu', 'Relu', ['c'], 'r'),
        node('norm', 'LRN', ['r'], 'n', { size: intAttribute(3) }),
        node('scores', 'Conv', ['n', 'v'], 'scores'),
        node('flat', 'Flatten', ['n'], 'f'),
        node('join', 'Concat', ['f', 'state'], 'j', { axis: intAttribute(1) }),
        node('numbers', 'Gemm', ['j', 'fc'], 'numbers'),
      ],
      initializers: new Map<string, Tensor>([
        ['w', filled([5, 2, 3, 3], gauss)],
        ['v', filled([3, 5, 1, 1], gauss)],
        ['fc', filled([23, 4], gauss)],
      ]),
    },
    { opset: 13, irVersion: 8 },
  );
}

const data = (count: number, arrays: readonly string[] = ['state', 'picture']) =>
  writeNpz(
    new Map(
      arrays.map((name) => [name, filled(name === 'state' ? [count, 3] : [count, 2, 4, 4], gauss)] as const),
    ),
  );

describe('a network of two inputs and two outputs', () => {
  it('is converted and evaluated by the error of each output', async () => {
    const model = await folder.put('two.onnx', twoInputs());
    const images = await folder.put('data.npz', data(32));
    const net = folder.path('two.snn');
    const said = await succeed(
      ...['convert', model, '--calibration', images, '--analog', 'norm', '--coding', 'canonical', '-o', net],
    );
    expect(said).toMatch(/on decoded values, each 8 steps later: 1 node \(norm\)/);
    const report = JSON.parse(
      await succeed('evaluate', net, '--data', images, '--ann', model, '--json'),
    ) as Report;
    expect(report.outputs.map(({ name }) => name)).toEqual(['numbers', 'scores']);
    for (const { relativeError } of report.outputs) expect(relativeError).toBeLessThan(0.05);
    expect(report.outputs[1]!.pixelAgreement).toBeGreaterThan(0.9);
    expect(report.latency.measured?.sameAnswers).toBe(true);
  });

  it('wants one array for each input', async () => {
    const model = await folder.put('two.onnx', twoInputs());
    const images = await folder.put('half.npz', data(4, ['picture']));
    const out = folder.path('none.snn');
    const error = await refused(
      'invalid-data',
      ...['convert', model, '--calibration', images, '--analog', 'norm', '-o', out],
    );
    expect(error).toMatch(/an array for each input of the network \(picture, state\).*found picture/);
  });

  it('wants each array in the shape of its input, and one type for all', async () => {
    const model = await folder.put('two.onnx', twoInputs());
    const convert = (images: string) => [
      ...['convert', model, '--calibration', images, '--analog', 'norm', '-o', folder.path('none.snn')],
    ];
    const put = (name: string, picture: Tensor) =>
      folder.put(
        name,
        writeNpz(
          new Map([
            ['picture', picture],
            ['state', filled([4, 3], gauss)],
          ]),
        ),
      );
    const turned = await put('nhwc.npz', filled([4, 4, 4, 2], gauss));
    expect(await refused('invalid-data', ...convert(turned))).toMatch(
      /expected picture \[4, 2, 4, 4\], state \[4, 3\], found picture float32 \[4, 4, 4, 2\]/,
    );
    const bytes = await put('bytes.npz', tensor('uint8', [4, 2, 4, 4]));
    expect(await refused('invalid-data', ...convert(bytes))).toMatch(/all inputs as uint8 or none/);
    const right = await folder.put('right.npz', data(4));
    expect(await refused('invalid-data', ...convert(right), '--layout', 'nhwc')).toMatch(
      /found --layout nhwc/,
    );
  });

  it('says how to keep what no neuron tracks', async () => {
    const model = await folder.put('two.onnx', twoInputs());
    const error = await refused('unsupported-operator', 'inspect', model);
    expect(error).toMatch(/node "norm" \(LRN\).*--analog "norm"/);
    const fates = await succeed('inspect', model, '--analog', 'norm');
    expect(fates).toMatch(/norm\s+LRN\s+analog\s+kept analog/);
  });
});

it('signals [N, C, L] are data of a network with one spatial axis', async () => {
  const model = await folder.put(
    'signal.onnx',
    writeOnnxGraph(
      {
        name: 'signal',
        inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 2, 9] }],
        outputs: [{ name: 'y', dtype: 'float32', shape: ['N', 4, 7] }],
        nodes: [node('conv', 'Conv', ['x', 'w'], 'c'), node('relu', 'Relu', ['c'], 'y')],
        initializers: new Map([['w', filled([4, 2, 3], gauss)]]),
      },
      { opset: 13, irVersion: 8 },
    ),
  );
  const signals = await folder.put(
    'signals.npz',
    writeNpz(new Map([['x', floatTensor([8, 2, 9], filled([8, 2, 9], gauss).data)]])),
  );
  const net = folder.path('signal.snn');
  await succeed('convert', model, '--calibration', signals, '-o', net);
  const report = JSON.parse(
    await succeed('evaluate', net, '--data', signals, '--ann', model, '--json'),
  ) as Report;
  expect(report.outputs[0]!.relativeError).toBeLessThan(0.02);
});

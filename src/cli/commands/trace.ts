import { InvalidArgumentError } from 'commander';
import type { Network } from '../../snn/network/network.ts';
import { kilobytes } from '../answer-files.ts';
import type { CommandFile } from '../command.ts';
import {
  DATA_OPTIONS,
  type DataOptions,
  datasetOptions,
  refuseDataOptions,
  withDataOptions,
} from '../data-options.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';

interface Options extends DataOptions, JsonOption {
  readonly image?: string;
  readonly data?: string;
  readonly index?: number;
  readonly layers?: readonly string[];
  readonly output: string;
  readonly csv?: string;
}

/** `trace`: spikes, membranes and accumulated outputs of layers at every step, for one image. */
export const trace: CommandFile = {
  name: 'trace',
  declare(program, io) {
    const command = program
      .command('trace')
      .description('write spikes and membrane potentials of layers at every step, for one image')
      .argument('<net.snn>', 'the converted network')
      .option('--image <file>', 'a picture (JPEG, PNG, WebP)')
      .option('--data <path>', 'a data set in its place')
      .option('--index <number>', 'which image of the data set, from 0 (default: 0)', parseIndex)
      .option('--layers <names>', 'layers, separated by commas (default: all)', (text) => text.split(','))
      .requiredOption('-o, --output <file>', 'the arrays (.npz)', fileEndingIn('.npz'))
      .option(
        '--csv <file>',
        'one row for each step and neuron: of the layers that --layers names, else of those with up to 1,024 neurons (.csv)',
        fileEndingIn('.csv'),
      );
    return withJsonOption(withDataOptions(command)).action(
      async (path: string, options: Options, invoked) => {
        const { loadNetwork } = await import('../../snn/network/network-store.ts');
        const { expectWritable, writeWhole } = await import('../../files.ts');
        const { isSmall, recordCsv, recordMembers, SMALL_LAYER } = await import('../../report/recording.ts');
        const { recordImage } = await import('../../trace.ts');
        const { writeNpz } = await import('../../tensor/npz.ts');
        const { image, data, index, layers, output, csv } = options;
        if ((image === undefined) === (data === undefined)) {
          throw new InvalidArgumentError('expected either --image with a picture or --data with a data set');
        }
        if (data === undefined) refuseDataOptions(invoked, 'a picture', [...DATA_OPTIONS, 'index']);
        const network = await loadNetwork(path);
        await expectWritable(output);
        if (csv !== undefined) await expectWritable(csv);
        const { pixels, ...shown } = await imageOf(network, options, index ?? 0);
        const { layers: records, answer: given } = await recordImage(network, pixels, layers);
        const members = recordMembers(records);
        const rows = layers === undefined ? records.filter(isSmall) : records;
        const files = new Map<string, Uint8Array | string>([[output, writeNpz(members)]]);
        if (csv !== undefined) files.set(csv, recordCsv(rows));
        for (const [file, content] of files) await writeWhole(file, content);
        const arrays = [...members].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
        const omitted = csv === undefined ? [] : records.filter((record) => !rows.includes(record));
        const lines = [
          [
            `image ${shown.image}`,
            ...(shown.label === null ? [] : [`label ${shown.label}`]),
            ...(given === null ? [] : [`answer ${given}`]),
          ].join(', '),
          ...arrays.map(({ name, dtype, shape }) => `${name}   ${dtype} [${shape.join(', ')}]`),
          `rows along the first axis: potentials T + Ts (T = ${network.coding.T}); spikes and output the last T of these steps`,
          ...[...files].map(([file, content]) => `wrote ${file} (${kilobytes(content)})`),
        ];
        if (omitted.length > 0) {
          const names = omitted.map(({ name }) => name).join(', ');
          lines.push(
            `not in ${csv}, having more than ${SMALL_LAYER} neurons (name them with --layers): ${names}`,
          );
        }
        const result = { ...shown, answer: given, arrays, notInCsv: omitted.map(({ name }) => name) };
        await answer(io, options, result, lines.join('\n'));
      },
    );
  },
};

/** The chosen image: its pixels as the network wants them, [1, ...input shape], its path or index, and its label. */
async function imageOf(network: Network, { image, data, ...options }: Options, index: number) {
  const { preprocess } = await import('../../data/preprocessing.ts');
  const { imageShapeOf } = await import('../../snn/network/inputs.ts');
  const shape = imageShapeOf(network);
  if (image !== undefined) {
    const { refuseDatasets } = await import('../../data/dataset.ts');
    const { readImages } = await import('../../data/images.ts');
    await refuseDatasets([image]);
    return {
      pixels: preprocess(await readImages([image]), network.preprocessing, shape),
      image,
      label: null,
    };
  }
  const { openDatasetFor } = await import('../../data/dataset.ts');
  const { inputEncoders } = await import('../../snn/network/network.ts');
  const { Ann2SnnError } = await import('../../errors.ts');
  const images = await openDatasetFor(inputEncoders(network), data!, datasetOptions(options));
  if (index >= images.count) {
    const message = `expected an --index from 0 to ${images.count - 1}, found ${index}`;
    throw new Ann2SnnError('invalid-data', { where: data!, message });
  }
  const raw = await images.read(index, index + 1);
  const label = images.labels?.[index] ?? null;
  return { pixels: preprocess(raw, network.preprocessing, shape, data), image: index, label };
}

/** A whole number from 0, for commander. */
function parseIndex(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && text.trim() !== '') return value;
  throw new InvalidArgumentError(`expected a whole number from 0, found "${text}"`);
}

// What `inspect` tells of a file, as data and as text. A file that cannot be converted is described as far as it
// was understood, with every refused node.
import { basename } from 'node:path';
import { Ann2SnnError } from '../errors.ts';
import type { Fate, FateKind } from '../graph/fate.ts';
import { unsupportedNodes } from '../graph/import.ts';
import { loadOnnx } from '../onnx/load.ts';
import type { Dim } from '../onnx/model.ts';
import { type PrepareOptions, prepare } from '../pipeline.ts';
import type { AnnOperations } from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { count, plural, table } from './table.ts';

export interface Inspection {
  readonly file: string;
  readonly producer: string;
  readonly irVersion: number;
  readonly opset: number;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly Dim[] | null }[];
  readonly outputs: readonly { readonly name: string; readonly shape: readonly Dim[] | null }[];
  readonly parameters: number;
  readonly operations: AnnOperations | null;
  /** Spiking layers, or null when the file is refused. */
  readonly neuronLayers: number | null;
  readonly neurons: number | null;
  readonly fates: readonly Fate[];
  /** Why the file cannot be converted, or null. */
  readonly refusal: string | null;
}

/** Reads a file and says what would become of it. `error` is set when it cannot be converted. */
export async function inspectModel(
  path: string,
  options: PrepareOptions = {},
): Promise<Inspection & { readonly error?: Ann2SnnError }> {
  const loaded = await loadOnnx(path);
  const { model } = loaded;
  const common = {
    file: basename(path),
    producer: model.producer,
    irVersion: model.irVersion,
    opset: model.opset,
    inputs: model.inputs.map(({ name, shape }) => ({ name, shape })),
    outputs: model.outputs.map(({ name, shape }) => ({ name, shape })),
    parameters: [...model.initializers.values()].reduce((sum, value) => sum + sizeOf(value.shape), 0),
  };
  try {
    const { operations, plan, fates } = await prepare(loaded, options);
    const layers = plan.nodes.filter((node) => node.kind === 'neuron');
    return {
      ...common,
      operations,
      neuronLayers: layers.length,
      neurons: layers.reduce((sum, node) => sum + sizeOf(node.shape), 0),
      fates,
      refusal: null,
    };
  } catch (error) {
    if (!(error instanceof Ann2SnnError)) throw error;
    const refused = new Map(unsupportedNodes(model).map((fate) => [fate.node, fate]));
    const inspection: Inspection = {
      ...common,
      operations: null,
      neuronLayers: null,
      neurons: null,
      fates: model.nodes.map(
        ({ name, opType }) =>
          refused.get(name) ??
          refusedIn(error, name, opType) ?? {
            node: name,
            op: opType,
            kind: 'not reached',
            detail: 'the file is refused before its fate is known',
          },
      ),
      refusal: error.message,
    };
    return Object.defineProperty({ ...inspection }, 'error', { value: error, enumerable: false });
  }
}

/** The fate of a node that the refusal names. */
function refusedIn(error: Ann2SnnError, node: string, op: string): Fate | undefined {
  const problem = error.problems.find(({ where }) => where === node || where.includes(`"${node}"`));
  return problem && { node, op, kind: 'refused', detail: problem.message };
}

/** The inspection as text: the file, then its nodes. */
export function inspectionText(inspection: Inspection): string {
  const { operations } = inspection;
  const shapes = (list: Inspection['inputs']) =>
    list
      .map(
        ({ name, shape }) =>
          `${name} ${shape === null ? '[?]' : `[${shape.map((d) => d ?? '?').join(', ')}]`}`,
      )
      .join('; ');
  const lines = [
    `${inspection.file}: opset ${inspection.opset}, IR ${inspection.irVersion}${inspection.producer === '' ? '' : `, by ${inspection.producer}`}`,
    `inputs      ${shapes(inspection.inputs)}`,
    `outputs     ${shapes(inspection.outputs)}`,
    `parameters  ${count(inspection.parameters)}`,
    ...(operations === null
      ? []
      : [
          `MACs        ${count(operations.macs)} dense, ${count(operations.effectiveMacs)} without padding and zero weights (per image)`,
          `neurons     ${count(inspection.neurons!)} in ${plural(inspection.neuronLayers!, 'TSA layer')}`,
        ]),
  ];
  return [lines.join('\n'), ...fatesText(inspection.fates)].join('\n\n');
}

/** A table of the nodes that something becomes of, or that are refused, and how many others there are. */
function fatesText(fates: readonly Fate[]): string[] {
  const told = fates.filter(({ kind }) => kind !== 'constant' && kind !== 'not reached');
  const rows = told.map(({ node, op, kind, detail }) => [node, op, kind, detail]);
  const number = (kind: FateKind) => fates.filter((fate) => fate.kind === kind).length;
  const [constant, unreached] = [number('constant'), number('not reached')];
  return [
    ...(rows.length === 0 ? [] : [table(['node', 'operator', 'fate', 'how'], rows)]),
    ...(constant === 0 ? [] : [`constant, computed before conversion: ${constant} (--json lists them)`]),
    ...(unreached === 0 ? [] : [`not reached, because the file is refused: ${unreached}`]),
  ];
}

// Makes inner values of a model into outputs, so that a runtime hands them out. Works on the file's own
// messages: whatever else the file holds stays as it is.
import { throwIfAny } from '../errors.ts';
import { decodeModel } from './decode.ts';
import { type GraphProto, onnx } from './generated/onnx.js';

/**
 * The model's bytes with each of `names` appended to its outputs, by name only, unless it is one already.
 * @throws Ann2SnnError `unknown-name` for names that the graph does not compute, `not-onnx` for other bytes.
 */
export function exposeValues(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const model = decodeModel(bytes, 'model');
  const known = valuesOf(model.graph);
  const unknown = names.filter((name) => !known.has(name));
  throwIfAny(
    'unknown-name',
    unknown.map((name) => ({
      where: `value "${name}"`,
      message: 'expected a value of the graph, found none',
    })),
  );
  const outputs = new Set(model.graph.output.map((output) => output.name));
  const added = [...new Set(names)].filter((name) => !outputs.has(name));
  model.graph.output.push(...added.map((name) => ({ name, type: null })));
  return onnx.ModelProto.encode(model).finish();
}

function valuesOf(graph: GraphProto): Set<string> {
  return new Set([
    ...graph.input.map((input) => input.name),
    ...graph.initializer.map((initializer) => initializer.name),
    ...graph.node.flatMap((node) => node.output).filter((name) => name !== ''),
  ]);
}

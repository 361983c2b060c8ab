// Values of 4-bit integers, which ONNX Runtime cannot put out: it aborts the whole process.
import type { OnnxModel } from './model.ts';

/** Whether a QuantizeLinear writes the value as int4 or uint4: its zero point says so. */
export function isFourBit(model: OnnxModel, value: string): boolean {
  const maker = model.nodes.find((node) => node.outputs.includes(value));
  const zero = maker?.opType === 'QuantizeLinear' ? maker.inputs[2] : undefined;
  if (zero === undefined || zero === '') return false;
  const constant = model.initializers.get(zero) ?? constantNode(model, zero);
  return constant?.dtype === 'int4' || constant?.dtype === 'uint4';
}

function constantNode(model: OnnxModel, name: string) {
  const value = model.nodes.find((node) => node.outputs.includes(name))?.attributes.get('value');
  return value?.type === 'tensor' ? value.value : undefined;
}

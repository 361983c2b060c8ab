// Upsample, which Resize replaced: grows the spatial axes, by nearest or linear interpolation.
import { attributesOf } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { constantInput, inputFact } from './operands.ts';
import { type ResizeAttributes, resize, spatialOf } from './resize.ts';

/** https://onnx.ai/onnx/operators/onnx__Upsample.html; scales are an attribute before opset 9, an input since. */
export const upsample = defineOp<'Upsample', ResizeAttributes>({
  ...resize,
  name: 'Upsample',
  since: 7,
  until: 9,
  fate: 'repeats or mixes neighbouring currents: becomes Resize',
  parse(node, inputs, opset) {
    const { shape } = inputFact(node, inputs, 0, 'the data');
    const read = attributesOf(node, opset < 9 ? ['mode', 'scales'] : ['mode']);
    const given = read.string('mode') ?? 'nearest';
    const mode = given === 'bilinear' ? 'linear' : given;
    if (mode !== 'nearest' && mode !== 'linear') {
      refuse(
        node.name,
        `Upsample expects mode "nearest" or "linear", found "${given}"`,
        'unsupported-attribute',
      );
    }
    const scales = opset < 9 ? read.floats('scales') : constantInput(node, inputs, 1, 'scales');
    return {
      attributes: {
        mode,
        coordinates: 'asymmetric',
        nearest: 'floor',
        scales: spatialOf(node, shape, scales ?? []),
      },
      operands: [0],
    };
  },
});

import { preprocess } from '../../data/preprocessing.ts';
import { unitAt } from '../../ops/unit.ts';
import { imageShapeOf } from '../../snn/network/inputs.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { defineMove, type MoveContext } from '../move.ts';

const IMAGES = 64;

/** Adds to each channel's bias what its membranes keep on average, and their spikes leave out. */
export const biasCorrection = defineMove({
  name: 'bias correction',
  summary: "each channel's mean residual added to its bias",
  takes: 'one',
  changes: async (context) => {
    // The membranes of an integer network keep whole numbers, which a quantizer rounds already.
    if (context.network.arithmetic === 'integer') return [];
    const residuals = await meanResiduals(context);
    return [
      {
        what: `${residuals.size} layers`,
        apply: (setting) => {
          const biases = new Map(setting.biases);
          for (const [layer, shift] of residuals) {
            const before = biases.get(layer);
            biases.set(
              layer,
              shift.map((value, channel) => value + (before?.[channel] ?? 0)),
            );
          }
          return { ...setting, biases };
        },
      },
    ];
  },
});

/** Mean residual of each channel in the ANN's units, by layer. */
async function meanResiduals({ network, layers, calibration, engine, spend }: MoveContext) {
  const images = Math.min(IMAGES, calibration.count);
  spend(images);
  const sums = new Map(layers.map(({ name, shape }) => [name, new Float64Array(shape[0]!)]));
  const compiled = await engine.compile(network);
  const batch = engine.batch(network);
  try {
    for (let from = 0; from < images; from += batch) {
      const raw = await calibration.read(from, Math.min(from + batch, images));
      const pictures = preprocess(raw, network.preprocessing, imageShapeOf(network));
      const trace = await compiled.run(pictures, { states: true });
      for (const { name, shape } of layers) {
        const sum = sums.get(name)!;
        const area = sizeOf(shape.slice(1));
        trace.layers.get(name)!.residual!.forEach((value, i) => {
          sum[Math.floor(i / area) % sum.length]! += value;
        });
      }
    }
  } finally {
    await compiled.release();
  }
  return new Map(
    layers.map(({ name, shape, theta }) => {
      const values = images * sizeOf(shape.slice(1));
      return [name, Array.from(sums.get(name)!, (sum, c) => (sum / values) * unitAt(theta, c))] as const;
    }),
  );
}

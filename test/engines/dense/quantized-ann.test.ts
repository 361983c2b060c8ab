// The quantized ANN in ONNX Runtime computes the integers of the plain TypeScript one, bit for bit.
import { describe, expect, it } from 'vitest';
import { compileQuantizedAnn } from '../../../src/engines/dense/quantized-ann.ts';
import { runQuantizedAnn } from '../../../src/engines/reference/quantized-ann.ts';
import { neuronLayers } from '../../../src/snn/network/network.ts';
import { quantizedNetwork } from '../../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../../snn/random-quantized-graph.ts';

describe('the compiled quantized ANN', () => {
  it.each(['css', 'analog'] as const)('equals the plain one on random graphs, input %s', async (encoder) => {
    let integers = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { graph, images } = randomQuantizedGraph(seed, seed % 2 === 0);
      const network = quantizedNetwork(graph).network({ encoder });
      if (network.arithmetic === 'float32') continue;
      const expected = runQuantizedAnn(network, images).integers;
      const ann = await compileQuantizedAnn(network);
      const found = await ann.run(images);
      await ann.release();
      expect([...found.keys()]).toEqual(neuronLayers(network).map(({ name }) => name));
      for (const [layer, values] of found) {
        const wanted = expected.get(layer)!;
        const differing = [...values].flatMap((value, i) =>
          value === wanted[i] ? [] : [[value, wanted[i]]],
        );
        expect(differing, `seed ${seed}, ${layer}`).toEqual([]);
        integers += values.filter((value) => value !== 0).length;
      }
    }
    expect(integers).toBeGreaterThan(10_000);
  });
});

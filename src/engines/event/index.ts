// The event engine: nothing is computed where nothing spikes. Per layer and step the spikes are lists, and each adds the
// weights that it reaches to membranes in WebAssembly (kernels.ts); neurons are updated there too.
import { sizeOf } from '../../tensor/tensor.ts';
import { defineEngine } from '../engine.ts';
import { EventNetwork } from './event-network.ts';

/**
 * Bytes that the largest layer of a batch may take at one step. Of large images one is walked after the other; what grows with
 * the batch is the ANN beside them: 16 pictures of ImageNet at once take 0.6 GB a worker.
 */
const BATCH_BYTES = 8 * 2 ** 20;

/** Runs images on lists of spikes, small ones a few at a time. */
export const event = defineEngine({
  name: 'event',
  summary: 'lists of spikes, each adding the weights that it reaches, in WebAssembly SIMD',
  batch(network) {
    const largest = Math.max(...network.nodes.map(({ shape }) => sizeOf(shape)));
    return Math.max(1, Math.min(16, Math.floor(BATCH_BYTES / (4 * largest))));
  },
  async compile(network) {
    const compiled = new EventNetwork(network);
    return {
      run: async (images, options = {}) => compiled.run(images, options),
      release: async () => {},
    };
  },
});

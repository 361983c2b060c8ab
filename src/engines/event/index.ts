// The event engine: nothing is computed where nothing spikes. Per layer and step the spikes are lists, and each adds the
// weights that it reaches to membranes in WebAssembly (kernels.ts); neurons are updated there too.
import { defineEngine } from '../engine.ts';
import { EventNetwork } from './event-network.ts';

/** Runs one image after the other on lists of spikes. */
export const event = defineEngine({
  name: 'event',
  summary: 'lists of spikes, each adding the weights that it reaches, in WebAssembly SIMD',
  batch: () => 16,
  async compile(network) {
    const compiled = new EventNetwork(network);
    return {
      run: async (images, options = {}) => compiled.run(images, options),
      release: async () => {},
    };
  },
});

// `npm run verify`: slow checks on the real models and data of ../shared.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/verify/**/*.test.ts'],
    testTimeout: 1_800_000,
    pool: 'forks',
    fileParallelism: false,
  },
});

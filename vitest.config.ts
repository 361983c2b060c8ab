import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples import the package by its name; tests run them on the source.
  resolve: { alias: { ann2snn: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/verify/**'],
    testTimeout: 60_000,
    pool: 'forks',
    // Unless told, vitest leaves one core idle: of two, half.
    maxWorkers: '100%',
  },
});

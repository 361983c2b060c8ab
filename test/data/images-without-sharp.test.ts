import { expect, it, vi } from 'vitest';
import { readImages } from '../../src/data/images.ts';

vi.mock('sharp', () => {
  throw new Error('Cannot find package');
});

it('says how to install the package that decodes pictures', async () => {
  await expect(readImages(['any.png'])).rejects.toMatchObject({
    code: 'missing-dependency',
    problems: [{ where: 'sharp' }],
    help: 'install it with: npm install sharp',
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { progressLine } from '../../src/cli/progress-line.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function drawn(interactive: boolean, calls: readonly [at: number, done: number][], total: number): string[] {
  const lines: string[] = [];
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
  const progress = progressLine({ out: () => {}, err: (text) => lines.push(text), interactive }, 'working');
  for (const [at, done] of calls) {
    clock.mockReturnValue(1000 + at);
    progress(done, total);
  }
  return lines.map((line) => line.replace('\r\x1b[K', ''));
}

describe('progressLine', () => {
  it('draws share and time left, not more often than every 100 ms, and clears the line at the end', () => {
    const lines = drawn(
      true,
      [
        [1000, 25],
        [1050, 26],
        [2000, 50],
        [4000, 100],
      ],
      100,
    );
    expect(lines).toEqual([
      `working [${'='.repeat(6).padEnd(24)}] 25/100, 3 s left`,
      `working [${'='.repeat(12).padEnd(24)}] 50/100, 2 s left`,
      '',
    ]);
  });

  it('is silent where nobody watches', () => {
    expect(drawn(false, [[1000, 50]], 100)).toEqual([]);
  });
});

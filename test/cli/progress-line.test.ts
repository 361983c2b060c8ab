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
  it('draws count, share, time taken and time left, not more often than every 100 ms, and clears the line', () => {
    const lines = drawn(
      true,
      [
        [0, 0],
        [3000, 25],
        [3050, 26],
        [4000, 50],
        [205_000, 75],
        [206_000, 100],
      ],
      100,
    );
    // The rate counts from the first report on: 25 in 1 s, then 50 in 202 s.
    expect(lines).toEqual([
      'working ...',
      `working [${'='.repeat(6).padEnd(24)}] 25/100, 25 %, 3 s`,
      `working [${'='.repeat(12).padEnd(24)}] 50/100, 50 %, 4 s, 2 s left`,
      `working [${'='.repeat(18).padEnd(24)}] 75/100, 75 %, 3 min 25 s, 1 min 41 s left`,
      '',
    ]);
  });

  it('is silent where nobody watches', () => {
    expect(drawn(false, [[1000, 50]], 100)).toEqual([]);
  });
});

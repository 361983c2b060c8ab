// Worker threads that answer tasks, by piscina, which is loaded only where there are any.
import type { Engine } from '../engines/engine.ts';
import { engineNamed } from '../engines/index.ts';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { errorOf, type Outcome } from './failure.ts';

export interface Threads<Task, Answer> {
  /** @throws Ann2SnnError what the task fails with, or `runtime-failed` where its thread ends */
  run(task: Task): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * Starts threads.
 * @param file that each of them runs
 * @param job what each of them is given
 * @param measured called with every message of any of them
 */
export async function openThreads<Task, Answer>(
  file: URL,
  job: unknown,
  workers: number,
  measured: (images: number) => void,
): Promise<Threads<Task, Answer>> {
  const { Piscina } = await import('piscina');
  const pool = new Piscina({
    filename: file.href,
    minThreads: workers,
    maxThreads: workers,
    workerData: job,
  });
  pool.on('message', measured);
  return {
    async run(task) {
      const outcome = await answered(pool.run(task) as Promise<Outcome<Answer>>);
      if ('failure' in outcome) throw errorOf(outcome.failure);
      return outcome.answer;
    },
    async close() {
      pool.off('message', measured);
      await pool.close();
    },
  };
}

async function answered<O>(outcome: Promise<O>): Promise<O> {
  try {
    return await outcome;
  } catch (error) {
    throw new Ann2SnnError(
      'runtime-failed',
      { where: 'workers', message: `a worker thread ended before its work was done: ${messageOf(error)}` },
      { help: 'try fewer of them (--workers)', cause: error },
    );
  }
}

/** Threads find an engine by its name. @throws Ann2SnnError `invalid-option` for another of that name */
export function expectNamed(engine: Engine): void {
  if (engineNamed(engine.name) === engine) return;
  throw new Ann2SnnError('invalid-option', {
    where: 'workers',
    message: `expected 1 with an engine of the caller's own ("${engine.name}"), which other threads do not know, found more`,
  });
}

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/**
 * Both sides are processes that take turns: each reads commands from its standard input, one a line, and answers each
 * with a line of JSON. Between its turns a side stays alive and idle, so that both see the same moments of a machine
 * that others use too.
 *
 *   (start)    → { ready: true }
 *   steps N    → a Turn of the next N steps, or of those that were left
 *   pass       → a Turn of one pass over the data
 *   end        → Ended; the process exits
 */
export interface SideProcess {
  steps(count: number): Promise<Turn>;
  pass(): Promise<Turn>;
  end(): Promise<Ended>;
}

const Evaluation = z.object({ accuracy: z.number(), loss: z.number() });
export type Evaluation = z.infer<typeof Evaluation>;

/** The speed of a matrix product has times alone. */
export const Turn = z.object({
  /** Of each step, or of the pass. */
  milliseconds: z.array(z.number()),
  /** User and system time of the whole process, likewise. */
  processorMilliseconds: z.array(z.number()).default([]),
  losses: z.array(z.number()).default([]),
  /** Of steps that write: tokens of a completion, as a mean. */
  lengths: z.array(z.number()).optional(),
  /** Of the training so far. */
  evaluations: z.array(Evaluation).default([]),
});
export type Turn = z.infer<typeof Turn>;

export const Ended = z.object({
  /** The process's largest resident memory (VmHWM) from its start. */
  peakBytes: z.number(),
  /** What of it the imports took. */
  importedBytes: z.number(),
});
export type Ended = z.infer<typeof Ended>;

const Ready = z.object({ ready: z.literal(true) });

/** Starts one side. @throws Error, here and at every question, with what the process said when it ended */
export async function start(command: string, args: readonly string[]): Promise<SideProcess> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const said = lastWords(child.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(endedWith(command, args, code, said())));
  });
  failed.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  const answer = async <Answer>(schema: z.ZodType<Answer>): Promise<Answer> => {
    const line = await Promise.race([lines.next(), failed]);
    return line.done ? failed : schema.parse(JSON.parse(line.value));
  };
  const ask = <Answer>(question: string, schema: z.ZodType<Answer>): Promise<Answer> => {
    child.stdin.write(`${question}\n`);
    return answer(schema);
  };
  await answer(Ready);
  return {
    steps: (count) => ask(`steps ${count}`, Turn),
    pass: () => ask('pass', Turn),
    end: () => ask('end', Ended),
  };
}

/** Runs a command to its end. @throws Error with what it said when it fails */
export async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = lastWords(child.stderr);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw endedWith(command, args, code, said());
}

/** What a side has to say matters only when it fails. */
function lastWords(stream: NodeJS.ReadableStream): () => string {
  let said = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  return () => said;
}

function endedWith(command: string, args: readonly string[], code: number | null, said: string): Error {
  return new Error(`${command} ${args.join(' ')} ended with status ${code}.\n${said}`);
}

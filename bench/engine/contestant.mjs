import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Starts a side of the comparison and waits until it is ready. It stays alive and idle between its turns, so both sides
 * see the same moments of a machine that others use too.
 */
export async function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ${args[0]} ended with status ${code}.`)));
  });
  failed.catch(() => undefined);
  const answer = async () => {
    const { value, done } = await Promise.race([lines.next(), failed]);
    return done ? failed : JSON.parse(value);
  };
  const ask = (question) => {
    child.stdin.write(`${question}\n`);
    return answer();
  };
  const ready = await answer();
  return {
    ready,
    /** @returns losses and milliseconds of `count` steps */
    steps: (count) => ask(`steps ${count}`),
    /** Ends it. @returns its peak resident memory from start to end, in bytes */
    end: () => ask('end'),
  };
}

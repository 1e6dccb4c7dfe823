import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Both sides are processes that take turns: each reads commands from its standard input, one a line, and answers each with a line of
 * JSON. Between its turns a side stays alive and idle, so that both see the same moments of a machine that others use too.
 *
 *   (start)    → { ready: true, … }
 *   steps N    → { milliseconds, processorMilliseconds, losses, evaluations } of the next N steps, or of those that were left
 *   pass       → the same of one pass over the data
 *   end        → { peakBytes, importedBytes }: the process's largest resident memory (VmHWM) from its start, and what of it the imports
 *                took; it exits
 */
export async function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  // What a side has to say matters only when it fails.
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-4000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      reject(new Error(`${command} ${args.join(' ')} ended with status ${code}.\n${said}`)),
    );
  });
  failed.catch(() => undefined);
  child.stdin.on('error', () => undefined);
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
    steps: (count) => ask(`steps ${count}`),
    pass: () => ask('pass'),
    end: () => ask('end'),
  };
}

/** Runs a command to its end. @throws Error with what it said when it fails */
export async function run(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-4000);
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${code}.\n${said}`);
}

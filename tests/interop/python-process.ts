import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inject } from 'vitest';
import { z } from 'zod';

const Reply = z.union([z.object({ error: z.string() }), z.object({ result: z.unknown() })]);

/** A running python/serve.py, which is asked one thing after the other. */
export interface PythonProcess extends AsyncDisposable {
  /** Runs a script of python/. Errors: Error with Python's traceback. */
  call<Answer>(script: string, settings: object, answer: z.ZodType<Answer>): Promise<Answer>;
}

export function openPython(): PythonProcess {
  const child = spawn(inject('python'), [join(import.meta.dirname, 'python/serve.py')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let chatter = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    chatter = (chatter + text).slice(-4000);
  });
  return {
    async call(script, settings, answer) {
      child.stdin.write(`${JSON.stringify({ script, settings })}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`Python ended while it ran ${script}:\n${chatter}`);
      const reply = Reply.parse(JSON.parse(value));
      if ('error' in reply) throw new Error(`${script}: ${reply.error}`);
      return answer.parse(reply.result);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import type { z } from 'zod';

/**
 * Runs a script of python/ with settings on its standard input, and reads the JSON that it ends with. Errors: Error with what the script said.
 */
export async function callPython<Answer>(script: string, settings: object, answer: z.ZodType<Answer>): Promise<Answer> {
  const child = spawn(inject('python'), [join(import.meta.dirname, 'python', script)], { stdio: 'pipe' });
  child.stdin.end(JSON.stringify(settings));
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }),
  ]);
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${errors.trim().split('\n').slice(-15).join('\n')}`);
  return answer.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
}

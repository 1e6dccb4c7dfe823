import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { prepareNode } from './node-environment.js';

const run = promisify(execFile);

/** Packages with llama.cpp's binaries, of the version of node-llama-cpp. */
const binaries: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};
const version = '3.22.1';

const Answer = z.object({
  /** Tokens of the longest text, as the file says. */
  contextLength: z.number(),
  /** Of each text. */
  tokens: z.array(z.array(z.number())),
  begin: z.number().nullable(),
  end: z.number().nullable(),
  addsBegin: z.boolean(),
  chatTemplate: z.string().nullable(),
  /** Of the next token after each token of each sequence. */
  probabilities: z.array(z.array(z.array(z.number()))),
  greedy: z.array(z.number()),
});

interface Wish {
  readonly texts?: readonly string[];
  readonly sequences?: readonly (readonly number[])[];
  readonly greedy?: { readonly prompt: readonly number[]; readonly count: number };
}

/** llama.cpp, which is installed where it is not. @param folder for files that are handed over */
export async function openLlamaCpp(folder: string) {
  const platform = binaries[`${process.platform}-${process.arch}`];
  if (platform === undefined) throw new Error(`node-llama-cpp has no binary for ${process.platform}-${process.arch}`);
  const environment = await prepareNode('llama-cpp', [`@node-llama-cpp/${platform}@${version}`]);
  const script = join(import.meta.dirname, 'node/llama-cpp/evaluate.mjs');
  return {
    /** What llama.cpp makes of a GGUF file. Errors: Error with what llama.cpp said. */
    async evaluate(model: string, { texts = [], sequences = [], greedy }: Wish): Promise<z.infer<typeof Answer>> {
      const [request, answer] = ['request', 'answer'].map((name) =>
        join(folder, `${crypto.randomUUID()}-${name}.json`),
      );
      const wish = { environment, model, texts, sequences, greedy: greedy ?? null };
      await writeFile(request!, JSON.stringify(wish));
      await run(process.execPath, [script, request!, answer!], { maxBuffer: 2 ** 26 });
      return Answer.parse(JSON.parse(await readFile(answer!, 'utf8')));
    },
  };
}

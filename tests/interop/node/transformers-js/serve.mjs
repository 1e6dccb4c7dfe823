/**
 * Answers lines of JSON on standard input, one after the other: node serve.mjs <folder with node_modules> <folder of
 * exports>. Nothing is fetched.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { answer } from './answer.mjs';

const [, , packages, exportsFolder] = process.argv;
const library = createRequire(join(packages, 'package.json'))('@huggingface/transformers');
library.env.allowRemoteModels = false;
library.env.localModelPath = exportsFolder;
// What it says of missing settings is no answer.
console.log = console.error;
console.warn = console.error;

for await (const line of createInterface(process.stdin)) {
  const reply = await answer(library, JSON.parse(line)).then(
    (result) => ({ result }),
    (error) => ({ error: String(error?.stack ?? error) }),
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

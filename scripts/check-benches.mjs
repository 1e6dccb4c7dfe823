/**
 * `npm run bench:check`: every bench on a toy size, two at a time, so that a change that breaks one is seen. A toy's
 * output is shown when it ends, after its time. Ends with a status other than 0 when any fails.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const atATime = 2;

const waiting = readdirSync(join(root, 'bench'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && hasToy(entry.name))
  .map(({ name }) => name);
let failed = false;
await Promise.all(Array.from({ length: atATime }, runInTurn));
if (failed) process.exitCode = 1;

async function runInTurn() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const began = performance.now();
    const { status, output } = await run(name);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(
      `\nbench/${name} --toy: ${status === 0 ? 'passed' : `ended with ${status}`} after ${seconds} s\n${output}`,
    );
    failed ||= status !== 0;
  }
}

/** A bench without a toy, such as one that kills processes, is run by hand. */
function hasToy(name) {
  return readFileSync(join(root, 'bench', name, 'main.ts'), 'utf8').includes('--toy');
}

function run(name) {
  return new Promise((resolve, reject) => {
    const bench = spawn(process.execPath, [join(root, 'dist/bench', name, 'main.js'), '--toy'], { cwd: root });
    let output = '';
    for (const stream of [bench.stdout, bench.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    bench.once('error', reject);
    bench.once('close', (code, signal) => resolve({ status: code ?? signal, output }));
  });
}

/**
 * `npm run build`: from a fresh clone to everything in dist/, and well under two seconds when nothing changed.
 *
 *   1. AssemblyScript kernels → the .wasm beside them (committed, so that tests run straight from the sources)
 *   2. outputs whose source is gone leave dist/: a deleted migration must not run from there
 *   3. whatever the program reads at run time and is not TypeScript (.wasm, .sql, generated .js, pages) → dist/
 *   4. TypeScript → dist/, incrementally
 *   5. the types of the client, for programs that import it → dist/
 *
 * Ends with a status other than 0, and the tool's own message, when any of it fails.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileKernel, kernelFolder, kernelNames, kernelRecipe } from './kernels.mjs';
import { copyAssets, removeOrphans } from './outputs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

try {
  await mkdir(dist, { recursive: true });
  await buildKernels();
  await removeOrphans(root);
  await copyAssets(root);
  await compileTypeScript('tsconfig.build.json');
  await compileTypeScript('clients/typescript/tsconfig.types.json');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Compiles each kernel whose source, options or compiler changed, or whose .wasm is not the one made from them. */
async function buildKernels() {
  const stampPath = join(dist, '.kernels.json');
  const before = JSON.parse(await readFile(stampPath, 'utf8').catch(() => '{}'));
  const stamp = {};
  for (const name of await kernelNames(root)) {
    const wasmPath = join(root, kernelFolder, `${name}.wasm`);
    const recipe = digest(await kernelRecipe(root, name));
    const present = await readFile(wasmPath).catch(() => undefined);
    if (present === undefined || before[name] !== `${recipe} ${digest(present)}`) {
      const bytes = await compileKernel(root, name);
      if (present === undefined || !present.equals(bytes)) await writeAtomically(wasmPath, bytes);
      stamp[name] = `${recipe} ${digest(bytes)}`;
    } else {
      stamp[name] = before[name];
    }
  }
  if (JSON.stringify(stamp) !== JSON.stringify(before)) await writeAtomically(stampPath, JSON.stringify(stamp));
}

function compileTypeScript(project) {
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(dirname(compiler), 'bin', 'tsc');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`The TypeScript compiler failed (${signal ?? `status ${code}`}).`));
    });
  });
}

async function writeAtomically(path, contents) {
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, contents);
  await rename(partial, path);
}

function digest(contents) {
  return createHash('sha256').update(contents).digest('hex');
}

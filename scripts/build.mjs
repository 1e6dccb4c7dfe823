/**
 * `npm run build`: from a fresh clone to everything in dist/, and well under two seconds when nothing changed.
 *
 *   1. AssemblyScript kernels → the .wasm beside them (committed, so that tests run straight from the sources)
 *   2. outputs whose source is gone leave dist/: a deleted migration must not run from there
 *   3. whatever the program reads at run time and is not TypeScript (.wasm, .sql, generated .js, pages) → dist/
 *   4. TypeScript → dist/, incrementally
 *
 * Ends with a status other than 0, and the tool's own message, when any of it fails.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileKernel, kernelFolder, kernelNames, kernelRecipe } from './kernels.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const sourceFolders = ['src', 'gpu-worker', 'migrations'];
/** What TypeScript makes of `name.ts`. */
const compiledEndings = ['.js', '.js.map'];

try {
  await mkdir(dist, { recursive: true });
  await buildKernels();
  await removeOrphans();
  await copyAssets();
  await compileTypeScript();
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

/** Removes from dist/ the outputs of sources that no longer exist. */
async function removeOrphans() {
  for (const folder of sourceFolders) {
    for (const output of await filesUnder(join(dist, folder))) {
      if (output.endsWith('.partial')) continue; // another build may be writing it
      const source = join(root, relative(dist, output));
      const ending = compiledEndings.find((candidate) => output.endsWith(candidate));
      const candidates = ending === undefined ? [source] : [source, `${source.slice(0, -ending.length)}.ts`];
      if (!(await anyExists(candidates))) await rm(output);
    }
  }
}

function compileTypeScript() {
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(dirname(compiler), 'bin', 'tsc');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`The TypeScript compiler failed (${signal ?? `status ${code}`}).`));
    });
  });
}

/** Copies every file that is not TypeScript, its notes or its settings, keeping the relative path. */
async function copyAssets() {
  for (const folder of sourceFolders) {
    for (const source of await filesUnder(join(root, folder))) {
      if (/\.(ts|md)$|(^|\/)tsconfig\.json$/.test(source)) continue;
      const target = join(dist, relative(root, source));
      const [from, to] = await Promise.all([stat(source), stat(target).catch(() => undefined)]);
      if (to !== undefined && to.size === from.size && to.mtimeMs >= from.mtimeMs) continue;
      await mkdir(dirname(target), { recursive: true });
      const partial = `${target}.${process.pid}.partial`;
      await copyFile(source, partial);
      await rename(partial, target);
    }
  }
}

async function filesUnder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

async function anyExists(paths) {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return found.some((entry) => entry !== undefined);
}

async function writeAtomically(path, contents) {
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, contents);
  await rename(partial, path);
}

function digest(contents) {
  return createHash('sha256').update(contents).digest('hex');
}

import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** The folders whose contents appear under dist/ with the same relative paths. */
const sourceFolders = ['src', 'gpu-worker', 'migrations', 'clients'];
/** What TypeScript makes of `name.ts`. */
const compiledEndings = ['.js', '.js.map', '.d.ts'];

/** Removes from dist/ the outputs of sources that no longer exist: a deleted migration must not run from there. */
export async function removeOrphans(root) {
  for (const folder of sourceFolders) {
    for (const output of await filesUnder(join(root, 'dist', folder))) {
      if (output.endsWith('.partial')) continue; // another build may be writing it
      const source = join(root, relative(join(root, 'dist'), output));
      const ending = compiledEndings.find((candidate) => output.endsWith(candidate));
      const candidates = ending === undefined ? [source] : [source, `${source.slice(0, -ending.length)}.ts`];
      if (!(await anyExists(candidates))) await rm(output);
    }
  }
}

/** Copies to dist/ every file that is not TypeScript, its notes or its settings; those that are there already stay. */
export async function copyAssets(root) {
  for (const folder of sourceFolders) {
    for (const source of await filesUnder(join(root, folder))) {
      if (/\.(ts|md|graphql)$|(^|\/)tsconfig(\.\w+)?\.json$/.test(source)) continue;
      const target = join(root, 'dist', relative(root, source));
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
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function anyExists(paths) {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return found.some((entry) => entry !== undefined);
}

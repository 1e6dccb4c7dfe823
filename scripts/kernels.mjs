import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Where the AssemblyScript sources are; each `name.ts` has its compiled `name.wasm` beside it, committed. */
export const kernelFolder = 'gpu-worker/engine/kernels';

/**
 * No runtime and no assertions: the kernels allocate nothing and trust their caller. Memory is imported, because the
 * engine sizes it by the parameters it holds.
 */
const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory', '--noExportMemory'];

/** @returns the names of all kernel sources, without `.ts` */
export async function kernelNames(root) {
  const files = await readdir(join(root, kernelFolder));
  return files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -'.ts'.length));
}

/**
 * All that a compiled kernel depends on, as one string: while it stays equal, the kernel need not be compiled again.
 */
export async function kernelRecipe(root, name) {
  const source = await readFile(join(root, kernelFolder, `${name}.ts`), 'utf8');
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  return JSON.stringify({ version, options, source });
}

/**
 * @returns the WebAssembly bytes of one kernel: the same for the same source and compiler
 * @throws Error with the compiler's diagnostics
 */
export async function compileKernel(root, name) {
  const { default: asc } = await import('assemblyscript/asc'); // 0.3 s to load, so only when it is needed
  let bytes;
  const entry = join(kernelFolder, `${name}.ts`);
  const { error, stderr } = await asc.main([entry, ...options, '--baseDir', root, '-o', `${name}.wasm`], {
    writeFile: (_path, contents) => {
      bytes = contents;
    },
  });
  if (error !== null || bytes === undefined) throw new Error(`${entry}\n${stderr.toString()}`, { cause: error });
  return bytes;
}

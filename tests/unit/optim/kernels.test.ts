import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compileKernel, kernelFolder, kernelNames } from '../../../scripts/kernels.mjs';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

test('the committed WebAssembly is what the committed AssemblyScript compiles to', async () => {
  const names = await kernelNames(root);
  expect(names).toContain('optimizer');
  for (const name of names) {
    const committed = await readFile(join(root, kernelFolder, `${name}.wasm`));
    expect(Buffer.from(await compileKernel(root, name)).equals(committed), `${name}.wasm: run npm run build`).toBe(
      true,
    );
  }
});

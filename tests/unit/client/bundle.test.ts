import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

const entry = fileURLToPath(new URL('../../../clients/typescript/index.ts', import.meta.url));

test('the client for browsers imports nothing of Node and stays small', async () => {
  const missing: string[] = [];
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    onLog: (_level, { message }) => missing.push(message),
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  expect(missing).toEqual([]);
  const [{ code, imports }] = output;
  expect(output).toHaveLength(1);
  expect(imports).toEqual([]);
  expect(code).not.toMatch(/node:|require\(/);
  // graphql-ws is about half of it; graphql itself, of ten times that size, is not in it.
  const bytes = gzipSync(code, { level: 9 }).length;
  console.log(`client for browsers: ${bytes} bytes gzipped`);
  expect(bytes).toBeLessThan(9_000);
});

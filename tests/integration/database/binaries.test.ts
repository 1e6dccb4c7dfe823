import { chmod, cp, mkdir, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locateNativePackage, makeLibraryLinks, prepareBinaries } from '../../../src/database/embedded/binaries.js';
import { runProgram } from '../../../src/database/embedded/program.js';
import { systemAccounts } from '../../../src/database/embedded/system-accounts.js';

const isRoot = process.getuid?.() === 0;
let folder: string;
let native: string;
let source: string;

/** The package as npm unpacks it: without any symbolic link. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-binaries-'));
  await chmod(folder, 0o755);
  source = (await locateNativePackage()).folder;
  native = join(folder, 'package', 'native');
  const links = new Set(await linksIn(source));
  await cp(source, native, {
    recursive: true,
    verbatimSymlinks: true,
    // What starting the program does not need would only cost time.
    filter: (path) => !links.has(path) && !path.endsWith('.a') && path !== join(source, 'share'),
  });
});
afterEach(async () => {
  await chmod(join(native, 'lib'), 0o755);
  await rm(folder, { recursive: true, force: true });
});

async function linksIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name));
}

const version = async (postgres: string) => runProgram(postgres, ['--version'], { user: null, cwd: '/' });

test('several first starts at once make the library links, each beside its file, and the server runs', async () => {
  const results = await Promise.all([makeLibraryLinks(native), makeLibraryLinks(native), makeLibraryLinks(native)]);

  expect(results).toEqual(['', '', '']);
  for (const link of await linksIn(native)) expect(await readlink(link)).not.toContain('/');
  expect((await version(join(native, 'bin', 'postgres'))).output).toMatch(/^postgres \(PostgreSQL\) 18\./);
});

test('where the links can not be made, or the server user can not go, a copy is made once and then used', async () => {
  const user = isRoot ? await systemAccounts.find('nobody') : null;
  if (isRoot) await chmod(join(folder, 'package'), 0o700);
  else await chmod(join(native, 'lib'), 0o555);
  const said: string[] = [];
  const copy = join(folder, 'copies', 'postgresql');
  const prepare = () =>
    prepareBinaries({ native, copyFolder: async () => copy, user, log: (message) => said.push(message) });
  await mkdir(join(folder, 'copies'));

  const first = await prepare();
  const second = await prepare();

  expect(first.postgres).toBe(join(copy, 'bin', 'postgres'));
  expect(second).toEqual(first);
  expect(said).toHaveLength(1);
  expect(await readdir(join(folder, 'copies'))).toEqual(['postgresql']);
});

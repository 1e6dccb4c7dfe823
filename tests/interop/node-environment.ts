import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kept between runs, outside of version control. */
const environments = join(import.meta.dirname, '../../.attune-interop/node');

/**
 * A folder in which the packages of `node/<name>/package.json` are installed; it is made when it is not there, or was
 * made of other packages. No script of a package runs, so that none fetches or builds anything. Errors: Error with what
 * npm said.
 *
 * @param binaries further packages, `name@version`, in place of those that are optional: binaries of one platform
 */
export async function prepareNode(name: string, binaries: readonly string[] | null = null): Promise<string> {
  const folder = join(environments, name);
  const packageFile = join(import.meta.dirname, 'node', name, 'package.json');
  const stampFile = join(folder, 'packages.sha256');
  const stamp = createHash('sha256')
    .update(await readFile(packageFile))
    .update(JSON.stringify(binaries))
    .digest('hex');
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return folder;
  console.log(`Installing the packages of ${packageFile} in ${folder}, once.`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await copyFile(packageFile, join(folder, 'package.json'));
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  if (binaries === null) await npm(folder, ['install', ...options]);
  else await npm(folder, ['install', ...options, '--omit=optional', '--save-exact', ...binaries]);
  await writeFile(stampFile, stamp);
  return folder;
}

async function npm(folder: string, parameters: readonly string[]): Promise<void> {
  try {
    await run('npm', parameters, { cwd: folder, maxBuffer: 2 ** 26, shell: process.platform === 'win32' });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`npm could not install what node/${folder} needs:\n${said}`);
  }
}

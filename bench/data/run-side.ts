import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../root.js';
import type { SideResult, SideSettings } from './settings.js';

/** `output` is a folder that is there as long as the side works. */
export type SideRequest = Omit<SideSettings, 'output'>;

const attuneScript = fileURLToPath(new URL('attune.js', import.meta.url));

export function runAttune(settings: SideRequest): SideResult {
  return run(process.execPath, attuneScript, settings);
}

export function runPeer(python: string, script: string, settings: SideRequest): SideResult {
  return run(python, join(root, 'bench/data/python', script), settings);
}

/** A side does its work in a process of its own. @throws Error where it fails */
function run(program: string, script: string, settings: SideRequest): SideResult {
  mkdirSync(settings.folders.work, { recursive: true });
  const output = mkdtempSync(join(settings.folders.work, 'output-'));
  const path = join(output, 'settings.json');
  writeFileSync(path, JSON.stringify({ ...settings, output }));
  const { status, signal, stdout, error } = spawnSync(program, [script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: String(settings.threads), TOKENIZERS_PARALLELISM: 'false' },
  });
  rmSync(output, { recursive: true });
  if (error !== undefined || status !== 0) throw error ?? new Error(`${script} ended with ${status ?? signal}`);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
}

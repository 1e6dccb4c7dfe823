import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CellResult } from './cell.js';

/** The trainings that earlier runs have kept. */
export function readKept(file: string): CellResult[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => CellResult.parse(JSON.parse(line)));
}

/** Keeps one more at once: a run that is broken off goes on where it was. */
export function keep(file: string, result: CellResult): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}

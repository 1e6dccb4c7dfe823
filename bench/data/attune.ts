/**
 * Attune's side: the product's own thread with the jobs that its users start, and for near copies and personal data
 * what these jobs call.
 *
 *   node attune.js SETTINGS     prints a SideResult
 */
import { readFileSync } from 'node:fs';
import { findPairs } from './attune/near-copies.js';
import { scanTexts } from './attune/personal-data.js';
import { callPreviews } from './attune/previews.js';
import { dropExactCopies, ingestAndReport, prepareVersion } from './attune/versions.js';
import { measured } from './measured.js';
import type { SideSettings, WorkName } from './settings.js';

const works: Readonly<Record<WorkName, (settings: SideSettings) => ReturnType<Parameters<typeof measured>[0]>>> = {
  prepare: prepareVersion,
  report: ingestAndReport,
  exact: dropExactCopies,
  near: findPairs,
  personal: scanTexts,
  preview: callPreviews,
};

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('attune.js is started by main.ts: SETTINGS');
const settings: SideSettings = JSON.parse(readFileSync(path, 'utf8'));
console.log(JSON.stringify(await measured(() => works[settings.work](settings))));
process.exit(0);

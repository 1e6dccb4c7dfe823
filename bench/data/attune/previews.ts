import { previewRows } from '../../../src/protocol/preparation/preview.js';
import type { Recipe } from '../../../src/protocol/preparation/recipe.js';
import { usualScan } from '../../../src/protocol/preparation/steps/personal-data.js';
import type { SideResult, SideSettings } from '../settings.js';
import { startDataThread } from './data-thread.js';
import { csvSource, versionSource } from './versions.js';

/** What a person would try on messages before they train on them. */
const recipe: Recipe = [
  { kind: 'removeControlCharacters', columns: null },
  { kind: 'collapseWhiteSpace', columns: null, keepLineBreaks: false, trim: true },
  {
    kind: 'filterLanguage',
    column: 'text',
    action: 'KEEP',
    languages: ['en'],
    minConfidence: 0.9,
    keepUnknown: true,
    as: null,
  },
  { kind: 'maskPersonalData', columns: ['text'], ...usualScan, mask: 'LABEL', seed: 0 },
  {
    kind: 'dropDuplicates',
    columns: ['text'],
    match: 'near',
    near: null,
    scope: 'rows',
    keep: 'first',
    splitOrder: [],
    versions: [],
  },
];

/** Previews of a version, and of the CSV file that it was made of, one call after another in a thread of their own. */
export async function callPreviews(settings: SideSettings): Promise<Pick<SideResult, 'agreed' | 'figures'>> {
  const sources = { version: versionSource(settings.version!), file: csvSource(settings) };
  const figures: Record<string, number[]> = {};
  for (const [name, source] of Object.entries(sources)) {
    const seconds: number[] = [];
    const processorSeconds: number[] = [];
    // The first call begins with the thread, as when nobody has worked with data for a while.
    let began = performance.now();
    let before = process.cpuUsage();
    const thread = await startDataThread('preview', settings);
    for (let call = 0; call < settings.calls!; call++) {
      const { result } = await thread.run({
        kind: 'preview',
        sources: [source],
        recipe,
        namedVersions: [],
        maxRows: previewRows,
      });
      if (result.kind !== 'preview' || result.preview.steps.length !== recipe.length) throw new Error('No preview.');
      seconds.push((performance.now() - began) / 1e3);
      const { user, system } = process.cpuUsage(before);
      processorSeconds.push((user + system) / 1e6);
      began = performance.now();
      before = process.cpuUsage();
    }
    await thread.end();
    figures[name] = seconds;
    figures[`${name} processor`] = processorSeconds;
  }
  return { agreed: {}, figures };
}

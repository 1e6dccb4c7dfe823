import type { DuplicatesOfSplit } from '../datasets/find-duplicates.js';
import type { Finding } from '../protocol/findings.js';
import { storableText } from '../protocol/storable-text.js';

/** Duplicates as findings. @param found null: the files are too large to be searched */
export function duplicateFindings(found: readonly DuplicatesOfSplit[] | null, trainSplit: string): Finding[] {
  return (found ?? []).map(({ examples, ...rest }) => ({
    code: 'DUPLICATES_ACROSS_SPLITS',
    trainSplit,
    ...rest,
    examples: examples.map((each) => ({ ...each, text: storableText(each.text) })),
  }));
}

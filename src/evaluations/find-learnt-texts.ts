import type { ExampleReader } from '../datasets/dataset-commands.js';
import type { Finding } from '../protocol/findings.js';
import { targetColumnsOf } from '../protocol/heads.js';
import { headsOf, type RunSpec, textColumnsOf } from '../protocol/methods/index.js';
import { StorageError } from '../storage/storage-error.js';
import { duplicateFindings } from './duplicate-findings.js';
import type { ScoredTask } from './scored-tasks.js';

/** The texts that are measured. */
interface MeasuredTexts {
  readonly digest: string;
  readonly split: string;
  readonly textColumns: readonly string[];
}

/**
 * A finding where texts that are measured are among those that the model learnt from.
 * @param spec of the experiment that the model came out of; null for a model from elsewhere, of which nothing is known
 */
export async function findLearntTexts(
  examples: Pick<ExampleReader, 'findDuplicates'>,
  spec: RunSpec | null,
  { digest, split, textColumns }: MeasuredTexts,
  tasks: readonly ScoredTask[],
): Promise<Finding[]> {
  if (spec === null) return [];
  const learntColumns = textColumnsOf(spec);
  if (learntColumns.length !== textColumns.length) return [];
  const heads = headsOf(spec);
  const { trainSplit, heldOut } = spec;
  const divided = heads.map(({ head }) => ({ kind: head.kind, columns: targetColumnsOf(head) }));
  const division =
    heldOut === undefined ? null : { split: trainSplit, heldOut, textColumns: learntColumns, heads: divided };
  // Targets are compared of the tasks that were learnt.
  const targets = tasks.flatMap(({ task, columns }) => {
    const learnt = heads.find((each) => each.task === task);
    if (learnt === undefined) return [];
    return targetColumnsOf(learnt.head).map((name, k) => ({ learnt: name, scored: columns[k]?.name ?? name }));
  });
  try {
    const found = await examples.findDuplicates({
      trained: {
        digest: spec.datasetDigest,
        splits: [trainSplit],
        division,
        textColumns: learntColumns,
        targetColumns: targets.map(({ learnt }) => learnt),
      },
      measured: {
        digest,
        splits: [split],
        division: null,
        textColumns,
        targetColumns: targets.map(({ scored }) => scored),
      },
    });
    return duplicateFindings(found, trainSplit);
  } catch (error) {
    // The file that the model learnt from may have been deleted, or be damaged.
    if (error instanceof StorageError) return [];
    throw error;
  }
}

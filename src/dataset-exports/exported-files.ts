import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { ExportRowsJob } from '../protocol/preparation/export-job.js';
import type { RowExport } from '../protocol/preparation/row-export.js';
import { nameForFiles } from '../transfers/name-for-files.js';

/** The files of an export. */
interface PlannedFiles {
  /** The name of the only file; of several, what their names begin with. */
  readonly name: string;
  readonly files: ExportRowsJob['files'];
}

const forms = {
  MESSAGES: 'messages',
  SHARE_GPT: 'sharegpt',
  ALPACA: 'alpaca',
  PROMPT_COMPLETION: 'prompt-completion',
} as const;

/** e.g. `mails-v2.csv`, `mails-v2-train.csv`, `chats-v1-messages.jsonl`: names differ on every file system. */
export function plannedFiles(
  datasetName: string,
  { number, splits }: Pick<DatasetVersionRow, 'number' | 'splits'>,
  request: RowExport,
  filePerSplit: boolean,
): PlannedFiles {
  const dataset = `${nameForFiles(datasetName, 'dataset')}-v${number}`;
  const [stem, extension] = [`${dataset}${formOf(request)}`, extensionOf(request)];
  const written = request.splits ?? splits.map(({ name }) => name);
  if (!filePerSplit) {
    const only = request.splits?.length === 1 ? `-${nameForFiles(request.splits[0]!, 'split')}` : '';
    const name = `${stem}${only}.${extension}`;
    return { name, files: [{ name, splits: null }] };
  }
  const taken = new Set<string>();
  const files = written.map((split) => {
    const usual = `${stem}-${nameForFiles(split, 'split')}`;
    let name = usual;
    for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${usual}-${i}`;
    taken.add(name.toLowerCase());
    return { name: `${name}.${extension}`, splits: [split] };
  });
  return { name: stem, files };
}

function formOf(request: RowExport): string {
  if (request.format === 'CHAT') return `-${forms[request.as]}`;
  return request.format === 'PREFERENCE' ? '-preference' : '';
}

function extensionOf({ format }: RowExport): string {
  if (format === 'CSV') return 'csv';
  return format === 'PARQUET' ? 'parquet' : 'jsonl';
}

import { type PersonalDataSearch, usualScan } from '../../../src/protocol/preparation/steps/personal-data.js';
import { countLanguages, type LanguageDetector } from './languages.js';
import { countPersonalData, type PersonalDataScan } from './personal-data.js';
import { contentColumns, inputColumns, type ReportedFile, type ReportTools, textColumns } from './reported-file.js';
import { inSample, type RowSample, scanTexts } from './scan-texts.js';
import { findUnread, type ModelReading, measureWords } from './words.js';

/** What texts are read for. Null: they are not. */
export interface TextParts {
  readonly model: ModelReading | null;
  readonly scanPersonalData: PersonalDataScan | null;
  /** What that scan looks for, so that a step can be suggested that finds the same. Left out: the usual. */
  readonly personalDataSearch?: PersonalDataSearch;
  readonly detectLanguage: LanguageDetector | null;
}

/** Columns that are read at once beside those of contents: a chunk holds the texts of 2,048 rows, which may be long. */
const columnsAtOnce = 8;

/**
 * Words, tokens and languages of the texts that are learnt from, in one pass over a sample of them, and the personal
 * data of all texts: a column of telephone numbers has them, whatever it is for.
 * @param rows in the file
 */
export async function readTexts(
  tools: ReportTools,
  file: ReportedFile,
  rows: number,
  parts: TextParts,
  sample: RowSample,
) {
  const columns = contentColumns(file);
  const names = columns.map(({ name }) => name);
  const inputs = inputColumns(file).slice(0, 2);
  const words = measureWords(
    names,
    inputs.map((column) => columns.indexOf(column)),
    parts.model,
  );
  const { scanPersonalData: scan, personalDataSearch: search = usualScan } = parts;
  const personal = scan === null ? null : countPersonalData(names, scan, search);
  const languages = parts.detectLanguage === null ? null : countLanguages(names, parts.detectLanguage);
  const readers = [words, personal, languages].filter((each) => each !== null).map((each) => each.read);
  const readRows = await scanTexts(tools, file, columns, inSample(sample, rows), readers);
  const lengths = words.lengths();
  const vocabulary = words.vocabulary();
  const inputNames = inputs.map(({ name }) => name);
  const beside = textColumns(file).filter((column) => !columns.includes(column));
  const counted = personal === null ? [] : [personal];
  for (let first = 0; scan !== null && first < beside.length; first += columnsAtOnce) {
    const some = beside.slice(first, first + columnsAtOnce);
    const counting = countPersonalData(
      some.map(({ name }) => name),
      scan,
      search,
    );
    await scanTexts(tools, file, some, inSample(sample, rows), [counting.read]);
    counted.push(counting);
  }
  return {
    readRows,
    lengths,
    vocabulary,
    personalData: counted.flatMap((each) => each.counts()),
    languages: languages?.counts() ?? [],
    findings: [
      ...findUnread(inputNames, lengths, vocabulary),
      ...counted.flatMap((each) => each.findings()),
      ...(languages?.findings() ?? []),
    ],
  };
}

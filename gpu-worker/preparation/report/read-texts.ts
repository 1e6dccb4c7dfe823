import { type PersonalDataSearch, usualScan } from '../../../src/protocol/preparation/steps/personal-data.js';
import { countLanguages, type LanguageDetector } from './languages.js';
import { countPersonalData, type PersonalDataScan } from './personal-data.js';
import { contentColumns, inputColumns, type ReportedFile, type ReportTools } from './reported-file.js';
import { inSample, type RowSample, scanTexts } from './scan-texts.js';
import { keepShort } from './suggested-steps.js';
import { findUnread, type ModelReading, measureWords } from './words.js';

/** What texts are read for. Null: they are not. */
export interface TextParts {
  readonly model: ModelReading | null;
  /** The digest of that model's manifest, by which steps name it. Left out: no step that counts tokens is suggested. */
  readonly modelDigest?: string | null;
  readonly scanPersonalData: PersonalDataScan | null;
  /** What that scan looks for, so that a step can be suggested that finds the same. Left out: the usual. */
  readonly personalDataSearch?: PersonalDataSearch;
  readonly detectLanguage: LanguageDetector | null;
}

/** Words, tokens, personal data and languages, in one pass over a sample of the texts. @param rows in the file */
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
  // A step counts the tokens of one column, and those of lists and messages in another way.
  const [only] = inputs.length === 1 ? inputs.filter((each) => each.type === 'VARCHAR') : [];
  const modelDigest = parts.modelDigest ?? null;
  const shorten =
    only === undefined || modelDigest === null
      ? null
      : (maxLength: number) => keepShort(only.name, maxLength, modelDigest);
  return {
    readRows,
    lengths,
    vocabulary,
    personalData: personal?.counts() ?? [],
    languages: languages?.counts() ?? [],
    findings: [
      ...findUnread(inputNames, lengths, vocabulary, shorten),
      ...(personal?.findings() ?? []),
      ...(languages?.findings() ?? []),
    ],
  };
}

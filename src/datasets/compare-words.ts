import { rowColumn, splitColumn } from '../protocol/dataset-layout.js';
import { type DuckDb, identifier } from '../storage/duckdb.js';
import { columnTypes, isList, rowsOf } from './columns-of-file.js';
import type { ExampleReader, UnequalWords } from './dataset-commands.js';

/**
 * A word between white space, where white space is Unicode's property White_Space, as in the worker's
 * `wordsBetweenSpaces`: it contains the next line (U+0085) but not the byte order mark (U+FEFF), unlike JavaScript's
 * `\s`. RE2 does not have the property.
 */
const word = '[^\\t-\\r \\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}]+';

/**
 * For each split, the rows with different numbers of words and tags. Rows without words or without tags are not
 * compared; a split without differing rows is left out.
 * `wordColumn` holds lists of words; or texts, whose words are separated by white space.
 */
export async function compareWords(
  database: DuckDb,
  path: string,
  { wordColumn, tagColumn, division = null }: Omit<Parameters<ExampleReader['compareWords']>[0], 'digest'>,
): Promise<UnequalWords[]> {
  const types = await columnTypes(database, path);
  const given = identifier(wordColumn);
  const words = isList(types, wordColumn) ? given : `regexp_extract_all(CAST(${given} AS VARCHAR), '${word}')`;
  return database.query<UnequalWords>(
    `WITH counted AS (SELECT ${identifier(splitColumn)} AS split_, ${identifier(rowColumn)} AS row_,
         len(${words}) AS words_, len(${identifier(tagColumn)}) AS tags_ FROM ${rowsOf(types, division)})
     SELECT split_ AS split, count(*)::DOUBLE AS rows, min(row_)::DOUBLE AS "firstRow",
       arg_min(words_, row_)::DOUBLE AS words, arg_min(tags_, row_)::DOUBLE AS tags
     FROM counted WHERE words_ <> tags_ GROUP BY split_ ORDER BY split_`,
    { path },
  );
}

import { rowColumn, splitColumn } from '../protocol/dataset-layout.js';
import { columnTypes, isList } from './columns-of-file.js';
import type { UnequalWords } from './dataset-commands.js';
import { type DuckDb, identifier } from './duckdb.js';

/**
 * What stands between white space, which is Unicode's property White_Space as in the worker's `wordsBetweenSpaces`:
 * with the next line (U+0085) and without the byte order mark (U+FEFF), other than JavaScript's `\s`. RE2 does not
 * know the property.
 */
const word = '[^\\t-\\r \\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}]+';

/**
 * By split: rows whose words and tags are not as many. Rows that lack either are not compared; a split without such rows is missing.
 * @param wordColumn lists of words; or texts, whose words are what stands between white space
 */
export async function compareWords(
  database: DuckDb,
  path: string,
  wordColumn: string,
  tagColumn: string,
): Promise<UnequalWords[]> {
  const types = await columnTypes(database, path);
  const given = identifier(wordColumn);
  const words = isList(types, wordColumn) ? given : `regexp_extract_all(CAST(${given} AS VARCHAR), '${word}')`;
  return database.query<UnequalWords>(
    `WITH counted AS (SELECT ${identifier(splitColumn)} AS split_, ${identifier(rowColumn)} AS row_,
         len(${words}) AS words_, len(${identifier(tagColumn)}) AS tags_ FROM read_parquet($path))
     SELECT split_ AS split, count(*)::DOUBLE AS rows, min(row_)::DOUBLE AS "firstRow",
       arg_min(words_, row_)::DOUBLE AS words, arg_min(tags_, row_)::DOUBLE AS tags
     FROM counted WHERE words_ <> tags_ GROUP BY split_ ORDER BY split_`,
    { path },
  );
}

import { isNestedBeyond, maxNesting, parseExactly } from '../preparation/json-text.js';

/** A string of JSON; or NaN or an infinity outside of strings. */
const stringOrNonFinite = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:nan|inf(?:inity)?)/gi;

/**
 * Parses JSON of a version's file. NaN and the infinities, which former releases wrote as they are though JSON does not
 * know them, become texts, as in columns of numbers. A value that is nested too deeply to be written stays the text.
 */
export function parseStoredJson(json: string): unknown {
  const value = parseLeniently(json);
  return isNestedBeyond(value, maxNesting) ? json : value;
}

function parseLeniently(json: string): unknown {
  try {
    return parseExactly(json);
  } catch {
    return parseExactly(json.replace(stringOrNonFinite, (token) => (token.startsWith('"') ? token : named(token))));
  }
}

function named(token: string): string {
  const sign = token.startsWith('-') ? '-' : '';
  return /nan/i.test(token) ? '"NaN"' : `"${sign}Infinity"`;
}

import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { DelimitedOptions } from '../../../src/protocol/datasets/file-options.js';

/** How values of delimited text are quoted. Each is an ASCII byte; −1: none. */
export interface Quoting {
  readonly quote: number;
  /** Before a quote, a delimiter, a line end or itself it stands for that. Otherwise quotes are doubled. */
  readonly escapeByte: number;
  /** Lines that begin with it are no rows. */
  readonly comment: number;
}

const none = -1;
const [doubleQuote, singleQuote, backslash] = [0x22, 0x27, 0x5c];

/** As RFC 4180 has it. */
export const usualQuoting: Quoting = { quote: doubleQuote, escapeByte: none, comment: none };
/** As IANA defines tab-separated values: a quote is a character like any other. */
export const noQuoting: Quoting = { quote: none, escapeByte: none, comment: none };

const sampledLines = 200;
/** The share of lines with a value in single quotes that apostrophes do not reach. */
const mostLines = 0.9;

/** A value in single quotes, from one delimiter or line end to the next. */
const inSingleQuotes = /(?:^|[,;\t|])'(?:[^']|'')*'(?=[,;\t|]|$)/;
/** A header of such values alone. */
const allInSingleQuotes = /^'[^']*'(?:[,;\t|]'[^']*')+$/;
const inDoubleQuotes = /(?:^|[,;\t|])"/;
/** A quote after a backslash, inside of a value in quotes. */
const escapedQuote = /(?:^|[,;\t|\n])"(?:[^"\\]|\\[^"])*\\"(?![,;\t|\r\n]|$)/;
const doubledQuote = /[^,;\t|\r\n]""[^,;\t|\r\n]/;

/** What the options say of quotes; where they leave it open, what the beginning of a CSV file shows. */
export function readQuoting(head: Uint8Array, options: DelimitedOptions | null): Quoting {
  const { quote = null, quoteEscape = null, comment = null } = options ?? {};
  const text = Buffer.from(head).toString('latin1');
  return {
    quote: quote === null ? findQuote(text) : quote === '' ? none : quote.charCodeAt(0),
    escapeByte: (quoteEscape ?? findEscape(text)) === 'BACKSLASH' ? backslash : none,
    comment: comment === null ? none : comment.charCodeAt(0),
  };
}

/** What its owner should know of quotes that were found. */
export function noticeOf({ quote, escapeByte }: Quoting, options: DelimitedOptions | null): FileNotice[] {
  const isQuoteFound = (options?.quote ?? null) === null && quote === singleQuote;
  const isEscapeFound = (options?.quoteEscape ?? null) === null && escapeByte === backslash;
  if (!isQuoteFound && !isEscapeFound) return [];
  const what = isQuoteFound ? 'Values stand in single quotes' : 'Quotes within quotes stand after a backslash';
  const option = isQuoteFound ? 'quote: "\\""' : 'quoteEscape: DOUBLED';
  const message = `${what}, as the first rows show. \`fileOptions: { delimited: { ${option} } }\` reads them otherwise.`;
  return [{ code: 'QUOTES_FOUND', message }];
}

function findQuote(text: string): number {
  if (!text.includes("'")) return doubleQuote;
  const [header = '', ...others] = text.split(/\r\n|[\r\n]/, sampledLines);
  const lines = others.slice(0, -1).filter((line) => line.trim() !== '');
  if (allInSingleQuotes.test(header)) return singleQuote;
  if (lines.some((line) => inDoubleQuotes.test(line))) return doubleQuote;
  const quoted = lines.filter((line) => inSingleQuotes.test(line)).length;
  return quoted > 1 && quoted >= mostLines * lines.length ? singleQuote : doubleQuote;
}

function findEscape(text: string): 'DOUBLED' | 'BACKSLASH' {
  return text.includes('\\"') && !doubledQuote.test(text) && escapedQuote.test(text) ? 'BACKSLASH' : 'DOUBLED';
}

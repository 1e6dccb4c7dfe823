import { createRequire } from 'node:module';
import parse from 'spdx-expression-parse';

const require = createRequire(import.meta.url);
const ids: readonly string[] = [
  ...(require('spdx-license-ids') as string[]),
  ...(require('spdx-license-ids/deprecated') as string[]),
];
const exceptions: readonly string[] = [
  ...(require('spdx-exceptions') as string[]),
  ...(require('spdx-exceptions/deprecated') as string[]),
];

/** Longer names are of no licence; the parser is recursive. */
const maxExpressionLength = 400;

/** One licence of an expression. */
export interface SpdxLicence {
  /** As SPDX writes it: `GPL-2.0-only`; of a licence that is not on its list, `LicenseRef-` and its name. */
  readonly id: string;
  /** The id with what is added to it: `GPL-2.0-only WITH Classpath-exception-2.0`, `MPL-1.1+`. */
  readonly text: string;
}

/** What an SPDX expression says, with the licences as leaves. */
export type SpdxExpression =
  | { readonly kind: 'licence'; readonly licence: SpdxLicence }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly [SpdxExpression, SpdxExpression] };

/** Ids, exceptions and operators as SPDX writes them, by the same in small letters: people and hubs write all small. */
const spelling: ReadonlyMap<string, string> = new Map(
  [...ids, ...exceptions, 'AND', 'OR', 'WITH'].map((word) => [word.toLowerCase(), word]),
);

/** All ids of SPDX, those that newer ones stand for left out. */
export const spdxIds: readonly string[] = [...new Set(ids.map((id) => ofToday(id, false)))].sort();

/**
 * Reads an SPDX licence expression, in whatever case it is written. Null for a text that is none, such as the name of
 * a licence that SPDX does not list.
 *
 * https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/
 */
export function parseSpdx(text: string): SpdxExpression | null {
  if (text.length > maxExpressionLength) return null;
  const spelt = text.replace(/[A-Za-z0-9.+-]+/g, (word) => {
    const found = spelling.get(word.toLowerCase());
    if (found !== undefined || !word.endsWith('+')) return found ?? word;
    return `${spelling.get(word.slice(0, -1).toLowerCase()) ?? word.slice(0, -1)}+`;
  });
  try {
    return read(parse(spelt));
  } catch {
    return null;
  }
}

/** An expression as SPDX writes it. */
export function spdxText(expression: SpdxExpression): string {
  if (expression.kind === 'licence') return expression.licence.text;
  const [left, right] = expression.parts.map((part) =>
    // AND binds more tightly than OR.
    expression.kind === 'and' && part.kind === 'or' ? `(${spdxText(part)})` : spdxText(part),
  );
  return `${left} ${expression.kind.toUpperCase()} ${right}`;
}

function read(info: parse.Info): SpdxExpression {
  if ('conjunction' in info) return { kind: info.conjunction, parts: [read(info.left), read(info.right)] };
  const id = ofToday(info.license, info.plus === true);
  const plus = info.plus === true && id === info.license ? '+' : '';
  const exception = info.exception === undefined ? '' : ` WITH ${info.exception}`;
  return { kind: 'licence', licence: { id, text: `${id}${plus}${exception}` } };
}

/** Of the GNU licences, SPDX has two ids in place of the former `GPL-3.0` and `GPL-3.0+`. */
function ofToday(id: string, orLater: boolean): string {
  if (!/^(A?GPL|LGPL|GFDL)-\d+(\.\d+)*\+?$/.test(id)) return id;
  return id.endsWith('+') || orLater ? `${id.replace(/\+$/, '')}-or-later` : `${id}-only`;
}

import { parseGlobalId, type TypeWithId } from '../graphql/global-id.js';
import type { Query } from '../protocol/sql/query.js';
import { namedRow } from './named-row.js';

/** The object that an entry of the audit log is about. */
export interface AuditTarget {
  readonly type: TypeWithId;
  readonly uuid: string;
}

/** The object that an id in the input names; null when the text is no global id. */
export function targetOf(id: unknown): AuditTarget | null {
  return typeof id === 'string' ? parseGlobalId(id) : null;
}

const maxNameLength = 200;

/**
 * What an object is called at this moment; null: it has no name, does not exist, or belongs to another project. Whoever
 * sends an id that is not theirs must not learn the name from the log of their own project.
 *
 * @param projectId the project in whose log the name will stand; null: the log of the server, which shows all
 */
export async function nameOfTarget(
  query: Query,
  { type, uuid }: AuditTarget,
  projectId: string | null,
): Promise<string | null> {
  const name = (await namedRow(query, type, uuid, projectId))?.name ?? null;
  return name === null ? null : (type.startsWith('Webhook') ? shownUrl(name) : name).slice(0, maxNameLength);
}

/** From this length on a part of a URL's path may be a key of the receiver. */
const minKeyLength = 20;
/** Receivers with keys in the path have them at the end of one with several parts: Slack, Discord, Zapier. */
const minPartsBeforeKey = 2;

/**
 * A URL as far as the log may keep it for ever: where it leads. Left out are the query, and parts of the path that may
 * be a key. A text that is no URL is left out as a whole.
 */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return '…';
  const { protocol, host, pathname, search } = new URL(text);
  const parts = pathname.split('/');
  const last = parts.findLastIndex((part) => part !== '');
  const path = parts
    .map((part, i) => (part.length >= minKeyLength || (i === last && i > minPartsBeforeKey) ? '…' : part))
    .join('/');
  return `${protocol}//${host}${path}${search === '' ? '' : '?…'}`;
}

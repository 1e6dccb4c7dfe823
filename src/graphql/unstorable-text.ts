import { BREAK, type DocumentNode, GraphQLError, visit } from 'graphql';

/** U+0000, which PostgreSQL's texts can't hold, and unpaired surrogates, which UTF-8 can't. */
const unstorable = /\0|\p{Surrogate}/u;
/** A document whose literals hold such a character must contain an escape or an unpaired surrogate. */
const suspicious = /\\u|\p{Surrogate}/u;

/**
 * The error for an operation with a text that can't be stored; null: all texts can. Checking here covers all present
 * and future arguments: in the database each such text would fail as an unexpected error. The caller has checked the
 * variables' depth.
 */
export function refuseUnstorableText(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): GraphQLError | null {
  if (!holdsUnstorable(variables) && !literalHoldsUnstorable(document)) return null;
  return new GraphQLError('A text holds U+0000 or an unpaired surrogate, neither of which can be stored. Remove it.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}

/** Whether a text anywhere in a JSON value can't be stored. */
export function holdsUnstorable(value: unknown): boolean {
  if (typeof value === 'string') return unstorable.test(value);
  if (value === null || typeof value !== 'object') return false;
  return Object.values(value).some(holdsUnstorable);
}

function literalHoldsUnstorable(document: DocumentNode): boolean {
  if (document.loc !== undefined && !suspicious.test(document.loc.source.body)) return false;
  let found = false;
  visit(document, {
    StringValue: ({ value }) => {
      found ||= unstorable.test(value);
      return found ? BREAK : undefined;
    },
  });
  return found;
}

import { BREAK, type DocumentNode, GraphQLError, visit } from 'graphql';

/** U+0000, which PostgreSQL's texts can't hold, and halves of surrogate pairs, which UTF-8 can't. */
const unstorable = /\0|\p{Surrogate}/u;
/** What a document must have for one of its literals to hold such a character: an escape, or half a pair as it is. */
const suspicious = /\\u|\p{Surrogate}/u;

/**
 * The error to answer with when a text of an operation can't be kept; null when all can. One place for all arguments there are and will be:
 * whichever reached the database would fail there, as an unexpected error. The variables are known not to be deep.
 */
export function refuseUnstorableText(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): GraphQLError | null {
  if (!holdsUnstorable(variables) && !literalHoldsUnstorable(document)) return null;
  return new GraphQLError('A text holds U+0000, or half of a surrogate pair: neither can be kept. Leave it out.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}

function holdsUnstorable(value: unknown): boolean {
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

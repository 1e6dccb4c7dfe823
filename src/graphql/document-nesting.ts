import { GraphQLError } from 'graphql';

/**
 * The most brackets of a document inside each other. The parser recurses, and ends without a word of the reason where
 * the stack is full, at some 2,000.
 */
const maxNesting = 200;

/** The parser refuses a document of more tokens before it comes to them. */
const tokensOfInterest = 10_000;

/** Comments, block strings and strings, whose brackets are text; and brackets. */
const tokens = /#[^\n\r]*|"""(?:[^"\\]|\\(?:""")?|"(?!""))*(?:"""|$)|"(?:[^"\\\n\r]|\\.)*"?|[([{]|[)\]}]/gs;

/** The error for a document whose brackets are nested too deeply to be parsed; null: they are not. */
export function refuseDeepDocument(text: string): GraphQLError | null {
  // Most documents are shorter than one that is nested so deeply, or have fewer brackets.
  if (text.length <= maxNesting) return null;
  let depth = 0;
  let seen = 0;
  for (const [token] of text.matchAll(tokens)) {
    if (token === '(' || token === '[' || token === '{') depth++;
    else if (token === ')' || token === ']' || token === '}') depth--;
    if (depth > maxNesting) return tooDeep;
    if (!token.startsWith('#') && ++seen > tokensOfInterest) return null;
  }
  return null;
}

const tooDeep = new GraphQLError(
  `The document has brackets inside each other at more than ${maxNesting} levels. Pass large values as variables.`,
  {
    extensions: {
      code: 'OPERATION_TOO_COSTLY',
      measure: 'nesting of brackets',
      limit: maxNesting,
      http: { status: 400 },
    },
  },
);

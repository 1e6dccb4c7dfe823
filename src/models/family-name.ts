import type { Architecture } from '../protocol/architectures/index.js';

/** The families' names in the graph. One that is not named here does not compile. */
export const familyNames = {
  'use-lite': 'USE_LITE',
  bert: 'BERT',
  distilbert: 'DISTILBERT',
  roberta: 'ROBERTA',
} as const satisfies Readonly<Record<Architecture, string>>;

/** A family's name in the graph, e.g. USE_LITE. */
export function familyName({ architecture }: { readonly architecture: Architecture }): string {
  return familyNames[architecture];
}

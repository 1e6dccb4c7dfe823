import { type InputProblem, problem } from '../../problems/problem.js';
import { isIob2Tag, schemeOf, type TagScheme } from '../../protocol/heads.js';

/**
 * The scheme of a column's tags, and the problems of the requested one.
 * @param asked null: the scheme follows from the tags
 * @param path of `scheme` in the input
 */
export function resolveTagScheme(
  asked: TagScheme | null | undefined,
  tags: readonly string[],
  path: readonly string[],
): { readonly scheme: TagScheme; readonly problems: readonly InputProblem[] } {
  if (asked == null) return { scheme: schemeOf(tags), problems: [] };
  const other = tags.find((tag) => !isIob2Tag(tag));
  if (asked === 'plain' || other === undefined) return { scheme: asked, problems: [] };
  const message = `“${other}” is not a tag of IOB2: it is neither \`O\`, nor does it begin with \`B-\` or \`I-\`.`;
  const hint = 'If each tag stands for itself, choose PLAIN.';
  return { scheme: asked, problems: [problem(path, 'INVALID_VALUE', message, hint)] };
}

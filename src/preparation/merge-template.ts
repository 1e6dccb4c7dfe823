/** A piece of a template: a text that stands as it is, or the name of a column whose value is put in. */
export type TemplatePiece = { readonly text: string } | { readonly column: string };

const part = /\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g;

/**
 * The pieces of a template such as `{title}: {body}`, in which `{{` and `}}` are braces; null when a brace is alone.
 */
export function readTemplate(template: string): readonly TemplatePiece[] | null {
  const pieces: TemplatePiece[] = [];
  for (const [found, column] of template.matchAll(part)) {
    if (column !== undefined) pieces.push({ column });
    else if (found === '{' || found === '}') return null;
    else pieces.push({ text: found === '{{' ? '{' : found === '}}' ? '}' : found });
  }
  return pieces;
}

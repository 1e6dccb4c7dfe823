const whiteSpace = /\p{White_Space}+/gu;

/** A label without the differences that do not count. Two labels are the same where this is equal. */
export function foldLabel(
  label: string,
  { ignoreCase, ignoreWhiteSpace }: { readonly ignoreCase: boolean; readonly ignoreWhiteSpace: boolean },
): string {
  const spaced = ignoreWhiteSpace ? label.replace(whiteSpace, ' ').replace(/^ | $/g, '') : label;
  // By way of capitals, since “ß” and “SS”, “ς” and “σ” have the same ones.
  return ignoreCase ? spaced.toUpperCase().toLowerCase() : spaced;
}

/** A block of code in Markdown. */
export function fenced(language: string, ...lines: string[]): string {
  return [`\`\`\`${language}`, ...lines, '```'].join('\n');
}

/** A value as Python writes it: strings and numbers are JSON's. */
export function python(value: string | number | readonly number[] | Readonly<Record<string, number>>): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}: ${one}`)
    .join(', ')}}`;
}

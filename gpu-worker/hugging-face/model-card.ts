import { storableText } from '../../src/protocol/storable-text.js';

/**
 * The licence a model card names in its front matter; null where it names none.
 * https://huggingface.co/docs/hub/model-cards
 */
export function licenceOf(card: string): string | null {
  const frontMatter = card.match(/^\uFEFF?---\r?\n([\s\S]*?)\r?\n---(\r?\n|$)/)?.[1];
  if (frontMatter === undefined) return null;
  const licence = keyOf(frontMatter, 'license');
  // `other` says nothing without the name beside it.
  return licence === 'other' ? (keyOf(frontMatter, 'license_name') ?? licence) : licence;
}

/** A key of the outermost level: a plain or quoted value on its line, or the first of a list below it. */
function keyOf(yaml: string, key: string): string | null {
  const value = yaml.match(new RegExp(`^${key}:[ \\t]*(?:\\r?\\n[ \\t]*-[ \\t]+)?([^\\r\\n]*)$`, 'm'))?.[1];
  const plain = value
    ?.replace(/\s+#.*$/, '')
    .trim()
    .replace(/^\[\s*([^,\]]*).*\]$/, '$1')
    .replace(/^(['"])(.*)\1$/, '$2')
    .trim();
  return plain === undefined || plain === '' ? null : storableText(plain);
}

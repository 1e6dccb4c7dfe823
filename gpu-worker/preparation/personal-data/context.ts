/** How far before and after a find its context reaches, in UTF-16 code units: about ten words and about four. */
const unitsBefore = 64;
const unitsAfter = 24;

/** What words of a find's own kind add to its confidence (presidio: 0.35), and words of another kind take from it. */
const raise = 0.4;
const fall = 0.35;

/** Numbers that people write beside these words count or name things, not persons. */
export const otherNumberWords: readonly string[] = [
  'order',
  'orders',
  'invoice',
  'invoices',
  'tracking',
  'shipment',
  'parcel',
  'sku',
  'isbn',
  'issn',
  'ean',
  'upc',
  'part',
  'serial',
  'ticket',
  'batch',
  'lot',
  'build',
  'version',
  'revision',
  'commit',
  'model',
  'article',
  'item',
  'product',
  'case',
  'transaction',
  'receipt',
  'doi',
  'timestamp',
  'epoch',
  'bestellung',
  'bestellnummer',
  'rechnung',
  'commande',
  'facture',
  'pedido',
  'factura',
  'ordine',
  'fattura',
];

const otherNumbers = wordsPattern(otherNumberWords);

/** What a mask leaves behind says nothing about its neighbours: `[PHONE]`, `[EMAIL:kcba…]`. */
const maskLabels = /\[[A-Z_]+(?::[a-p]{16})?\]/g;

/** A pattern that finds one of the words or phrases as whole words, in any case. */
export function wordsPattern(words: readonly string[]): RegExp {
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '[\\s_-]+'));
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}])`, 'iu');
}

/**
 * The confidence of a find after a look at the words around it: words of its own kind raise it (`SSN: 078-05-1120`),
 * words that announce another number lower it (`order 078-05-1120`), its own come first.
 */
export function judgedByContext(
  text: string,
  start: number,
  end: number,
  base: number,
  own: RegExp,
  others: RegExp = otherNumbers,
): number {
  const before = text.slice(Math.max(0, start - unitsBefore), start).replace(maskLabels, ' ');
  if (own.test(before) || own.test(text.slice(end, end + unitsAfter).replace(maskLabels, ' ')))
    return Math.min(0.99, base + raise);
  return others.test(before) ? Math.max(0.01, base - fall) : base;
}

/**
 * Rules that replace characters, as SentencePiece compiles them: a byte count, a double-array trie (darts-clone) over
 * UTF-8, and the replacements, each ended by a zero byte. Of the rules whose text begins at a place the longest counts.
 * Read by llama.cpp's `normalize_prefix`, and by `createCharacterMap` of Attune's tokenizer.
 *
 * @param rules replacements by what they replace; neither has a zero character
 */
export function compileCharacterMap(rules: ReadonlyMap<string, string>): Uint8Array {
  const replacements: Buffer[] = [];
  const places = new Map<string, number>();
  let length = 0;
  const root: TrieNode = { children: new Map(), value: null };
  for (const [text, replacement] of rules) {
    let place = places.get(replacement);
    if (place === undefined) {
      place = length;
      const bytes = Buffer.from(`${replacement}\0`, 'utf8');
      replacements.push(bytes);
      places.set(replacement, place);
      length += bytes.length;
    }
    insert(root, Buffer.from(text, 'utf8'), place);
  }
  const units = layOut(root);
  const trie = Buffer.alloc(4 * units.length);
  for (const [index, unit] of units.entries()) trie.writeUInt32LE(unit, 4 * index);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(trie.length);
  return Buffer.concat([size, trie, ...replacements]);
}

interface TrieNode {
  /** By byte. */
  readonly children: Map<number, TrieNode>;
  value: number | null;
}

function insert(root: TrieNode, key: Uint8Array, value: number): void {
  let node = root;
  for (const byte of key) {
    let next = node.children.get(byte);
    if (next === undefined) {
      next = { children: new Map(), value: null };
      node.children.set(byte, next);
    }
    node = next;
  }
  node.value = value;
}

const leaf = 1 << 8;
const offsetShift = 10;
const isValue = 0x80000000;

/**
 * The trie as units: that of a child stands at base XOR label, where base is the node's own place XOR its offset; a
 * value stands at the label 0.
 */
function layOut(root: TrieNode): number[] {
  const units: number[] = [0];
  const isTaken = new Set([0]);
  // A unit names its label and not its parent: nodes with one base would take each other's children for theirs.
  const bases = new Set<number>();
  let firstFree = 1;
  const waiting: (readonly [node: TrieNode, place: number])[] = [[root, 0]];
  for (const [node, place] of waiting) {
    const labels = [...(node.value === null ? [] : [0]), ...node.children.keys()];
    while (isTaken.has(firstFree)) firstFree++;
    // A base at which the first label falls on the first free place, or on one behind it, until all labels fit.
    let at = firstFree;
    const fits = (base: number) =>
      !bases.has(base) && labels.every((label) => (base ^ label) > 0 && !isTaken.has(base ^ label));
    while (!fits(at ^ labels[0]!)) at++;
    const base = at ^ labels[0]!;
    bases.add(base);
    for (const label of labels) {
      isTaken.add(base ^ label);
      units[base ^ label] = label;
    }
    units[place] = ((units[place] ?? 0) | ((place ^ base) << offsetShift) | (node.value === null ? 0 : leaf)) >>> 0;
    if (node.value !== null) units[base] = (isValue | node.value) >>> 0;
    for (const [label, child] of node.children) waiting.push([child, base ^ label]);
  }
  return Array.from(units, (unit) => unit ?? 0);
}

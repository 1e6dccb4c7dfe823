/** Fewer lines of words say too little. */
const fewestWords = 4;

/** A word with columns beside it, blanks or a tab between them, the last one a tag of IOB or IOBES. */
const taggedWord = /^\S+(?:[ \t]+\S+)*?[ \t]+(?:O|[BIES]-\S+)$/;
const beginning = /[ \t]B-\S+$/;
const comment = /^(?:#|-DOCSTART-)/;

/**
 * Whether a file's beginning is CoNLL: a word a line, its tag at the end, blank lines between sentences. Read as a
 * table it would have a row for each word.
 * @param head the first bytes of the file; its last line may be cut
 */
export function looksLikeConll(head: Uint8Array): boolean {
  const lines = Buffer.from(head).toString('utf8').split(/\r?\n/).slice(0, -1);
  const last = lines.findLastIndex((line) => line.trim() !== '');
  const isDivided = lines.slice(0, last).some((line) => line.trim() === '');
  const words = lines.filter((line) => line.trim() !== '' && !comment.test(line));
  return (
    isDivided &&
    words.length >= fewestWords &&
    words.every((line) => taggedWord.test(line)) &&
    words.some((line) => beginning.test(line))
  );
}

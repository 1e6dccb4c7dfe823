/** Is thrown out of a search that reads too many characters. */
export class TooManyReads extends Error {}

/**
 * A text that counts how often RE2 reads one of its characters: what a search costs shows only while it goes on, and a
 * clock would not tell the same on every machine.
 */
export class CountedText extends String {
  #left: number;

  /** @param mostReads after so many it throws TooManyReads */
  constructor(text: string, mostReads: number) {
    super(text);
    this.#left = mostReads;
  }

  override charCodeAt(index: number): number {
    if (--this.#left < 0) throw new TooManyReads();
    return super.charCodeAt(index);
  }
}

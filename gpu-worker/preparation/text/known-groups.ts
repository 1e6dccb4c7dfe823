import type { LanguageFrequencies } from './language-frequencies.js';

/**
 * Groups of letters with what they gain in each language, numbered as they are met: those of texts of a few languages
 * lie close together in memory then, unlike those of the database.
 */
export interface KnownGroups {
  readonly count: number;
  numberOf(group: string): number;
  /** The entries of a group are those from `begins()[group]` to `begins()[group + 1]`, exclusive. */
  begins(): Uint32Array;
  /** Of each entry the gain, shifted left by eight bits, and the language. */
  entries(): Uint32Array;
}

export function createKnownGroups(database: LanguageFrequencies): KnownGroups {
  const numbers = new Map<string, number>();
  let begins = new Uint32Array(4096);
  let entries = new Uint32Array(16_384);

  return {
    get count() {
      return numbers.size;
    },
    numberOf(group) {
      const known = numbers.get(group);
      if (known !== undefined) return known;
      const number = numbers.size;
      numbers.set(group, number);
      begins = withRoom(begins, number + 2);
      let end = begins[number]!;
      const stored = database.groups.get(group);
      if (stored !== undefined) {
        const last = database.begins[stored + 1]!;
        entries = withRoom(entries, end + last - database.begins[stored]!);
        for (let entry = database.begins[stored]!; entry < last; entry++) {
          entries[end++] = (database.gains[entry]! << 8) | database.entryLanguages[entry]!;
        }
      }
      begins[number + 1] = end;
      return number;
    },
    begins: () => begins,
    entries: () => entries,
  };
}

/** The values, in a larger array where they have no room for so many. */
export function withRoom(values: Uint32Array<ArrayBuffer>, room: number): Uint32Array<ArrayBuffer> {
  if (room <= values.length) return values;
  const more = new Uint32Array(2 * room);
  more.set(values);
  return more;
}

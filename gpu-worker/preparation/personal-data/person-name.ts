import { normalForm } from '../text/normal-form.js';
import type { Finding } from './finding.js';
import { readGivenName } from './given-names.js';

const titles = new Set(
  (
    'mr mrs ms miss mx dr prof professor sir dame lord lady rev reverend capt captain sgt sergeant lt judge herr herrn ' +
    'frau monsieur madame mme mlle señor señora señorita sr sra srta doña signor signora sig dott meneer mevrouw dhr ' +
    'mevr senhor senhora uncle aunt'
  ).split(' '),
);

/** Words in capitals that are no names where they follow a name or a title. */
const noSurnames = new Set(
  (
    'i and the but or so my he she it we you they monday tuesday wednesday thursday friday saturday sunday january ' +
    'february march april may june july august september october november december street road avenue university ' +
    'college school hospital inc ltd llc gmbh english american madam sir'
  ).split(' '),
);

/**
 * A word that begins with a capital and the letters after it; `O'Neil` and `Jean-Luc` are one. Of more than 200 letters
 * it is no name: V8 keeps the place of each, and would overflow its stack on some millions.
 */
const capitalized = /(?<![\p{L}\p{M}\p{N}_@#'’-])\p{Lu}(?:[\p{L}\p{M}]|['’-](?=\p{Lu})){0,199}(?![\p{L}\p{M}\p{N}_])/gu;

/** What may stand between two words of one name: a space, the dot of an initial, particles. */
const between = /^ (?:(?:van|von|der|den|de|da|di|du|del|della|dos|la|bin|ibn|al|el|ter|ten) ){0,2}$/u;
const afterInitialOrTitle = new RegExp(between.source.replace('^ ', '^\\.? '));

const announces =
  /(?:\bname(?: is|'s|:|d)?|\bi am|\bi'm|\bi’m|\bcalled|\bdear|\bregards,?|\bsincerely,?|\bsigned,?|\bcheers,?|\bthanks,?|\bhi|\bhello|\bhey|\bask for|\bspeak to|\bcontact|\battn:?|\bpatient:?|\bcustomer:?|\bfrom:|\bto:|\bich heiße|\bje m'appelle|\bme llamo|\bmi chiamo)\s+$/i;

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds names of persons: what follows a title (`Dr. Okafor`), given names of a list, alone or with what follows in
 * capitals (`Anna van Dyk`), and given names after words such as `my name is`. A list and rules, made for English:
 * names that are not on the list are found only with a title, and a name that is a word too (`Grace`) only after such
 * words.
 */
export function findPersonNames(text: string, found: Finding[]): void {
  let group: Word[] = [];
  for (const match of text.matchAll(capitalized)) {
    const word = { text: match[0], start: match.index, end: match.index + match[0].length };
    const last = group.at(-1);
    const gap = last && text.slice(last.end, word.start);
    if (last && gap !== undefined && !goesOn(last, gap)) {
      judge(text, group, found);
      group = [];
    }
    group.push(word);
  }
  if (group.length > 0) judge(text, group, found);
}

const goesOn = (last: Word, gap: string): boolean =>
  gap.length <= 24 &&
  (last.text.length === 1 || titles.has(last.text.toLowerCase()) ? afterInitialOrTitle : between).test(gap);

/** Reads the names of words in capitals that stand beside one another. */
function judge(text: string, group: readonly Word[], found: Finding[]): void {
  const words = group.map(({ text }) => text.toLowerCase());
  for (let first = 0; first < group.length; first++) {
    const isAfterTitle = first > 0 && titles.has(words[first - 1]!);
    const given = readGiven(group[first]!.text);
    if ((!given && !isAfterTitle) || noSurnames.has(words[first]!) || titles.has(words[first]!)) continue;
    // A name has four words at most, initials among them, without a title's; `Maria went to Rome` has one.
    let last = first;
    while (last + 1 < group.length && last - first < 3 && !noSurnames.has(words[last + 1]!)) last++;
    // Particles behind a title belong to the name: `Frau van Dyk`.
    const start = isAfterTitle ? afterSpace(text, group[first - 1]!.end) : group[first]!.start;
    const end = group[last]!.end;
    const isAnnounced = announces.test(text.slice(Math.max(0, start - 24), start));
    const confidence = isAfterTitle ? 0.85 : certainty(given!, last > first, isAnnounced);
    found.push({ kind: 'PERSON_NAME', detail: isAfterTitle ? 'after a title' : 'given name', start, end, confidence });
    first = last;
  }
}

const afterSpace = (text: string, index: number): number => text.indexOf(' ', index) + 1;

/** Letters in capitals alone are a name or somebody who shouts. */
function readGiven(written: string): ReturnType<typeof readGivenName> {
  const plain = isAscii.test(written) ? written : normalForm(written, 'NFD').replace(/\p{M}/gu, '');
  const given = readGivenName(plain.toLowerCase());
  return given && written.length > 1 && written === written.toUpperCase() ? 'nameOrWord' : given;
}

const isAscii = /^[A-Za-z'’-]*$/;

function certainty(given: 'name' | 'nameOrWord', hasSurname: boolean, isAnnounced: boolean): number {
  if (given === 'name') return hasSurname ? 0.75 : isAnnounced ? 0.8 : 0.55;
  return (hasSurname ? 0.45 : 0.2) + (isAnnounced ? 0.35 : 0);
}

/** What a call costs besides its characters, in characters: a call takes microseconds, a sign of life somewhat more. */
const perCall = 1024;
const perBeat = 2 ** 20;

/**
 * Gives signs of life while texts of any length are worked on one by one. What it returns is called before each text:
 * it beats before the first, then each 1,024 short texts or each Mi of characters, whatever comes first.
 */
export function beatByCharacters(beat: () => void): (characters: number) => void {
  let since = perBeat;
  return (characters) => {
    if (since >= perBeat) {
      since = 0;
      beat();
    }
    since += perCall + characters;
  };
}

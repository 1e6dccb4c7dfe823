/** The rows of letters and digits of keyboards, from the top; each row is half a key further right, as on a desk. */
const rows = {
  qwerty: ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'],
  qwertz: ['1234567890', 'qwertzuiopü', 'asdfghjklöä', 'yxcvbnm'],
  azerty: ['1234567890', 'azertyuiop', 'qsdfghjklm', 'wxcvbn'],
} as const;

export type Keyboard = keyof typeof rows;

/** The keys that touch each key. A digit is no neighbour of a letter: people who write words mistake letters. */
export function neighbours(keyboard: Keyboard): ReadonlyMap<string, readonly string[]> {
  const known = made.get(keyboard);
  if (known !== undefined) return known;
  const places = rows[keyboard].flatMap((keys, row) =>
    Array.from(keys, (key, column) => ({ key, row, x: 2 * column + row })),
  );
  const found = new Map(
    places.map(({ key, row, x }) => {
      const near = places.filter((other) => {
        const isBeside = other.row === row && Math.abs(other.x - x) === 2;
        const isAboveOrBelow = Math.abs(other.row - row) === 1 && Math.abs(other.x - x) === 1;
        return (isBeside || isAboveOrBelow) && isDigit(other.key) === isDigit(key);
      });
      return [key, near.map((other) => other.key)] as const;
    }),
  );
  made.set(keyboard, found);
  return found;
}

const made = new Map<Keyboard, ReadonlyMap<string, readonly string[]>>();

function isDigit(key: string): boolean {
  return key >= '0' && key <= '9';
}

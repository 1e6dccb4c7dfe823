/** Values of digits and letters at odd places (Decreto ministeriale 23 dicembre 1976, table A). */
const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

const rankOf = (code: number): number => (code < 0x3a ? code - 0x30 : code - 0x41);

/**
 * Whether a codice fiscale (16 characters, six letters, digits where no two codes collide) has a month, a day (women's
 * are 40 ahead) and the check letter: the sum of values by odd and even places mod 26.
 */
export function isItalianCode(compact: string): boolean {
  if (!/^[A-Z]{6}\d\d[A-EHLMPR-T]\d\d[A-Z]\d{3}[A-Z]$/.test(compact)) return false;
  const day = Number(compact.slice(9, 11)) % 40;
  if (day < 1 || day > 31) return false;
  let sum = 0;
  for (let index = 0; index < 15; index++) {
    const value = rankOf(compact.charCodeAt(index));
    sum += index % 2 === 0 ? odd[value]! : value;
  }
  return sum % 26 === compact.charCodeAt(15) - 0x41;
}

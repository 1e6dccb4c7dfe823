/**
 * GPT-2's printable character for each byte: the Latin-1 character if it is printable, else a character from U+0100 on,
 * so that a vocabulary of bytes can be a JSON file. A space is `Ġ`.
 */
export const byteCharacters: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    return String.fromCharCode(prints ? byte : next++);
  });
})();

export const spaceCharacter = byteCharacters[0x20] ?? '';

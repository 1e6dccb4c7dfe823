/** The bytes of a JSON file for people and programs. */
export function jsonFile(content: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(content, null, 2)}\n`);
}

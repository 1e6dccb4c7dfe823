/** A name of something as a part of a file's name: without what file systems refuse. */
export function nameForFiles(name: string, otherwise: string): string {
  const allowed = name
    .replace(/[\\/:*?"<>|\p{C}\s]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100);
  return allowed === '' ? otherwise : allowed;
}

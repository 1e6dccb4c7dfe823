/**
 * Paths of an object's files on this server.
 * @param base path of all objects of its kind, such as `/exports`
 * @param id the object's row id
 */
export function storedFilePath(base: string, id: string, name: string): string {
  return `${base}/${id}/files/${name.split('/').map(encodeURIComponent).join('/')}`;
}

export function storedArchivePath(base: string, id: string): string {
  return `${base}/${id}/archive.zip`;
}

/** Paths of an export's files on this server. `id` is the export's row id. */
export function exportFilePath(id: string, name: string): string {
  return `/exports/${id}/files/${name.split('/').map(encodeURIComponent).join('/')}`;
}

export function exportArchivePath(id: string): string {
  return `/exports/${id}/archive.zip`;
}

import { Arg, FieldResolver, Resolver, Root } from 'type-graphql';
import { DownloadLinkType, defaultLifetimeSeconds, downloadLink, lifetime } from './download-link.type.js';
import { ExportedFileType } from './model-export.type.js';
import type { SignedPaths } from './signed-paths.js';

@Resolver(() => ExportedFileType)
export class ExportedFileResolver {
  constructor(private readonly signedPaths: SignedPaths) {}

  @FieldResolver(() => DownloadLinkType, { description: 'A link to the file.' })
  link(
    @Root() { url }: ExportedFileType,
    @Arg('expiresInSeconds', lifetime.type, { description: lifetime.description, defaultValue: defaultLifetimeSeconds })
    expiresInSeconds: number,
  ): DownloadLinkType {
    return downloadLink(this.signedPaths, url, expiresInSeconds);
  }
}

/** How many events are kept for subscribers that keep up; a subscriber that falls further behind reads the table. */
const keptEvents = 2_000;
const pageSize = 500;

/** An entry of a log. Entries are numbered from 1 without gaps. */
export interface Numbered {
  readonly seq: number;
  /** When it was written, by the database's clock. */
  readonly at?: Date | string;
}

/** One page of a log, in order of seq, starting after `afterSeq`. */
export type ReadPage<Event> = (afterSeq: number, limit: number) => Promise<readonly Event[]>;

/**
 * A log's newest events, read once for all subscribers. Each subscriber keeps its own position and reads from here at
 * its own pace, so nothing is queued for it.
 */
export class EventFeed<Event extends Numbered> {
  private readonly followers = new Set<() => void>();
  /** Older pages that are being read, by the seq before them: of subscribers that come back together, one reads. */
  private readonly older = new Map<number, Promise<readonly Event[]>>();
  private kept: Event[] = [];
  private reading: Promise<void> | null = null;
  private behind = false;
  private over = false;

  /**
   * @param lastSeq the feed knows the events after this one
   * @param onNew told of events that were added
   */
  constructor(
    private readonly readPage: ReadPage<Event>,
    private lastSeq: number,
    private readonly onNew: (events: readonly Event[]) => void = () => undefined,
  ) {}

  /** Calls `onAdded` when events were added or the log was deleted, until the returned function is called. */
  follow(onAdded: () => void): () => void {
    this.followers.add(onAdded);
    return () => this.followers.delete(onAdded);
  }

  /** Whether the log was deleted: nothing follows what is known. */
  get isOver(): boolean {
    return this.over;
  }

  /** The log was deleted. Followers are told, and find the feed over. */
  end(): void {
    this.over = true;
    for (const onAdded of [...this.followers]) onAdded();
  }

  /** The known events after `seq`, at most so many; null when some of them are no longer kept. */
  after(seq: number, most = keptEvents): readonly Event[] | null {
    const firstSeq = this.lastSeq - this.kept.length + 1;
    // seq has no gaps, so a position is an index.
    const first = seq + 1 - firstSeq;
    return first < 0 ? null : this.kept.slice(first, first + most);
  }

  /** A page of the table after `seq`. */
  pageAfter(seq: number): Promise<readonly Event[]> {
    const known = this.older.get(seq);
    if (known !== undefined) return known;
    const page = this.readPage(seq, pageSize).finally(() => this.older.delete(seq));
    this.older.set(seq, page);
    return page;
  }

  /** Reads the events up to `seq`, unless they are known. Calls while a read is under way lead to one more read. */
  catchUp(seq: number): Promise<void> {
    if (seq <= this.lastSeq) return this.reading ?? Promise.resolve();
    this.behind = true;
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private async read(): Promise<void> {
    while (this.behind) {
      this.behind = false;
      const page = await this.readPage(this.lastSeq, pageSize);
      const last = page.at(-1);
      if (last === undefined) continue;
      this.kept = [...this.kept, ...page].slice(-keptEvents);
      this.lastSeq = last.seq;
      this.behind ||= page.length === pageSize;
      for (const onAdded of [...this.followers]) onAdded();
      this.onNew(page);
    }
  }
}

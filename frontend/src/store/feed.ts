/**
 * What the server tells, kept once for everybody on the page who looks at it.
 *
 * A feed begins with its first listener and ends a moment after its last, so that a view that is
 * left and entered again, or a card that the editor makes anew, costs nothing. It begins again by
 * itself: when the connection is back, and when the server did not know the question yet (Home
 * Assistant answers before all of it is set up). What was known stays, marked as old.
 */
import type { Connection } from "home-assistant-js-websocket";

export interface Failure {
  code: string;
  message: string;
}

export interface Told<T> {
  /** What was told last; undefined before anything was. */
  data?: T;
  /** Whether that is what the server says now. */
  current: boolean;
  /** Why there is nothing, or nothing new. */
  failure?: Failure;
}

export type Message = { type: string; [key: string]: unknown };
/** Begin to tell; gives what ends that. A rejection is a failure, and is tried again. */
type Source<T> = (tell: (change: (before?: T) => T) => void) => Promise<() => void>;

const LINGER = 3_000;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 60_000;

/** A feed of anything, for those who only look. */
export interface Looked {
  readonly state: Told<unknown>;
  subscribe(listener: () => void): () => void;
}

export class Feed<T> implements Looked {
  private told: Told<T> = { current: false };
  private readonly listeners = new Set<() => void>();
  private stop?: () => void;
  private running = false;
  /** Counts the beginnings: what an earlier one still says is no longer heard. */
  private turn = 0;
  /** Counts the connections that were lost. */
  private connections = 0;
  private retry = FIRST_RETRY;
  private timer?: ReturnType<typeof setTimeout>;
  private ending?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly connection: Connection,
    private readonly source: Source<T>,
    /** Called when it ends, and all that it knows may be forgotten. */
    private readonly ended: () => void = () => undefined,
  ) {}

  get state(): Told<T> {
    return this.told;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    clearTimeout(this.ending);
    if (!this.running) this.begin();
    return () => {
      this.listeners.delete(listener);
      clearTimeout(this.ending);
      if (this.listeners.size === 0) this.ending = setTimeout(() => this.end(), LINGER);
    };
  }

  /** Ask anew, for something was changed. */
  refresh(): void {
    if (this.running && this.connection.connected) this.ask();
  }

  private begin(): void {
    this.running = true;
    this.connection.addEventListener("ready", this.back);
    this.connection.addEventListener("disconnected", this.lost);
    if (this.connection.connected) this.ask();
    else this.put({ ...this.told, current: false });
  }

  private end(): void {
    this.running = false;
    this.turn += 1;
    clearTimeout(this.timer);
    this.connection.removeEventListener("ready", this.back);
    this.connection.removeEventListener("disconnected", this.lost);
    this.stop?.();
    this.stop = undefined;
    this.told = { ...this.told, current: false };
    this.ended();
  }

  private readonly back = (): void => {
    this.retry = FIRST_RETRY;
    this.ask();
  };

  /** What ended with the connection is not ended again: its number may be another's by then. */
  private readonly lost = (): void => {
    this.connections += 1;
    this.turn += 1;
    this.stop = undefined;
    clearTimeout(this.timer);
    this.put({ ...this.told, current: false });
  };

  private ask(): void {
    clearTimeout(this.timer);
    this.stop?.();
    this.stop = undefined;
    const turn = ++this.turn;
    const asked = this.connections;
    this.source((change) => {
      if (turn !== this.turn) return;
      this.retry = FIRST_RETRY;
      this.put({ data: change(this.told.data), current: true });
    }).then(
      (stop) => {
        if (turn === this.turn) this.stop = stop;
        // Nobody wants it any more; on a new connection its number would be another's.
        else if (asked === this.connections) stop();
      },
      (error: unknown) => {
        if (turn !== this.turn) return;
        this.put({ ...this.told, current: false, failure: failureOf(error) });
        this.timer = setTimeout(() => this.ask(), this.retry);
        this.retry = Math.min(this.retry * 2, LAST_RETRY);
      },
    );
  }

  private put(told: Told<T>): void {
    this.told = told;
    for (const listener of [...this.listeners]) listener();
  }
}

export function failureOf(error: unknown): Failure {
  const told = error as Partial<Failure> | undefined;
  return { code: String(told?.code ?? "unknown"), message: String(told?.message ?? error ?? "") };
}

const FEEDS = new WeakMap<Connection, Map<string, Feed<unknown>>>();

function shared<T>(connection: Connection, key: string, make: () => Feed<T>): Feed<T> {
  const feeds = FEEDS.get(connection) ?? new Map<string, Feed<unknown>>();
  FEEDS.set(connection, feeds);
  const feed = feeds.get(key) ?? (make() as Feed<unknown>);
  feeds.set(key, feed);
  return feed as Feed<T>;
}

/** A subscription: the first event is the present state, and each changes what was known. */
export function subscribed<Event, T>(
  connection: Connection,
  message: Message,
  fold: (before: T | undefined, event: Event) => T,
  /** What is only known when it is asked, such as since when. */
  moment: () => object = () => ({}),
  /** Whether what was told is forgotten when nobody looks: there is no end of searches and pages. */
  fleeting = false,
): Feed<T> {
  const source: Source<T> = async (tell) => {
    const stop = await connection.subscribeMessage<Event>(
      (event) => tell((before) => fold(before, event)),
      { ...message, ...moment() },
      { resubscribe: false },
    );
    return () => void Promise.resolve(stop()).catch(() => undefined);
  };
  const key = JSON.stringify(message);
  const ended = fleeting ? () => FEEDS.get(connection)?.delete(key) : undefined;
  return shared(connection, key, () => new Feed(connection, source, ended));
}

/** A question that is asked every so often, while somebody looks at the page. */
export function polled<Answer, T = Answer>(
  connection: Connection,
  message: Message,
  seconds: number,
  read: (answer: Answer) => T = (answer) => answer as unknown as T,
): Feed<T> {
  const source: Source<T> = async (tell) => {
    const ask = async () => {
      const answer = read(await connection.sendMessagePromise<Answer>(message));
      tell(() => answer);
    };
    await ask();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") ask().catch(() => feed.refresh());
    }, seconds * 1000);
    return () => clearInterval(timer);
  };
  const feed: Feed<T> = shared(
    connection,
    `${seconds} ${JSON.stringify(message)}`,
    () => new Feed(connection, source),
  );
  return feed;
}

/** A connection of the page as the real one is: what is asked on it, told over it, lost and back. */
import type { Connection } from "home-assistant-js-websocket";
import { vi } from "vitest";
import type { HomeAssistant } from "../src/ha";

type Message = { type: string; [key: string]: unknown };
interface Subscription {
  message: Message;
  tell: (event: unknown) => void;
  ended: boolean;
}

export class Server {
  connected = true;
  subscriptions: Subscription[] = [];
  asked: Message[] = [];
  /** What is answered, or thrown, by the type of a command. */
  answers: Record<string, (message: Message) => unknown> = {};
  private readonly listeners: Record<string, Set<() => void>> = {};

  get connection(): Connection {
    return this as unknown as Connection;
  }

  addEventListener(name: string, listener: () => void): void {
    const listeners = this.listeners[name] ?? new Set();
    this.listeners[name] = listeners.add(listener);
  }

  removeEventListener(name: string, listener: () => void): void {
    this.listeners[name]?.delete(listener);
  }

  async subscribeMessage(tell: (event: unknown) => void, message: Message): Promise<() => Promise<void>> {
    this.asked.push(message);
    const refused = this.answers[message.type]?.(message);
    if (refused instanceof Refusal) throw refused;
    const subscription = { message, tell, ended: false };
    this.subscriptions.push(subscription);
    return async () => {
      subscription.ended = true;
    };
  }

  async sendMessagePromise(message: Message): Promise<unknown> {
    this.asked.push(message);
    const answer = this.answers[message.type]?.(message);
    if (answer instanceof Refusal) throw answer;
    return answer;
  }

  open(type: string): Subscription[] {
    return this.subscriptions.filter((one) => !one.ended && one.message.type === `showrunner/${type}`);
  }

  tell(type: string, event: unknown): void {
    for (const one of this.open(type)) one.tell(event);
  }

  lose(): void {
    this.connected = false;
    for (const one of this.subscriptions) one.ended = true;
    for (const listener of [...(this.listeners.disconnected ?? [])]) listener();
  }

  comeBack(): void {
    this.connected = true;
    for (const listener of [...(this.listeners.ready ?? [])]) listener();
  }

  get listening(): number {
    return Object.values(this.listeners).reduce((sum, set) => sum + set.size, 0);
  }
}

export class Refusal {
  constructor(
    readonly code: string,
    readonly message = code,
  ) {}
}

export function hassOf(server: Server, more: Partial<HomeAssistant> = {}): HomeAssistant {
  return {
    connection: server.connection,
    states: {},
    entities: {},
    devices: {},
    language: "en",
    locale: { language: "en", time_zone: "server" },
    config: { time_zone: "UTC" },
    user: { is_admin: true },
    formatEntityState: (entity) => `${entity.state} ${entity.attributes?.unit_of_measurement ?? ""}`.trim(),
    callService: vi.fn(async () => undefined),
    callWS: vi.fn(async () => undefined) as never,
    ...more,
  };
}

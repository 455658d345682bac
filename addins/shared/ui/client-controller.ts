/** Draws a view again whenever its client's state changes; the client may come later than the view. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Client } from '../client/client.ts';

export class ClientController implements ReactiveController {
  readonly #host: ReactiveControllerHost & { client: Client | null };
  #client: Client | null = null;
  #unsubscribe: (() => void) | null = null;

  constructor(host: ReactiveControllerHost & { client: Client | null }) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdate(): void {
    if (this.#host.client !== this.#client) this.#attach();
  }
  hostConnected(): void {
    this.#attach();
  }
  hostDisconnected(): void {
    this.#client?.watch(this.#host, []);
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#client = null;
  }

  #attach(): void {
    this.#unsubscribe?.();
    this.#client?.watch(this.#host, []);
    this.#client = this.#host.client;
    this.#unsubscribe = this.#client?.subscribe(() => this.#host.requestUpdate()) ?? null;
  }
}

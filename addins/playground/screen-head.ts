/** The head of every played application: its name, who one is, and a second window as somebody to talk with. */
import { css, html } from 'lit';
import { symbol } from './symbol.ts';

export const headStyle = css`
  header {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    padding: 8px 16px;
  }
  header img {
    height: 28px;
    width: 28px;
  }
  h1 {
    white-space: nowrap;
  }
  .lead {
    flex: 1;
    min-width: 12ch;
  }
`;

export interface ScreenHead<Player extends string> {
  readonly title: string;
  readonly lead: string;
  /** Whom one may be, and who one is. */
  readonly cast: Readonly<Record<Player, { readonly name: string }>>;
  readonly players: readonly Player[];
  readonly player: Player;
  readonly youAre: string;
  /** Names the link to the second window, and its address. */
  readonly openAs: string;
  readonly second: string;
  /** Links and buttons of the application's own. */
  readonly more?: unknown;
}

export function drawHead<Player extends string>(head: ScreenHead<Player>): unknown {
  return html`<header>
    <img src="/icons/jellybean.svg" alt="" />
    <h1>${head.title}</h1>
    <span class="lead secondary">${head.lead}</span>
    <label>${head.youAre} <select @change=${(event: Event) => goWith('as', (event.target as HTMLSelectElement).value)}>
      ${head.players.map((player) => html`<option value=${player} ?selected=${player === head.player}>${head.cast[player].name}</option>`)}
    </select></label>
    <a class="button outlined" href=${head.second} target="_blank" rel="noopener">${symbol('people')}${head.openAs}</a>
    ${head.more}
  </header>`;
}

/** Somebody to talk with in the second window. */
export const otherThan = (player: string): 'alice' | 'bob' => (player === 'bob' ? 'alice' : 'bob');

/** Opens this page anew with another word in its address. */
export function goWith(name: string, value: string): void {
  const url = new URL(location.href);
  url.searchParams.set(name, value);
  location.assign(url);
}

/** `<jb-roster>`: who takes part in a conference, with live icons and roles. Event: `jb-card {personId, anchor}`. */
import './person-row.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { Client } from '../client/client.ts';
import { t } from '../i18n/i18n.ts';
import { ClientController } from './client-controller.ts';
import { stateSentence } from './person-text.ts';
import { moveByKey } from './row-keys.ts';
import { baseStyles } from './styles.ts';

export class Roster extends LitElement {
  static override properties = { client: { attribute: false }, conversationId: {} };
  declare client: Client | null;
  declare conversationId: string;

  constructor() {
    super();
    this.client = null;
    this.conversationId = '';
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        padding: 8px;
      }
      h2 {
        padding: 8px;
        font-size: var(--fontSizeBase400);
        line-height: var(--lineHeightBase400);
      }
    `,
  ];

  override willUpdate(): void {
    this.client?.watch(
      this,
      this.#participants.map(({ person }) => person.id),
    );
  }

  get #participants() {
    return this.client?.state().conversations.conversations.get(this.conversationId)?.participants ?? [];
  }

  override render() {
    const { client } = this;
    const participants = this.#participants;
    if (!client || participants.length === 0) return nothing;
    return html`<h2>${t('conversation.people', { count: participants.length })}</h2>
      <div @keydown=${(event: KeyboardEvent) => moveByKey(event, this.renderRoot, 'jb-person-row')}>
        ${participants.map(({ person, role, state }) => {
          const shown = client.shown(person.id);
          const standing =
            state === 'invited'
              ? t('conversation.invited')
              : role === 'presenter'
                ? t('conversation.presenter')
                : '';
          return html`<jb-person-row
            .personId=${person.id}
            .name=${person.id === client.state().me.id ? `${person.displayName} (${t('person.you')})` : person.displayName}
            .address=${person.address}
            .shown=${shown}
            .detail=${[stateSentence(shown), standing].filter(Boolean).join(' · ')}
            @jb-pick=${(event: Event) => {
              event.stopPropagation();
              this.dispatchEvent(
                new CustomEvent('jb-card', {
                  bubbles: true,
                  composed: true,
                  detail: { personId: person.id, anchor: event.currentTarget },
                }),
              );
            }}
          ></jb-person-row>`;
        })}
      </div>`;
  }
}
if (!customElements.get('jb-roster')) customElements.define('jb-roster', Roster);

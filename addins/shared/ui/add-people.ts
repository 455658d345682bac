/**
 * `<jb-add-people>`: a dialog that finds somebody for a conversation and asks the one question that matters:
 * may they read what was written before? Answers with `jb-added {ids, shareHistory}`.
 */
import './person-row.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { Person } from '../../../server/protocol/contacts.ts';
import type { Client } from '../client/client.ts';
import { t } from '../i18n/i18n.ts';
import { ClientController } from './client-controller.ts';
import { matches, PeopleSearch } from './people-search.ts';
import { moveByKey } from './row-keys.ts';
import { baseStyles, buttonStyles, dialogStyles, fieldStyles } from './styles.ts';
import { symbol } from './symbol.ts';

export class AddPeople extends LitElement {
  static override properties = {
    client: { attribute: false },
    chosen: { state: true },
  };
  declare client: Client | null;
  declare chosen: Person | null;
  #present: readonly string[] = [];
  readonly #search: PeopleSearch;

  constructor() {
    super();
    this.client = null;
    this.chosen = null;
    new ClientController(this);
    this.#search = new PeopleSearch(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    dialogStyles,
    css`
      .list {
        overflow-y: auto;
        min-height: 200px;
        max-height: 320px;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        justify-content: flex-end;
      }
    `,
  ];

  /** Opens the dialog; people who are in already are not offered. */
  open(present: readonly string[]): void {
    this.#present = present;
    this.chosen = null;
    this.#search.clear();
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector('dialog')?.showModal();
      const input = this.renderRoot.querySelector('input');
      if (input) input.value = '';
      input?.focus();
    });
  }

  #close = () => this.renderRoot.querySelector('dialog')?.close();

  #finish(shareHistory: boolean): void {
    const { chosen } = this;
    this.#close();
    if (chosen)
      this.dispatchEvent(new CustomEvent('jb-added', { detail: { ids: [chosen.id], shareHistory } }));
  }

  #candidates(): Person[] {
    const { client } = this;
    if (!client) return [];
    const { query } = this.#search;
    const contacts = client
      .state()
      .contacts.map(({ person }) => person)
      .filter((person) => matches(person, query));
    const known = new Set([...this.#present, client.state().me.id]);
    const all = [...contacts, ...this.#search.people];
    return all.filter(
      (person, index) => !known.has(person.id) && all.findIndex(({ id }) => id === person.id) === index,
    );
  }

  override render() {
    return html`<dialog aria-labelledby="title" @keydown=${(event: KeyboardEvent) => moveByKey(event, this.renderRoot, 'jb-person-row')}>
      <div class="inside">
        <div class="top">
          <h2 id="title">${this.chosen ? this.chosen.displayName : t('conversation.addTitle')}</h2>
          <button class="icon-button" aria-label=${t('action.close')} @click=${this.#close}>${symbol('dismiss')}</button>
        </div>
        ${this.chosen ? this.#renderQuestion(this.chosen) : this.#renderSearch()}
      </div>
    </dialog>`;
  }

  #renderSearch() {
    const people = this.#candidates();
    const { client } = this;
    client?.watch(
      this,
      people.slice(0, 40).map(({ id }) => id),
    );
    const { query, isSearching, failure } = this.#search;
    return html`<input
        class="field"
        type="search"
        aria-label=${t('contacts.filter')}
        placeholder=${t('contacts.filter')}
        @input=${(event: Event) => this.#search.search((event.target as HTMLInputElement).value)}
      />
      <div class="list">
        ${people.map(
          (person) => html`<jb-person-row
            .personId=${person.id}
            .name=${person.displayName}
            .address=${person.address}
            .detail=${person.department ?? person.address}
            .shown=${client?.shown(person.id) ?? null}
            @jb-pick=${(event: Event) => {
              event.stopPropagation();
              this.chosen = person;
            }}
          ></jb-person-row>`,
        )}
        ${failure ? html`<p class="quiet" role="alert">${t('contacts.failed', { detail: failure })}</p>` : nothing}
        ${people.length === 0 && query.trim() && !isSearching && !failure ? html`<p class="quiet" role="status">${t('contacts.noMatch', { query })}</p>` : nothing}
      </div>`;
  }

  #renderQuestion(person: Person) {
    return html`<p>${t('conversation.shareQuestion', { name: person.displayName })}</p>
      <div class="actions">
        <button class="button" @click=${() => this.#finish(false)}>${t('conversation.shareNo')}</button>
        <button class="button primary" @click=${() => this.#finish(true)}>${t('conversation.shareYes')}</button>
      </div>`;
  }
}
if (!customElements.get('jb-add-people')) customElements.define('jb-add-people', AddPeople);
declare global {
  interface HTMLElementTagNameMap {
    'jb-add-people': AddPeople;
  }
}

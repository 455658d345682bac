/** `<jb-set-contacts>`: groups with their order, and contacts as address cards, in and out. */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Group, ImportAnswer } from '../../../server/protocol/contacts.ts';
import { limits, teamGroupId } from '../../../server/protocol/vocabulary.ts';
import type { Client } from '../client/client.ts';
import { symbol } from '../ui/symbol.ts';
import { type CardPiece, cutCards } from './card-file.ts';
import { SettingsSection } from './section.ts';
import { settingsCalls } from './settings-calls.ts';
import { w } from './words.ts';

/** Enough to be quick, few enough to show a bar that moves. */
const cardsEach = 50;

type Skipped = ImportAnswer['skipped'][number];
interface Import {
  readonly done: number;
  readonly total: number;
  readonly added: number;
  readonly changed: number;
  readonly skipped: readonly Skipped[];
  readonly isOver: boolean;
}

export class ContactsSection extends SettingsSection {
  static override properties = { ...SettingsSection.properties, import: { state: true } };
  declare import: Import | null;

  constructor() {
    super();
    this.import = null;
  }

  #change(work: (client: Client) => Promise<unknown>): Promise<boolean> {
    const { client } = this;
    if (!client) return Promise.resolve(false);
    return this.attempt(async () => {
      await work(client);
      await client.reloadContacts();
    });
  }

  async #export(): Promise<void> {
    const { client } = this;
    if (!client) return;
    await this.attempt(async () => {
      const url = URL.createObjectURL(await settingsCalls(client).exportCards());
      const link = document.createElement('a');
      link.href = url;
      link.download = 'contacts.vcf';
      link.click();
      // The download has begun by then; the address is of no use to anybody else.
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }, '');
  }

  async #import(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const text = await input.files?.[0]?.text();
    input.value = '';
    if (text === undefined) return;
    const pieces = cutCards(text, cardsEach);
    if (pieces.length === 0) {
      this.import = null;
      this.failure = w('cards.none');
      return;
    }
    await this.attempt(() => this.#send(pieces), '');
  }

  async #send(pieces: readonly CardPiece[]): Promise<void> {
    const { client } = this;
    if (!client) return;
    const total = pieces.reduce((sum, { cards }) => sum + cards, 0);
    let now: Import = { done: 0, total, added: 0, changed: 0, skipped: [], isOver: false };
    this.import = now;
    try {
      for (const { text, cards } of pieces) {
        const answer = await settingsCalls(client).importCards(text);
        now = {
          ...now,
          done: now.done + cards,
          added: now.added + answer.added,
          changed: now.changed + answer.changed,
          skipped: [...now.skipped, ...answer.skipped],
        };
        this.import = now;
      }
    } finally {
      // What went in before a failure is in; the report says so.
      this.import = { ...now, isOver: true };
      await client.reloadContacts();
    }
  }

  override render() {
    const groups = (this.client?.state().groups ?? []).filter(({ id }) => id !== teamGroupId);
    return html`<div class="part">
        <h3>${w('groups.title')}</h3>
        ${groups.length === 0 ? html`<p class="quiet">${w('groups.none')}</p>` : nothing}
        <ul>
          ${repeat(
            groups,
            ({ id }) => id,
            (group, at) => this.#renderGroup(group, at, groups.length),
          )}
        </ul>
        <form
          class="row"
          @submit=${(event: SubmitEvent) => {
            event.preventDefault();
            const form = event.target as HTMLFormElement;
            const name = String(new FormData(form).get('name') ?? '').trim();
            if (name === '') return;
            form.reset();
            void this.#change((client) => client.api.createGroup(name, crypto.randomUUID()));
          }}
        >
          <label
            >${w('groups.new')}<input class="field" name="name" required maxlength=${limits.groupNameCharacters} dir="auto"
          /></label>
          <button class="button" ?disabled=${this.isWorking}>${w('groups.add')}</button>
        </form>
        <p class="quiet">${w('groups.hint')}</p>
      </div>
      <div class="part">
        <h3>${w('cards.title')}</h3>
        <p class="quiet">${w('cards.hint')}</p>
        <div class="row">
          <label class="button file"
            >${w('cards.import')}<input
              type="file"
              accept=".vcf,.vcard,text/vcard"
              ?disabled=${this.isWorking}
              @change=${(event: Event) => this.#import(event)}
          /></label>
          <button class="button" ?disabled=${this.isWorking} @click=${() => this.#export()}>${w('cards.export')}</button>
        </div>
        ${this.import ? this.#renderImport(this.import) : nothing}
      </div>
      ${this.renderOutcome()}`;
  }

  #renderGroup({ id, name, order }: Group, at: number, count: number) {
    const move = (position: number) => this.#change((client) => client.api.changeGroup(id, { position }));
    const button = (
      symbolName: 'chevronDown' | 'delete',
      label: string,
      isOff: boolean,
      act: () => unknown,
      look = '',
    ) =>
      html`<button class="icon-button ${look}" aria-label=${label} title=${label} ?disabled=${isOff || this.isWorking} @click=${act}>${symbol(symbolName, 16)}</button>`;
    return html`<li>
      <div class="one">
        <input
          class="field grow"
          dir="auto"
          maxlength=${limits.groupNameCharacters}
          aria-label=${w('groups.name')}
          .value=${name}
          @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            const wanted = input.value.trim();
            if (wanted === '') input.value = name;
            else if (wanted !== name)
              void this.#change((client) => client.api.changeGroup(id, { name: wanted }));
          }}
        />
        ${button('chevronDown', w('groups.up', { name }), at === 0, () => move(at - 1), 'up')}
        ${button('chevronDown', w('groups.down', { name }), at === count - 1, () => move(at + 1))}
        ${button('delete', w('groups.remove', { name }), false, () => this.#change((client) => client.api.removeGroup(id)))}
      </div>
      ${
        order
          ? html`<button class="link" ?disabled=${this.isWorking} @click=${() => this.#change((client) => client.api.changeGroup(id, { order: null }))}>${w('groups.byName')}</button>`
          : nothing
      }
    </li>`;
  }

  #renderImport({ done, total, added, changed, skipped, isOver }: Import) {
    const progress = w('cards.progress', { done, total });
    return html`${isOver ? nothing : html`<progress max=${total} value=${done} aria-label=${progress}></progress>`}
      <p class="quiet" role="status">
        ${isOver ? w('cards.done', { added, changed, same: done - added - changed - skipped.length }) : progress}
      </p>
      ${
        isOver && skipped.length > 0
          ? html`<details open>
              <summary>${w('cards.skipped')} (${skipped.length})</summary>
              <ul>
                ${skipped.map(
                  ({ name, address, reason }) =>
                    html`<li class="quiet"><span dir="auto">${[name, address].filter(Boolean).join(', ')}</span> – ${w(`cards.${reason}`)}</li>`,
                )}
              </ul>
            </details>`
          : nothing
      }`;
  }
}
if (!customElements.get('jb-set-contacts')) customElements.define('jb-set-contacts', ContactsSection);

/**
 * `<jb-set-privacy>`: who sees one's state, what is held back, who is watching, and what each of them sees.
 */
import '../ui/face.ts';
import { html, nothing } from 'lit';
import type { PersonName } from '../../../server/protocol/contacts.ts';
import type { Privacy } from '../../../server/protocol/presence.ts';
import { privacyModes, type Relationship, relationships } from '../../../server/protocol/vocabulary.ts';
import type { Watcher } from '../client/api.ts';
import { t } from '../i18n/i18n.ts';
import { SettingsSection } from './section.ts';
import { settingsCalls } from './settings-calls.ts';
import { w } from './words.ts';

interface Seer {
  readonly person: PersonName;
  readonly relationship: Relationship;
  readonly isContact: boolean;
  readonly does: readonly string[];
}

export class PrivacySection extends SettingsSection {
  static override properties = {
    ...SettingsSection.properties,
    watchers: { state: true },
    readReceipts: { state: true },
  };
  declare watchers: readonly Watcher[] | null;
  declare readReceipts: boolean | null;

  constructor() {
    super();
    this.watchers = null;
    this.readReceipts = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }
  async #load(): Promise<void> {
    await this.updateComplete;
    const { client } = this;
    if (!client) return;
    await this.attempt(async () => {
      const [watchers, messaging] = await Promise.all([
        client.api.watchers(),
        settingsCalls(client).messaging(),
        client.reloadOwn(),
      ]);
      this.watchers = watchers.items;
      this.readReceipts = messaging.readReceipts;
    }, '');
  }

  #save(change: Partial<Privacy>): void {
    const { client } = this;
    const own = client?.state().own;
    if (!own || !client) return;
    void this.attempt(() => client.api.setPrivacy({ ...own.privacy, ...change })).then(async () => {
      await client.reloadOwn();
      this.requestUpdate();
    });
  }

  /** Whoever watches, and whoever is granted something out of the ordinary. */
  #seers(): readonly Seer[] {
    const contacts = this.client?.state().contacts ?? [];
    const seers = new Map<string, Seer>();
    for (const { person, relationship, watching, asContact } of this.watchers ?? [])
      seers.set(person.id, {
        person,
        relationship,
        isContact: false,
        does: [watching ? w('privacy.watching') : '', asContact ? w('privacy.asContact') : ''].filter(
          Boolean,
        ),
      });
    for (const { person, relationship, listed } of contacts) {
      const known = seers.get(person.id);
      const usual = person.external ? 'external' : 'colleague';
      if (known || relationship !== usual)
        seers.set(person.id, { person, does: known?.does ?? [], relationship, isContact: listed });
    }
    return [...seers.values()].sort((a, b) => a.person.displayName.localeCompare(b.person.displayName));
  }

  #grant({ person, isContact }: Seer, relationship: Relationship): void {
    const { client } = this;
    if (!client) return;
    void this.attempt(() =>
      // Whoever is no contact does not become one by this: the block is taken back, and that is all.
      !isContact && relationship !== 'blocked'
        ? client.api.removeContact(person.id)
        : client.api.putContact(person.id, { relationship }),
    ).then(async () => {
      await client.reloadContacts();
      await this.#reloadWatchers();
    });
  }
  async #reloadWatchers(): Promise<void> {
    try {
      this.watchers = (await this.client?.api.watchers())?.items ?? [];
    } catch {
      // What is shown is what was known before.
    }
  }

  override render() {
    const { client } = this;
    if (!client) return nothing;
    const privacy = client.state().own?.privacy;
    const box = (key: 'hideActivity' | 'hideLastActive') =>
      html`<label class="choice"
        ><input type="checkbox" .checked=${privacy?.[key] ?? false} ?disabled=${!privacy} @change=${(event: Event) => this.#save({ [key]: (event.target as HTMLInputElement).checked })} />${w(`privacy.${key}`)}</label
      >`;
    const seers = this.#seers();
    return html`<fieldset ?disabled=${!privacy}>
        <legend>${w('privacy.mode')}</legend>
        ${privacyModes.map(
          (mode) =>
            html`<label class="choice"
              ><input type="radio" name="mode" .checked=${privacy?.mode === mode} @change=${() => this.#save({ mode })} />${w(`privacy.mode.${mode}`)}</label
            >`,
        )}
      </fieldset>
      <div class="part">
        ${box('hideActivity')}${box('hideLastActive')}
        <label class="choice"
          ><input
            type="checkbox"
            .checked=${this.readReceipts ?? true}
            ?disabled=${this.readReceipts === null}
            @change=${(event: Event) => {
              const { checked } = event.target as HTMLInputElement;
              void this.attempt(() => settingsCalls(client).putMessaging(checked)).then((isSaved) => {
                this.readReceipts = isSaved ? checked : !checked;
              });
            }}
          />${w('privacy.receipts')}</label
        >
      </div>
      ${this.renderOutcome()}
      <div class="part">
        <h3>${w('privacy.people')}</h3>
        ${this.watchers !== null && seers.length === 0 ? html`<p class="quiet">${w('privacy.nobody')}</p>` : nothing}
        <ul>
          ${seers.map((seer) => this.#renderSeer(seer))}
        </ul>
      </div>`;
  }

  #renderSeer(seer: Seer) {
    const { person, relationship, isContact, does } = seer;
    const offered = relationships
      .toReversed()
      .filter((one) => isContact || one === 'blocked' || one === relationship || isUsual(one, relationship));
    return html`<li class="one wraps">
      <jb-face size="28" .name=${person.displayName} .personId=${person.id}></jb-face>
      <span class="grow"
        ><span class="one-line line" dir="auto">${person.displayName}</span
        ><span class="quiet line">${does.join(' · ')}</span></span
      >
      <select
        class="field half"
        aria-label=${w('privacy.sees', { name: person.displayName })}
        ?disabled=${this.isWorking}
        @change=${(event: Event) => this.#grant(seer, (event.target as HTMLSelectElement).value as Relationship)}
      >
        ${offered.map((one) => html`<option value=${one} ?selected=${one === relationship}>${t(`relationship.${one}`)}</option>`)}
      </select>
    </li>`;
  }
}

/** What somebody has to whom nothing was granted; of a blocked stranger that is not known here, so colleague is offered. */
const isUsual = (one: Relationship, current: Relationship): boolean =>
  current === 'blocked' && one === 'colleague';

if (!customElements.get('jb-set-privacy')) customElements.define('jb-set-privacy', PrivacySection);

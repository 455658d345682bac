/** `<jb-set-you>`: one's photo, and when one is out of office. */
import '../ui/face.ts';
import { html, nothing } from 'lit';
import { limits } from '../../../server/protocol/vocabulary.ts';
import { formatUntil } from '../i18n/format.ts';
import { localInput } from './local-input.ts';
import { squarePicture } from './picture.ts';
import { SettingsSection } from './section.ts';
import { settingsCalls } from './settings-calls.ts';
import { w } from './words.ts';

export class YouSection extends SettingsSection {
  async #choose(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    // The same file may be chosen again.
    input.value = '';
    const { client } = this;
    if (!file || !client) return;
    let picture: Blob;
    try {
      picture = await squarePicture(file);
    } catch {
      this.saved = '';
      this.failure = w('you.photo.failed');
      return;
    }
    await this.attempt(async () => {
      await settingsCalls(client).putPhoto(picture);
      await client.reloadMe();
    });
  }

  #save(event: SubmitEvent): void {
    event.preventDefault();
    const { client } = this;
    if (!client) return;
    const given = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const instant = (name: string) => (text(name) === '' ? null : new Date(text(name)).toISOString());
    const from = instant('from');
    void this.attempt(async () => {
      await settingsCalls(client).setAbsence({
        note: text('note') || null,
        ...(from === null ? {} : { from }),
        until: instant('until'),
      });
      await client.reloadOwn();
    });
  }

  override render() {
    const { client } = this;
    if (!client) return nothing;
    const { me, people, own } = client.state();
    const hasPhoto = people.get(me.id)?.photo != null;
    const absence = own?.absence ?? null;
    return html`
      <div class="part">
        <h3>${w('you.photo')}</h3>
        <div class="row middle">
          <jb-face size="64" .name=${me.displayName} .personId=${me.id}></jb-face>
          <label class="button file"
            >${w('you.photo.choose')}<input
              type="file"
              accept="image/jpeg,image/png,image/webp"
              @change=${(event: Event) => this.#choose(event)}
          /></label>
          ${
            hasPhoto
              ? html`<button
                  class="button"
                  @click=${() =>
                    this.attempt(async () => {
                      await settingsCalls(client).removePhoto();
                      await client.reloadMe();
                    })}
                >
                  ${w('you.photo.remove')}
                </button>`
              : nothing
          }
        </div>
        <p class="quiet">${w('you.photo.hint')}</p>
      </div>
      <form class="part" @submit=${(event: SubmitEvent) => this.#save(event)}>
        <h3>${w('away.title')}</h3>
        ${absence ? html`<p>${this.#sentence(absence)}</p>` : nothing}
        <div class="row">
          <label
            >${w('away.from')}<input
              class="field"
              type="datetime-local"
              name="from"
              .value=${absence ? localInput(Date.parse(absence.from)) : ''}
          /></label>
          <label
            >${w('away.until')}<input
              class="field"
              type="datetime-local"
              name="until"
              .value=${absence?.until ? localInput(Date.parse(absence.until)) : ''}
          /></label>
        </div>
        <div class="row">
          <label
            >${w('away.note')}<textarea
              class="field"
              name="note"
              rows="3"
              dir="auto"
              maxlength=${limits.noteCharacters}
              .value=${absence?.note ?? ''}
            ></textarea>
          </label>
        </div>
        <div class="row">
          <button class="button primary" ?disabled=${this.isWorking}>${w('away.save')}</button>
          ${
            absence
              ? html`<button
                  type="button"
                  class="button"
                  ?disabled=${this.isWorking}
                  @click=${() =>
                    this.attempt(async () => {
                      await settingsCalls(client).endAbsence();
                      await client.reloadOwn();
                    })}
                >
                  ${w('away.end')}
                </button>`
              : nothing
          }
        </div>
        <p class="quiet">${w('away.hint')}</p>
      </form>
      ${this.renderOutcome()}
    `;
  }

  #sentence(absence: { from: string; until: string | null }): string {
    const now = Date.now();
    const from = Date.parse(absence.from);
    if (from > now) return w('away.planned', { from: formatUntil(from, now) });
    return absence.until
      ? w('away.now', { until: formatUntil(Date.parse(absence.until), now) })
      : w('away.open');
  }
}
if (!customElements.get('jb-set-you')) customElements.define('jb-set-you', YouSection);

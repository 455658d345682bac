/** `<jb-play-item>`: the open item, being read or written, with the messages that the add-in put on it. */
import { css, html, LitElement, nothing } from 'lit';
import { currentLocale } from '../../shared/i18n/i18n.ts';
import { playStyle } from '../style.ts';
import { symbol } from '../symbol.ts';
import { w } from '../words.ts';
import { face } from './face.ts';
import type { Line, Mailbox, MailboxItem, Mailperson } from './mailbox.ts';

/** As in Outlook on the web: a line shows a few people until it is expanded. */
const shownPeople = 6;

export class PlayItem extends LitElement {
  static override properties = {
    mailbox: { attribute: false },
    item: { attribute: false },
    known: { attribute: false },
  };
  declare mailbox: Mailbox;
  declare item: MailboxItem | null;
  /** Whom the address fields suggest. */
  declare known: readonly Mailperson[];

  static override styles = [
    playStyle,
    css`
      :host {
        display: flex;
        flex-direction: column;
        overflow-y: auto;
        padding: 16px 24px 24px;
      }
      .empty {
        align-content: center;
        color: var(--colorNeutralForeground3);
        flex: 1;
        text-align: center;
      }
      .head {
        align-items: flex-start;
        display: flex;
        gap: 8px;
        margin-bottom: 12px;
      }
      h2 {
        flex: 1;
        font-size: var(--fontSizeBase500);
        line-height: var(--lineHeightBase500);
        overflow-wrap: anywhere;
      }
      .author {
        display: flex;
        gap: 12px;
      }
      .face {
        border-radius: 50%;
        color: #fff;
        display: grid;
        flex: none;
        place-items: center;
      }
      .who {
        flex: 1;
        min-width: 0;
      }
      .name {
        font-weight: var(--fontWeightSemibold);
      }
      .line {
        color: var(--colorNeutralForeground2);
        font-size: var(--fontSizeBase200);
        line-height: var(--lineHeightBase200);
        margin-top: 2px;
      }
      .line button {
        color: var(--colorBrandForegroundLink);
        font-size: inherit;
        min-height: 0;
        padding: 0 2px;
      }
      .body {
        line-height: 1.55;
        margin-top: 20px;
        max-width: 68ch;
        white-space: pre-wrap;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: 28px;
      }
      .notification {
        align-items: center;
        background: var(--colorNeutralBackground3);
        border-radius: var(--borderRadiusMedium);
        display: flex;
        gap: 8px;
        margin-bottom: 8px;
        padding: 8px 12px;
      }
      .time {
        align-items: center;
        display: flex;
        gap: 8px;
        margin-top: 12px;
      }
      .field {
        align-items: flex-start;
        border-bottom: 1px solid var(--colorNeutralStroke2);
        display: flex;
        gap: 8px;
        padding: 4px 0;
      }
      .field > span,
      .field > label {
        color: var(--colorNeutralForeground3);
        flex: none;
        line-height: 32px;
        width: 80px;
      }
      .chips {
        display: flex;
        flex: 1;
        flex-wrap: wrap;
        gap: 4px;
      }
      .chip {
        align-items: center;
        background: var(--colorBrandBackground2);
        border-radius: var(--borderRadiusCircular);
        display: inline-flex;
        margin: 2px 0;
        padding-inline-start: 10px;
      }
      .chip button {
        min-height: 28px;
        min-width: 28px;
        padding: 0;
        justify-content: center;
      }
      .field input {
        border-color: transparent;
        flex: 1;
        min-width: 14ch;
      }
    `,
  ];

  override render(): unknown {
    const { item } = this;
    if (item === null) {
      return html`<div class="empty">
        ${symbol('mail', 48)}
        <h2>${w('item.none')}</h2>
        <div>${w('item.noneHint')}</div>
      </div>`;
    }
    const notifications = [...this.mailbox.notifications].map(
      ([key, one]) =>
        html`<div class="notification" role="status" data-key=${key}>${symbol('info')}<span>${one.message}</span>${one.action === undefined ? nothing : html`<span class="action">${one.action}</span>`}</div>`,
    );
    return html`${notifications}${item.mode === 'read' ? this.#reading(item) : this.#writing(item)}`;
  }

  #reading(item: MailboxItem): unknown {
    const isAppointment = item.kind === 'appointment';
    return html`<div class="head">
        <h2>${item.subject || w('item.noSubject')}</h2>
        ${this.#closeButton()}
      </div>
      <div class="author">
        ${face(item.from, 40)}
        <div class="who">
          <div class="name"><bdi>${this.#authorOf(item)}</bdi></div>
          ${this.#line(isAppointment ? 'item.required' : 'item.to', item.to)}
          ${this.#line(isAppointment ? 'item.optional' : 'item.cc', item.cc)}
        </div>
        <time class="secondary">${formatAt(item.at)}</time>
      </div>
      ${isAppointment ? this.#when(item) : nothing}
      <div class="body">${item.text}</div>
      <div class="actions">
        <button class="outlined" @click=${() => this.#reply(item, false)}>${symbol('reply')}${w('item.reply')}</button>
        <button class="outlined" @click=${() => this.#reply(item, true)}>${symbol('people')}${w('item.replyAll')}</button>
        ${isAppointment ? nothing : (['replyWithChat', 'chatWithSender'] as const).map((name) => this.#command(name))}
      </div>`;
  }

  /** A button of the add-in's own on the ribbon. */
  #command(name: 'replyWithChat' | 'chatWithSender'): unknown {
    const run = () => this.dispatchEvent(new CustomEvent('command', { detail: name }));
    return html`<button class="outlined" @click=${run}>${symbol('chat')}${w(`item.${name}`)}</button>`;
  }

  #authorOf(item: MailboxItem): string {
    const author = item.from.name || item.from.address;
    return item.sender ? w('item.sentBy', { sender: item.sender.name, author }) : author;
  }

  #when(item: MailboxItem): unknown {
    const times = new Intl.DateTimeFormat(currentLocale(), { dateStyle: 'full', timeStyle: 'short' });
    return html`<div class="time">${symbol('calendar')}${times.formatRange(item.at, item.until ?? item.at)}</div>
      ${item.location ? html`<div class="time">${symbol('info')}${item.location}</div>` : nothing}`;
  }

  #line(
    label: 'item.to' | 'item.cc' | 'item.required' | 'item.optional',
    people: readonly Mailperson[],
  ): unknown {
    if (people.length === 0) return nothing;
    const isLong = people.length > shownPeople;
    const shown = isLong && !this.mailbox.expanded ? people.slice(0, shownPeople) : people;
    const more = people.length - shown.length;
    return html`<div class="line">
      ${w(label)}: ${shown.map((person, index) => html`${index > 0 ? '; ' : ''}<bdi title=${person.address}>${nameOf(person)}</bdi>`)}
      ${
        isLong
          ? html`<button @click=${() => this.mailbox.setExpanded(!this.mailbox.expanded)}>
            ${more > 0 ? w('item.expand', { count: more }) : w('item.collapse')}
          </button>`
          : nothing
      }
    </div>`;
  }

  #writing(item: MailboxItem): unknown {
    const isAppointment = item.kind === 'appointment';
    const lines: [Line, string][] = isAppointment
      ? [
          ['to', w('item.required')],
          ['cc', w('item.optional')],
        ]
      : [
          ['to', w('item.to')],
          ['cc', w('item.cc')],
          ['bcc', w('item.bcc')],
        ];
    return html`<div class="head">
        <h2>${item.subject || w(isAppointment ? 'newAppointment' : 'newMail')}</h2>
        ${this.#closeButton()}
      </div>
      <datalist id="known">${this.known.map((person) => html`<option value=${`${person.name} <${person.address}>`}></option>`)}</datalist>
      ${lines.map(([line, label]) => this.#field(item, line, label))}
      ${isAppointment ? this.#times(item) : nothing}
      <div class="body" contenteditable="plaintext-only" role="textbox" aria-multiline="true" aria-label=${w('item.draft')}>${item.text}</div>`;
  }

  /** Start and end; an end that would come first is moved along. */
  #times(item: MailboxItem): unknown {
    const end = item.until ?? item.at;
    const local = (at: Date) =>
      new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    const move = (event: Event, isStart: boolean): void => {
      const at = new Date((event.target as HTMLInputElement).value);
      if (Number.isNaN(at.getTime())) return;
      const length = end.getTime() - item.at.getTime();
      if (isStart) this.mailbox.setTime(at, new Date(at.getTime() + length));
      else this.mailbox.setTime(item.at, at > item.at ? at : new Date(item.at.getTime() + 1_800_000));
    };
    return html`<div class="field">
        <label for="start">${w('item.start')}</label>
        <input id="start" type="datetime-local" .value=${local(item.at)} @change=${(event: Event) => move(event, true)} />
      </div>
      <div class="field">
        <label for="end">${w('item.end')}</label>
        <input id="end" type="datetime-local" .value=${local(end)} @change=${(event: Event) => move(event, false)} />
      </div>`;
  }

  #field(item: MailboxItem, line: Line, label: string): unknown {
    const people = item[line] ?? [];
    const set = (next: readonly Mailperson[]): void => this.mailbox.setRecipients(line, next);
    return html`<div class="field">
      <label for=${line}>${label}</label>
      <div class="chips">
        ${people.map(
          (person) => html`<span class="chip"
            ><bdi title=${person.address}>${person.name || person.address}</bdi
            ><button
              aria-label=${w('item.remove', { name: person.name || person.address })}
              @click=${() => set(people.filter((other) => other !== person))}
            >
              ${symbol('dismiss', 14)}
            </button></span
          >`,
        )}
        <input
          id=${line}
          list="known"
          autocomplete="off"
          placeholder=${people.length === 0 ? w('item.add') : ''}
          @keydown=${(event: KeyboardEvent) => {
            const input = event.target as HTMLInputElement;
            if (['Enter', ',', ';', 'Tab'].includes(event.key) && input.value.trim() !== '') {
              event.preventDefault();
              set([...people, ...toPeople(input.value, this.known)]);
              input.value = '';
            } else if (event.key === 'Backspace' && input.value === '') set(people.slice(0, -1));
          }}
          @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            if (input.value.trim() === '') return;
            set([...people, ...toPeople(input.value, this.known)]);
            input.value = '';
          }}
        />
      </div>
    </div>`;
  }

  #closeButton(): unknown {
    return html`<button class="icon" title=${w('item.close')} aria-label=${w('item.close')} @click=${() => this.mailbox.openItem(null)}>
      ${symbol('dismiss')}
    </button>`;
  }

  #reply(item: MailboxItem, toAll: boolean): void {
    const people = toAll ? [item.from, ...item.to, ...item.cc] : [item.from];
    this.dispatchEvent(new CustomEvent('reply', { detail: { item, people } }));
  }
}

function nameOf(person: Mailperson): string {
  const answers = {
    accepted: 'item.accepted',
    declined: 'item.declined',
    tentative: 'item.tentative',
    organiser: 'item.organiser',
  } as const;
  const name = person.name || person.address;
  return person.response === undefined ? name : `${name} (${w(answers[person.response])})`;
}

/** What somebody typed: `Bob <bob@contoso.example>`, a bare address, a name that is known. Several with `;`. */
function toPeople(typed: string, known: readonly Mailperson[]): Mailperson[] {
  return typed
    .split(/[;,]/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [, name, address] = /^(.*?)\s*<([^>]+)>$/.exec(one) ?? [one, one, one];
      const lower = (address ?? one).toLowerCase();
      return (
        known.find((person) => person.address === lower || person.name.toLowerCase() === lower) ?? {
          name: name ?? one,
          address: lower,
        }
      );
    });
}

function formatAt(at: Date): string {
  return new Intl.DateTimeFormat(currentLocale(), {
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  }).format(at);
}

customElements.define('jb-play-item', PlayItem);

/**
 * What the sections of the settings have in common: a client, one piece of work at a time, and one place for
 * what went wrong or well.
 */
import { css, html, LitElement, nothing } from 'lit';
import type { Client } from '../client/client.ts';
import { formatFailure } from '../client/problem.ts';
import { ClientController } from '../ui/client-controller.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../ui/styles.ts';
import { w } from './words.ts';

export abstract class SettingsSection extends LitElement {
  static override properties = {
    client: { attribute: false },
    isWorking: { state: true },
    failure: { state: true },
    saved: { state: true },
  };
  declare client: Client | null;
  declare isWorking: boolean;
  declare failure: string;
  /** What the last work came to, said once. */
  declare saved: string;

  constructor() {
    super();
    this.client = null;
    this.isWorking = false;
    this.failure = '';
    this.saved = '';
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      fieldset,
      .part {
        border: 0;
        margin: 0 0 20px;
        padding: 0;
        min-width: 0;
      }
      legend,
      h3 {
        padding: 0 0 4px;
        font-size: inherit;
        font-weight: var(--fontWeightSemibold);
      }
      .choice {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 32px;
        margin: 0;
        color: var(--colorNeutralForeground1);
        font-size: var(--fontSizeBase300);
        line-height: var(--lineHeightBase300);
      }
      .choice input {
        flex: none;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: end;
        margin-top: 8px;
      }
      .row > label {
        flex: 1 1 130px;
        min-width: 0;
        margin: 0;
      }
      .one {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 44px;
      }
      .one.wraps {
        flex-wrap: wrap;
        padding: 4px 0;
      }
      .one > .grow {
        flex: 1 1 140px;
        min-width: 0;
      }
      .row > label.button {
        flex: none;
      }
      .row + p,
      .row + progress {
        margin-top: 6px;
      }
      .row.middle {
        align-items: center;
      }
      .row.tight {
        margin-bottom: 0;
      }
      .row > .day {
        flex: none;
      }
      .line {
        display: block;
      }
      .field.half {
        flex: 1 1 200px;
        width: auto;
        min-width: 0;
        max-width: min(260px, 100%);
      }
      .up {
        transform: scaleY(-1);
      }
      ul {
        list-style: none;
      }
      textarea.field {
        display: block;
        resize: vertical;
        min-height: 64px;
      }
      .file {
        position: relative;
        overflow: hidden;
      }
      .file:focus-within {
        outline: 2px solid var(--colorStrokeFocus2);
        outline-offset: 1px;
      }
      .file input {
        position: absolute;
        inset: 0;
        opacity: 0;
        cursor: pointer;
        font-size: 0;
      }
      label.button {
        font-size: inherit;
        line-height: inherit;
        color: inherit;
        margin: 0;
      }
      .failure {
        color: var(--colorStatusDangerForeground1);
        overflow-wrap: anywhere;
      }
      p {
        overflow-wrap: anywhere;
      }
      progress {
        width: 100%;
      }
    `,
  ];

  /** Runs one piece of work; what it refuses is said in words, and `done` when it went well. */
  protected async attempt(work: () => Promise<unknown>, done = w('saved')): Promise<boolean> {
    if (this.isWorking) return false;
    this.isWorking = true;
    this.failure = '';
    this.saved = '';
    try {
      await work();
      this.saved = done;
      return true;
    } catch (error) {
      this.failure = formatFailure(error);
      return false;
    } finally {
      this.isWorking = false;
    }
  }

  protected renderOutcome() {
    return html`<p role="status" class="quiet">${this.saved}</p>
      ${this.failure ? html`<p class="failure" role="alert">${this.failure}</p>` : nothing}`;
  }
}

/**
 * What a run under faults must have come to, judged from its history alone: who was told what, and what the
 * store holds in the end. Pure; every complaint names what is wrong and where.
 */

export interface Acknowledged {
  readonly conversation: string;
  /** Unique in the run. */
  readonly text: string;
  readonly id: string;
  readonly seq: number;
}

export interface Stored {
  readonly id: string;
  readonly seq: number;
  readonly text: string;
}

export interface Received {
  /** Number in the log, from the event's cursor. */
  readonly event: number;
  readonly conversation: string;
  readonly id: string;
  readonly seq: number;
}

export interface History {
  readonly acknowledged: readonly Acknowledged[];
  /** Of each conversation: what each node answers as its whole history, and who takes part. */
  readonly conversations: ReadonlyMap<
    string,
    { readonly people: readonly string[]; readonly onNodes: readonly (readonly Stored[])[] }
  >;
  /** Of each person: every message that their stream brought, over all its connections, in order of arrival. */
  readonly received: ReadonlyMap<string, readonly Received[]>;
}

/** Everything that is wrong; empty where nothing acknowledged was lost or doubled and order was kept. */
export function judge({ acknowledged, conversations, received }: History): string[] {
  const complaints: string[] = [];
  const byConversation = Map.groupBy(acknowledged, ({ conversation }) => conversation);
  for (const [conversation, { people, onNodes }] of conversations) {
    const stored = onNodes[0] ?? [];
    for (const [node, other] of onNodes.entries())
      if (JSON.stringify(other) !== JSON.stringify(stored))
        complaints.push(`${conversation}: node ${node} shows another history than node 0`);
    stored.forEach(({ seq }, at) => {
      if (seq !== at + 1) complaints.push(`${conversation}: message ${at + 1} has the number ${seq}`);
    });
    const byText = Map.groupBy(stored, ({ text }) => text);
    for (const [text, rows] of byText)
      if (rows.length > 1) complaints.push(`${conversation}: "${text}" is there ${rows.length} times`);
    let before = 0;
    for (const { text, id, seq } of byConversation.get(conversation) ?? []) {
      const row = byText.get(text)?.[0];
      if (row === undefined) complaints.push(`${conversation}: "${text}" was acknowledged and is lost`);
      else if (row.id !== id || row.seq !== seq)
        complaints.push(`${conversation}: "${text}" was acknowledged as ${seq} and is ${row.seq}`);
      // One sender a conversation, who waits for each acknowledgement.
      if (seq <= before)
        complaints.push(`${conversation}: "${text}" was sent later and is ${seq}, not behind ${before}`);
      before = seq;
    }
    for (const person of people) {
      const got = (received.get(person) ?? []).filter((one) => one.conversation === conversation);
      const seqs = got.map(({ seq }) => seq);
      const missing = stored.filter(({ seq }) => !seqs.includes(seq));
      if (missing.length > 0)
        complaints.push(
          `${person} was never told of ${missing.map(({ seq }) => seq).join(', ')} in ${conversation}`,
        );
      if (new Set(seqs).size < seqs.length)
        complaints.push(`${person} was told twice in ${conversation}: ${seqs}`);
      if (seqs.some((seq, at) => at > 0 && seq < seqs[at - 1]!))
        complaints.push(`${person} was told out of order in ${conversation}: ${seqs}`);
    }
  }
  for (const [person, events] of received)
    events.forEach(({ event }, at) => {
      if (at > 0 && event <= events[at - 1]!.event)
        complaints.push(`${person} got event ${event} behind ${events[at - 1]!.event}`);
    });
  return complaints;
}

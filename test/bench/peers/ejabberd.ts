/**
 * ejabberd, where it is installed: presence as XMPP has it. A thousand people in a ring, each on the roster
 * of a hundred others; a publish is a presence on the person's own connection, which goes to those hundred
 * and back to that connection. An instance of its own in a folder of its own, which knows no other Erlang
 * node and leaves the system's service alone. It does more than the others: accounts, rosters, and stanzas
 * routed to each contact by itself; nothing is stored, nothing filtered by relationship.
 */
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '../jellybean.ts';
import { startServer } from '../processes.ts';
import { filler, type Peer } from './peer.ts';

const PEOPLE = 1_000;
const CONTACTS = 100;
const host = 'localhost';
const password = 'secret';
const nameOf = (person: number) => `person${String(person).padStart(6, '0')}`;

/** The folder of Erlang's libraries that ejabberd lies in. */
const libraries = globSync('/usr/lib/*/ejabberd-*/ebin').map((folder) => path.resolve(folder, '../..'))[0];

const configuration = (port: number): string => `
hosts: [${host}]
loglevel: error
listen:
  - { port: ${port}, ip: 127.0.0.1, module: ejabberd_c2s, starttls: false, shaper: none, backlog: 8192 }
auth_method: internal
auth_password_format: plain
cache_size: 1000000
modules: { mod_roster: {} }
`;

/** Erlang: people and rosters as the API would have made them, in a tenth of its time; the ring reaches as far back as ahead. */
const seed = (port: number): string => `
  Name = fun(Person) -> list_to_binary(io_lib:format("person~6..0b", [Person rem ${PEOPLE}])) end,
  People = lists:seq(${PEOPLE}, ${2 * PEOPLE - 1}), Host = <<"${host}">>,
  [ok = ejabberd_auth:try_register(Name(Person), Host, <<"${password}">>) || Person <- People],
  [mnesia:dirty_write({roster, {Name(Person), Host, {Name(Person + Step), Host, <<>>}}, {Name(Person), Host},
     {Name(Person + Step), Host, <<>>}, <<>>, both, none, [], <<>>, []})
   || Person <- People, Step <- lists:seq(-${CONTACTS / 2}, ${CONTACTS / 2}), Step =/= 0],
  io:format("listening on xmpp://127.0.0.1:${port}~n").`;

const stream = `<stream:stream to="${host}" xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" version="1.0">`;

export const ejabberd: Peer = {
  name: 'ejabberd',
  start: async () => {
    if (libraries === undefined) return null;
    const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-ejabberd-'));
    const port = await findFreePort();
    const settings = path.join(folder, 'ejabberd.yml');
    writeFileSync(settings, configuration(port));
    const server = await startServer(
      // One scheduler, for it has one core; kernel polling, as its own script has it.
      [
        '-noinput',
        '+K',
        'true',
        '+S',
        '1:1',
        '-mnesia',
        'dir',
        `"${folder}/spool"`,
        '-s',
        'ejabberd',
        '-eval',
        seed(port),
      ],
      {
        command: 'erl',
        cwd: folder,
        env: {
          HOME: folder,
          ERL_LIBS: libraries,
          ERL_MAX_PORTS: '16384',
          EJABBERD_CONFIG_PATH: settings,
          EJABBERD_LOG_PATH: path.join(folder, 'ejabberd.log'),
        },
      },
    );
    return {
      ...server,
      stop: async () => {
        const code = await server.stop();
        rmSync(folder, { recursive: true, force: true });
        return code;
      },
    };
  },
  /** Columns: 1 = name and password as SASL wants them. */
  profile: {
    marker: 'stamp=',
    subscribe: [
      { send: stream },
      { expect: '</stream:features>' },
      { send: '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">@1@</auth>' },
      { expect: '<success' },
      { send: stream },
      { expect: '</stream:features>' },
      {
        send: '<iq type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>desk</resource></bind></iq>',
      },
      { expect: '</bind></iq>' },
      { send: '<iq type="get" id="roster"><query xmlns="jabber:iq:roster"/></iq>' },
      { expect: '</query></iq>' },
      { send: '<presence/>' },
      { expect: '<presence' },
    ],
    publish: `<presence><status>stamp=@T@ ${filler}</status></presence>`,
    isPublishedOnStream: true,
  },
  columns: Array.from({ length: PEOPLE }, (_, person) => [
    Buffer.from(`\0${nameOf(person)}\0${password}`).toString('base64'),
  ]),
  echoes: 1,
};

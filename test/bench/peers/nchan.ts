/**
 * nginx with nchan, where it is installed: the server that pushed the most events a second of all that were
 * measured. One process on the servers' core, messages in memory, as the reference has them.
 *
 *   GET /stream/{group}     the stream        POST /publish/{group}   the body goes to the group
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePort } from '../jellybean.ts';
import { type ServerProcess, startServer } from '../processes.ts';
import { type Peer, postedProfile } from './peer.ts';

const program = ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find(existsSync);
const module = ['/usr/lib/nginx/modules', '/usr/local/nginx/modules', '/usr/lib64/nginx/modules']
  .map((folder) => path.join(folder, 'ngx_nchan_module.so'))
  .find(existsSync);

const configuration = (port: number): string => `
load_module ${module};
daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 16384;
pid nginx.pid; error_log stderr error;
events { worker_connections 12000; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  nchan_shared_memory_size 512M;
  server {
    listen 127.0.0.1:${port} backlog=8192;
    location ~ ^/stream/(.+)$ { nchan_subscriber eventsource; nchan_channel_id $1; nchan_subscriber_first_message newest; }
    location ~ ^/publish/(.+)$ { nchan_publisher http; nchan_channel_id $1; nchan_message_buffer_length 100; nchan_message_timeout 10s; }
  }
}
`;

async function start(): Promise<ServerProcess | null> {
  if (program === undefined || module === undefined) return null;
  const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-nchan-'));
  const port = await findFreePort();
  writeFileSync(path.join(folder, 'nginx.conf'), configuration(port));
  // It does not say when it listens, so the shell says where, and the port is asked until it answers.
  const server = await startServer(
    ['-c', `echo listening on http://127.0.0.1:${port}; exec ${program} -p ${folder} -c nginx.conf`],
    { command: 'sh' },
  );
  const stop = async () => {
    const code = await server.stop();
    rmSync(folder, { recursive: true, force: true });
    return code;
  };
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries === 50) {
      await stop();
      throw new Error('nginx does not listen');
    }
    await wait(100);
  }
  return { ...server, stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export const nchan: Peer = {
  name: 'nchan',
  start,
  profile: {
    ...postedProfile,
    subscribe: [
      { send: 'GET /stream/@G@ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n' },
      { expect: ': hi' },
    ],
  },
  asked: { 16: { cpu: 1.2 }, 160: { cpu: 0.6, rate: 2 } },
};

// Keeps the page alive without its server: the files of one build, whole or not at all.
//
// Invariants:
// 1. A cache holds one build. It is named after it, and every file is checked against the hash that
//    this script was written with, so a server that changes while it is filled spoils nothing.
// 2. The page's own files carry their build in their address, so a page only ever gets files of its
//    own build: from any cache that has them, or from a server of that build.
// 3. The server is asked first for the page itself; the cache answers when the server doesn't.

/* Both are written by `cargo xtask web`. */
const BUILD = 'none';
const FILES = {};

const PREFIX = 'vivarium-';
const CACHE = PREFIX + BUILD;

async function fill() {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.entries(FILES).map(async ([path, integrity]) => {
    const answer = await fetch(path, { integrity, cache: 'no-cache' });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await cache.put(path, answer);
  }));
}

/** The build before this one stays: a page of it may still be open and ask for a file. */
async function tidy() {
  const own = (await caches.keys()).filter(name => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(own.slice(0, -1).map(name => caches.delete(name)));
  await self.clients.claim();
}

/** What has no build in its address: from the server, or from this build when there is none. */
async function answerNewest(request) {
  try {
    return await fetch(request);
  } catch (unreachable) {
    const { pathname } = new URL(request.url);
    const cache = await caches.open(CACHE);
    return await cache.match(pathname === '/index.html' ? '/' : pathname) ?? Promise.reject(unreachable);
  }
}

/** A file of one build: whoever has it has the right one. */
async function answerFile(request) {
  return await caches.match(request) ?? await fetch(request);
}

self.addEventListener('install', event => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener('activate', event => event.waitUntil(tidy()));
self.addEventListener('fetch', event => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  event.respondWith(url.searchParams.has('b') ? answerFile(request) : answerNewest(request));
});

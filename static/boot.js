// Starts the page: loads the WebAssembly module, hands its tools to curious people under
// `window.vivarium`, and says so plainly when something fails. Files that only few visitors need are
// fetched when they do; every file of the page is asked for by its build, so that no two ever meet.

const notice = document.getElementById('notice');

function stopped(why) {
  if (!notice.hidden) return;
  document.getElementById('notice-why').textContent = String(why);
  notice.hidden = false;
  document.getElementById('notice-reload').focus();
}

document.getElementById('notice-reload').addEventListener('click', () => location.reload());
// A panic in the module ends every later call with an error: tell the visitor once.
window.addEventListener('error', event => { if (event.error) stopped(event.message); });
window.addEventListener('unhandledrejection', event => stopped(event.reason));

// The reader's own choice from last time, before the first picture, so that nothing flashes.
const wanted = name => {
  try { return localStorage.getItem(`vivarium.${name}`); } catch { return null; }
};
const build = new URL(import.meta.url).search;
const root = document.documentElement;
const query = new URLSearchParams(location.search);
if (query.has('embed')) root.dataset.embed = 'on';
if (root.dataset.embed === 'on' && query.has('diagram')) root.dataset.embed = 'diagram';
const embedded = root.dataset.embed !== undefined;

const theme = (embedded ? query.get('theme') : null) ?? wanted('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');
root.dataset.theme = theme === 'light' ? 'light' : 'dark';

// Who works by keyboard goes on from where they were before, once what had the focus is gone: a
// dialog that closed, a button that did its work.
const visited = [];
addEventListener('focusin', ({ target }) => { if (visited.push(target) > 16) visited.shift(); });
const takes = it => it.isConnected && !it.disabled && it.checkVisibility();
const keepFocus = () => {
  const last = visited.at(-1);
  if (document.activeElement !== document.body || !last || takes(last)) return;
  (visited.findLast(takes) ?? document.getElementById('stage')).focus({ preventScroll: true });
};
addEventListener('keydown', keepFocus, true);
for (const act of ['keyup', 'click']) addEventListener(act, () => setTimeout(keepFocus, 60));

try {
  const parts = ['/pkg/vivarium_web.js', '/paint.js'].map(part => import(part + build));
  const [page, { paint }] = await Promise.all(parts);
  await page.default({ module_or_path: `/pkg/vivarium_web_bg.wasm${build}` });
  window.vivarium = {
    state: page.state,
    hash: page.hash,
    frames: async (from, to) => JSON.parse(await page.frames(from, to) ?? 'null'),
    link: page.link,
    seek: page.seek,
    replay: page.replay,
    paint,
    takeAway: async (...what) => (await import(`/take-away.js${build}`)).takeAway(...what),
    openTrace: async source => (await import(`/take-away.js${build}`)).openTrace(source),
  };
  if (embedded) (await import(`/embed.js${build}`)).embed(page);
} catch (why) {
  stopped(why);
}

// Paper wants the drawing at once, when the browser is about to print, so it is at hand by then.
const quiet = task => window.requestIdleCallback?.(task, { timeout: 3000 }) ?? setTimeout(task, 500);
quiet(async () => {
  const picture = await import(`/picture.js${build}`).catch(() => null);
  if (!picture) return;
  const sheet = document.createElement('div');
  sheet.id = 'paper';
  document.body.append(sheet);
  addEventListener('beforeprint', () => { sheet.innerHTML = picture.onPaper(); });
  addEventListener('afterprint', () => { sheet.textContent = ''; });
  root.dataset.printable = 'yes';
  // A frame in another page belongs to that page, which may not want to be kept.
  if (!embedded && 'serviceWorker' in navigator) {
    navigator.serviceWorker.register('/sw.js').catch(() => { /* The page lives without it. */ });
  }
});
